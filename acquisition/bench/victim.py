"""A program that measures and is killed at a moment that was told; started by `acquisition.bench.killed_runs`."""

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from io import FileIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from acquisition.bench.kill_plan import KILLED, KillPlan, Moment
from acquisition.session import LocalSession, run_job
from acquisition.storage import Journal, RunFolder, files, recorder, segments, write_json

PROGRESS_S = 0.05
JSON = ("run.json", "truth.json")


def main(arguments: list[str]) -> int:
    """Start or resume a run and follow it to its end, unless killed.

    Parameters
    ----------
    arguments : list of str
        ``start SEQUENCE OUT SEED`` or ``resume RUN``, then ``--analyse`` or ``--count-only``, then a plan as text.
    """
    *what, analysis, plan = arguments
    with ExitStack() as stack:
        stack.enter_context(_killed_at(KillPlan.of_text(plan)))
        if analysis == "--count-only":
            stack.enter_context(patch.object(run_job, "analyze_run", _count))
            stack.enter_context(patch.object(run_job, "write_report", lambda path: path))
        if what[0] == "start":
            session = stack.enter_context(LocalSession("simulated", what[2], int(what[3])))
            return _follow(session, session.start(what[1]))
        session = stack.enter_context(LocalSession.of_run(what[1]))
        return _follow(session, session.resume_run(what[1]))


def _follow(session: LocalSession, run: str) -> int:
    """Say what is measured until the run has ended: run, wall time in s, point and seconds of its present part."""
    while True:
        status = session.wait(PROGRESS_S)
        print(run, time.monotonic(), status["point"], status["elapsed_s"] or 0.0, sep="\t", flush=True)
        if status["outcome"] is not None:
            print(status["message"], file=sys.stderr)
            return 0 if status["ok"] else 1


def _count(folder: RunFolder, report: Callable[[str], None]) -> None:
    """Stand in for the analysis where only the recordings are looked at."""
    report("counting")
    record = folder.read_run_json()
    points = [{"number": point["number"], "photons": point["photons"]} for point in record["points"]]
    write_json(folder.results_json, {"simulated": True, "points": points})


class _Counter:
    """Kills this program at the nth call."""

    def __init__(self, count: int) -> None:
        self._left, self._lock = count, threading.Lock()

    def is_due(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left == 0


def _die() -> None:
    os._exit(KILLED)


def _killed_at(plan: KillPlan) -> AbstractContextManager[Any]:
    """Return what kills this program inside it; nothing if that is done from outside."""
    counter = _Counter(plan.count)
    match plan.moment:
        case Moment.STEP:
            return patch.object(Journal, "append", _after_step(counter))
        case Moment.JOURNAL_TORN:
            init, append = _torn_line(counter)
            return patch.multiple(Journal, __init__=init, append=append)
        case Moment.BLOCK:
            return patch.object(segments.SegmentWriter, "append", _after_block(counter))
        case Moment.BLOCK_TORN:
            return patch.object(segments, "FileIO", _torn_file(counter))
        case Moment.JSON_BEFORE | Moment.JSON_AFTER:
            return patch.object(files, "publish", _around_publishing(counter, plan.moment))
        case Moment.PHOTON_FILE:
            return patch.object(recorder, "remove_segments", _before_removal(counter))
        case Moment.TIME:
            return nullcontext()


def _after_step(counter: _Counter) -> Callable[..., None]:
    append = Journal.append

    def append_and_die(journal: Journal, event: dict[str, Any]) -> None:
        append(journal, event)
        if str(event["event"]).startswith(("step_", "point_")) and counter.is_due():
            _die()

    return append_and_die


def _torn_line(counter: _Counter) -> tuple[Callable[..., None], Callable[..., None]]:
    """Return methods of a journal that writes one line by half."""
    init, append = Journal.__init__, Journal.append
    paths: list[Path] = []

    def remember(journal: Journal, path: Path) -> None:
        paths.append(path)
        init(journal, path)

    def tear(journal: Journal, event: dict[str, Any]) -> None:
        if counter.is_due():
            with paths[-1].open("ab") as file:
                file.write(f'{{"time": "2026-11-20T22:15:03.000+00:00", "event": "{event["event"][:3]}'.encode())
            _die()
        append(journal, event)

    return remember, tear


def _after_block(counter: _Counter) -> Callable[..., None]:
    append = segments.SegmentWriter.append

    def append_and_die(writer: segments.SegmentWriter, block: Any) -> None:
        append(writer, block)
        if counter.is_due():
            _die()

    return append_and_die


def _torn_file(counter: _Counter) -> type[FileIO]:
    class TornFile(FileIO):
        """Writes one piece of data by half."""

        def write(self, data: Any, /) -> int:
            if counter.is_due():
                super().write(bytes(data)[: len(data) // 2])
                _die()
            return super().write(data)

    return TornFile


def _around_publishing(counter: _Counter, moment: Moment) -> Callable[[Path, Path], None]:
    publish = files.publish

    def publish_and_die(part: Path, path: Path) -> None:
        due = path.name in JSON and counter.is_due()
        if due and moment is Moment.JSON_BEFORE:
            _die()
        publish(part, path)
        if due:
            _die()

    return publish_and_die


def _before_removal(counter: _Counter) -> Callable[[Any], None]:
    remove = recorder.remove_segments

    def die_or_remove(point: Any) -> None:
        if counter.is_due():
            _die()
        remove(point)

    return die_or_remove


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
