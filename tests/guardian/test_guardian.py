"""Whatever becomes of a session, its guardian leaves the instruments safe, and tells what it has done."""

import json
import os
import signal
import time
from textwrap import indent

import pytest

from tests.guardian.fakes import ARMED, Program, rescue, wait_until_gone

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="sends signals as only POSIX knows them"),
    pytest.mark.timeout(90),
]

FOREVER = ARMED + "time.sleep(60)"


@pytest.fixture
def start(tmp_path):
    programs = []

    def start_program(*arguments, **more):
        programs.append(Program(tmp_path, *arguments, **more))
        return programs[-1]

    yield start_program
    for program in programs:
        program.close()


@pytest.fixture
def noted(tmp_path):
    """What has been made safe, in its order."""
    file = tmp_path / "noted.txt"

    def words():
        return file.read_text().split() if file.exists() else []

    words.file = str(file)
    return words


def test_after_kill_9_the_instruments_are_made_safe_and_the_bias_goes_off_last(start, noted, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    rescues = [
        rescue("spad_array", last=True, file=noted.file, word="bias"),
        rescue("laser", file=noted.file, word="light"),
        rescue("heater", file=noted.file, word="heat"),
    ]
    program = start(rescues, FOREVER, run=run)
    program.armed()
    os.kill(program.session, signal.SIGKILL)
    assert program.end() == 1
    assert sorted(noted()[:2]) == ["heat", "light"]
    assert noted()[2:] == ["bias"]
    assert "the session was ended by SIGKILL; the guardian has made safe: spad_array, laser, heater." in program.said
    assert f"cascadescope run --resume {run}" in program.said
    for file in (program.log, run / "guardian.jsonl"):
        [event] = [json.loads(line) for line in file.read_text().splitlines()]
        assert event["how"] == "was ended by SIGKILL"
        assert event["run"] == str(run)
        assert [each["safe"] for each in event["instruments"]] == [True, True, True]


def test_a_session_that_stands_still_is_ended_within_about_a_second(start, noted):
    program = start([rescue("laser", file=noted.file, word="light")], FOREVER)
    program.armed()
    stopped_s = time.monotonic()
    os.kill(program.session, signal.SIGSTOP)
    assert program.end() == 1
    assert time.monotonic() - stopped_s < 5
    assert noted() == ["light"]
    assert "said nothing for 1." in program.said
    assert wait_until_gone(program.session)


def test_a_session_that_computes_without_end_still_beats(start, noted):
    busy = ARMED + "end = time.monotonic() + 2.5\nwhile time.monotonic() < end: sum(range(10000))\nguarded.close()"
    program = start([rescue("laser", file=noted.file, word="light")], busy)
    program.armed()
    assert program.end() == 0
    assert noted() == []
    assert program.said == ""


def test_a_session_that_has_closed_its_instruments_ends_as_it_likes(start, noted):
    program = start([rescue("laser", file=noted.file, word="light")], ARMED + "guarded.close()\nsys.exit(7)")
    program.armed()
    assert program.end() == 7
    assert noted() == []
    assert wait_until_gone(program.guardian)
    assert not program.log.exists()


def test_a_session_that_ends_without_closing_its_instruments_has_them_made_safe(start, noted):
    program = start([rescue("laser", file=noted.file, word="light")], ARMED + "sys.exit(0)")
    program.armed()
    assert program.end() == 1
    assert noted() == ["light"]


def test_one_that_fails_or_hangs_does_not_keep_the_others_unsafe_and_is_told(start, noted, tmp_path):
    rescues = [
        rescue("camera", "fail"),
        rescue("shutter", "late", file=noted.file, tries=str(tmp_path / "tries.txt")),
        rescue("spad_array", last=True, file=noted.file, word="bias"),
    ]
    program = start(rescues, FOREVER, persist_s=2)
    program.armed()
    os.kill(program.session, signal.SIGKILL)
    assert program.end(40) == 1
    assert noted() == ["late", "bias"]
    assert "made safe: shutter, spad_array. NOT SAFE: camera (the port is gone)." in program.said
    assert "switch them off by hand" in program.said


def test_a_way_to_safety_that_is_not_there_is_refused_before_anything_is_on(start):
    program = start([rescue("laser", "nowhere")], "say('never')")
    assert program.line().startswith("refused laser: fake_rescues.nowhere cannot be used")
    assert program.end() == 3


def test_a_session_notices_at_once_that_its_guardian_was_killed(start, noted):
    wait_for_loss = ARMED + "assert lost.wait(10)\nsay('safe', time.monotonic())"
    program = start([rescue("laser", file=noted.file, word="light")], wait_for_loss)
    program.armed()
    killed_s = time.monotonic()
    os.kill(program.guardian, signal.SIGKILL)
    assert program.line() == "lost the guardian has died"
    assert float(program.line().split()[1]) - killed_s < 0.5
    assert program.end() == 1
    assert "the guardian was ended from outside" in program.said


def test_a_guardian_that_stands_still_is_noticed_too(start, noted):
    program = start(
        [rescue("laser", file=noted.file, word="light")], ARMED + "assert lost.wait(20)", guardian_end_s=0.5
    )
    program.armed()
    os.kill(program.guardian, signal.SIGSTOP)
    assert program.line().startswith("lost the guardian has said nothing for")
    assert program.end() == 1
    assert "the guardian stands still although the session has ended, and was ended" in program.said


ENDS_WELL = f"""
try:
{indent(ARMED.strip(), "    ")}
    time.sleep(60)
except KeyboardInterrupt:
    say('interrupted')
    guarded.close()
    sys.exit(130)
"""

COUNTS = f"""
presses, end, began = 0, time.monotonic() + 1.5, False
while time.monotonic() < end:
    try:
        if not began:
            began = True
{indent(ARMED.strip(), "            ")}
        time.sleep(max(0, end - time.monotonic()))
    except KeyboardInterrupt:
        presses += 1
say('pressed', presses)
guarded.close()
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_to_the_program_that_was_started_reaches_the_session(name, start, noted):
    program = start([rescue("laser", file=noted.file, word="light")], ENDS_WELL)
    program.armed()
    program.process.send_signal(getattr(signal, name))
    assert program.line() == "interrupted"
    assert program.end() == 130
    assert noted() == []


def test_ctrl_c_reaches_the_session_once_and_the_guardian_not_at_all(start, noted):
    program = start([rescue("laser", file=noted.file, word="light")], COUNTS)
    program.armed()
    assert os.getpgid(program.session) == os.getpgid(program.process.pid) != os.getpgid(program.guardian)
    os.killpg(program.process.pid, signal.SIGINT)
    assert program.line() == "pressed 1"
    assert program.end() == 0


def test_ctrl_z_does_not_stop_a_program_that_looks_after_light(start, noted):
    program = start([rescue("laser", file=noted.file, word="light")], ARMED + "time.sleep(1.5)\nguarded.close()")
    program.armed()
    os.killpg(program.process.pid, signal.SIGTSTP)
    assert program.end() == 0
    assert noted() == []


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
def test_without_the_program_that_was_started_the_session_ends_in_good_order(name, start, noted):
    program = start([rescue("laser", file=noted.file, word="light")], ENDS_WELL)
    program.armed()
    program.process.send_signal(getattr(signal, name))
    assert program.line() == "interrupted"
    assert wait_until_gone(program.session)
    program.process.send_signal(signal.SIGCONT)
    program.end()
    assert wait_until_gone(program.guardian)
    assert noted() == []
