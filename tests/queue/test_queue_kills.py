"""A program that is killed at any moment loses no entry of the queue, and none is run twice."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from acquisition.queue import QueueRunner, Request, RunQueue
from tests.queue.fakes import SEQUENCE, FakeSession, starts

ROOT = Path(__file__).resolve().parent.parent.parent
ENTRIES = 3

PROGRAM = """
import os, sys, threading
from pathlib import Path
from acquisition.queue import QueueRunner, RunQueue
from tests.queue.fakes import FakeSession

file, moment, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
seen = 0

def at(now):
    global seen
    seen += now == moment
    if now == moment and seen == count:
        os._exit(9)

QueueRunner(RunQueue(file), lambda rig, out: FakeSession(out, at=at)).run(threading.Event())
"""


@pytest.mark.parametrize(
    ("moment", "count", "policy"),
    [("start", 2, "skip"), ("run", 2, "resume"), ("run", 2, "repeat"), ("end", 1, "repeat"), ("wait", 3, "repeat")],
)
def test_a_queue_whose_program_is_killed_is_carried_out_to_its_end(tmp_path, policy, moment, count):
    file, runs = tmp_path / "queue.sqlite", tmp_path / "runs"
    queue = RunQueue(file)
    for _ in range(ENTRIES):
        queue.add(Request(sequence=SEQUENCE, out=str(runs), on_interrupt=policy))
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(file), moment, str(count)],
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert killed.returncode == 9
    assert [entry.id for entry in RunQueue(file).entries()] == [1, 2, 3]

    QueueRunner(RunQueue(file), lambda rig, out: FakeSession(out)).run(threading.Event())

    ended = {entry.id: str(entry.state) for entry in RunQueue(file).entries()}
    cut_off = moment in ("start", "run")  # before the run itself had ended
    assert ended == {
        number: "skipped" if cut_off and policy == "skip" and number == count else "completed" for number in (1, 2, 3)
    }
    begun = [what["metadata"]["queue_entry"] for verb, what, _ in starts(runs) if verb == "start"]
    assert len(begun) == len(set(begun))
    times = {number: sum(mark.startswith(f"{number}-") for mark in begun) for number in (1, 2, 3)}
    again = moment == "run" and policy == "repeat"  # as its policy asks
    assert times == {
        number: 1 + (again and number == count) - (ended[number] == "skipped" and moment == "start")
        for number in (1, 2, 3)
    }
    resumed = [run for verb, run, _ in starts(runs) if verb == "resume"]
    assert len(resumed) == (moment == "run" and policy == "resume")
