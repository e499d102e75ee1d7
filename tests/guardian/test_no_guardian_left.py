"""If the guardian is gone, too, the program that was started makes safe; what fails is tried for minutes."""

import json
import os
import signal
import time

import pytest

from tests.guardian.fakes import ARMED, Program, rescue, wait_until_gone

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="sends signals as only POSIX knows them"),
    pytest.mark.timeout(90),
]

FOREVER = ARMED + "time.sleep(60)"


@pytest.fixture
def noted(tmp_path):
    file = tmp_path / "noted.txt"

    def words():
        return file.read_text().split() if file.exists() else []

    words.file = str(file)
    return words


@pytest.fixture
def start(tmp_path, noted):
    programs = []

    def start_program(rescues=None, act=FOREVER, **more):
        programs.append(Program(tmp_path, rescues or both(noted), act, **more))
        programs[-1].armed()
        return programs[-1]

    yield start_program
    for program in programs:
        program.close()


def both(noted):
    return [
        rescue("spad_array", last=True, file=noted.file, word="bias"),
        rescue("laser", file=noted.file, word="light"),
    ]


@pytest.mark.parametrize(
    ("to_guardian", "to_session"),
    [("SIGKILL", "SIGKILL"), ("SIGSTOP", "SIGSTOP"), ("SIGKILL", "SIGSTOP"), ("SIGSTOP", "SIGKILL")],
)
def test_if_guardian_and_session_are_gone_or_silent_the_program_that_was_started_makes_safe(
    to_guardian, to_session, start, noted, tmp_path
):
    run = tmp_path / "run"
    run.mkdir()
    program = start(run=run)
    began_s = time.monotonic()
    os.kill(program.guardian, getattr(signal, to_guardian))
    os.kill(program.session, getattr(signal, to_session))
    assert program.end() == 1
    assert time.monotonic() - began_s < 10
    assert noted() == ["light", "bias"]
    assert "the program at the terminal has made safe: spad_array, laser." in program.said
    assert "makes the instruments safe itself" not in program.said
    for file in (program.log, run / "guardian.jsonl"):
        [event] = [json.loads(line) for line in file.read_text().splitlines()]
        assert event["by"] == "the program at the terminal"
        assert [each["safe"] for each in event["instruments"]] == [True, True]
    assert wait_until_gone(program.session)
    assert wait_until_gone(program.guardian)


def test_a_guardian_that_dies_while_it_makes_safe_is_replaced(start, noted, tmp_path):
    program = start([rescue("laser", "fail"), rescue("heater", file=noted.file, word="heat")], persist_s=2)
    os.kill(program.session, signal.SIGKILL)
    assert wait_until_gone(program.session)
    os.kill(program.guardian, signal.SIGKILL)
    assert program.wait_until_said("the program at the terminal has made safe: heater. NOT SAFE: laser")
    assert program.end(40) == 1


def test_a_session_that_has_closed_its_instruments_when_its_guardian_had_died_leaves_nothing_to_be_done(start, noted):
    program = start(act=ARMED + "assert lost.wait(10)\nguarded.close()")
    os.kill(program.guardian, signal.SIGKILL)
    assert program.end() == 1
    assert noted() == []
    assert "made safe" not in program.said


def test_an_instrument_whose_cable_comes_back_is_made_safe_later_and_that_is_told(start, noted, tmp_path):
    cable = tmp_path / "cable"
    program = start([rescue("heater", "cable", file=noted.file, cable=str(cable))], persist_s=60)
    os.kill(program.session, signal.SIGKILL)
    assert program.wait_until_said("NOT SAFE: heater (the cable is out)")
    cable.touch()
    assert program.end() == 1
    assert noted() == ["safe"]
    assert "heater is safe now" in program.said
    assert "GAVE UP" not in program.said
    events = [json.loads(line)["event"] for line in program.log.read_text().splitlines()]
    assert events == ["session_ended_by_guardian", "made_safe_later"]


def test_what_is_given_up_is_named_loudly_on_the_terminal_and_in_the_log(start, noted, tmp_path):
    program = start([rescue("heater", "fail")], persist_s=2)
    os.kill(program.session, signal.SIGKILL)
    assert program.end(40) == 1
    assert "GAVE UP, STILL NOT SAFE: heater (the port is gone)." in program.said
    first, last = [json.loads(line) for line in program.log.read_text().splitlines()]
    assert first["event"] == "session_ended_by_guardian"
    assert (last["event"], last["instruments"][0]["device"]) == ("gave_up", "heater")


def test_ctrl_c_gives_up_what_could_not_be_made_safe(start):
    program = start([rescue("heater", "fail")], persist_s=300)
    os.kill(program.session, signal.SIGKILL)
    assert program.wait_until_said("Ctrl-C gives up")
    program.process.send_signal(signal.SIGINT)
    assert program.end() == 1
    assert "GAVE UP, STILL NOT SAFE: heater" in program.said
