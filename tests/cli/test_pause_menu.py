"""What a person at the terminal is offered: a menu by Ctrl-C, questions of the run, and ways out that always work."""

import io
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from rich.console import Console

from acquisition.cli import asking, follow, keyboard, pause_menu
from acquisition.cli.ending import ProgramEnds
from acquisition.session import SessionError

DEVICES = [
    {"role": "laser", "readings": {"emission": False}},
    {"role": "shutter", "readings": {"open": False}},
    {"role": "heater", "readings": {"temperature_c": 40.04, "setpoint_c": 40.0, "heating": True}},
    {"role": "spad_array", "readings": {"bias": True}},
]
RUNNING = {
    "state": "running",
    "outcome": None,
    "message": "soak",
    "run": "runs/dot",
    "question": None,
    "simulated": False,
}
RUNNING |= dict.fromkeys(("photons", "count_rate_cps", "cascades", "charge_state", "remaining_s"))
LOOK = object()
QUESTION = {"text": "In focus?", "choices": ["yes", "no"]}


class Terminal:
    """A session with a person before it: `script` holds what happens at each look, and what is typed."""

    def __init__(self, *script):
        self._script = list(script)
        self.state, self.question, self.outcome = "running", None, None
        self.asked, self.prompts = [], []
        self.refuse = None

    def wait(self, timeout_s):
        if self._script and isinstance(self._script[0], BaseException):
            raise self._script.pop(0)
        if self._script and self._script[0] is LOOK:
            self._script.pop(0)
        elif self._script and isinstance(self._script[0], dict):
            self.question = self._script.pop(0)
        elif not self._script:
            self.outcome, self.state = self.outcome or "completed", "idle"
        return self.status()

    def status(self):
        return {**RUNNING, "state": self.state, "question": self.question, "outcome": self.outcome}

    def devices(self):
        return DEVICES

    def ask(self, prompt, needed):
        self.prompts.append(prompt)
        if not needed():
            return None
        said = self._script.pop(0)
        if isinstance(said, BaseException):
            raise said
        return said

    def pause(self, reason):
        if self.refuse:
            raise SessionError(self.refuse)
        self.asked.append(f"pause: {reason}")
        self.state = "paused"

    def resume(self):
        self.asked.append("resume")
        self.state = "running"

    def stop(self):
        self.asked.append("stop")
        self.state, self.outcome = "idle", "stopped"

    def note(self, text, author):
        self.asked.append(f"note: {text}")

    def answer(self, text):
        self.asked.append(f"answer: {text}")
        self.question = None

    def abort(self):
        self.asked.append("abort")
        self.state, self.outcome = "idle", "aborted"

    def emergency_stop(self):
        self.asked.append("emergency stop")


CTRL_C = KeyboardInterrupt
PAUSED = "pause: asked for at the terminal (Ctrl-C)"


def followed(session):
    screen = Console(file=io.StringIO(), width=120, highlight=False)
    status, interrupted = follow.follow(session, screen, ask=session.ask)
    return status["outcome"], interrupted, screen.file.getvalue()


def test_what_an_instrument_does_not_tell_is_shown_as_it_was_set_or_not_at_all():
    devices = [
        {"role": "laser", "readings": {}, "settings": {"emission": False}},
        {"role": "spad_array", "readings": {"laser_rate_hz": 1e6}, "settings": {"bias": True}},
        {"role": "shutter", "readings": {}, "settings": {}},
    ]
    [_, line] = pause_menu._what_is_on(devices)
    assert line == "  laser off (as it was set), shutter not known, SPAD bias on (as it was set)"


def test_an_instrument_that_does_not_answer_is_told_and_hides_no_other():
    devices = [
        {"role": "shutter", "readings": {"open": False}, "problem": None},
        {"role": "heater", "readings": {}, "problem": "heater: does not answer"},
    ]
    assert list(pause_menu._what_is_on(devices))[1:] == ["  shutter closed", "  no answer: heater: does not answer"]


@pytest.mark.parametrize(("on", "declared", "shown"), [(False, False, "off"), (True, True, "on (as declared)")])
def test_a_laser_with_readings_of_other_names_is_shown_by_what_its_interface_says(on, declared, shown):
    laser = {"role": "laser", "readings": {"trigger_output": on}, "emission": on, "emission_declared": declared}
    assert list(pause_menu._what_is_on([laser]))[1] == f"  laser {shown}"


def test_ctrl_c_pauses_and_shows_what_is_on_and_the_run_can_go_on():
    session = Terminal(CTRL_C(), "r")
    outcome, interrupted, shown = followed(session)
    assert session.asked == [PAUSED, "resume"]
    assert (outcome, interrupted) == ("completed", False)
    assert "no light falls on the sample" in shown
    assert "laser off, shutter closed, SPAD bias on" in shown
    assert "heater holds 40 degC, substrate at 40.0 degC" in shown


def test_a_note_is_taken_and_the_menu_comes_again_until_something_is_chosen():
    session = Terminal(CTRL_C(), "", "n", "looks dim", "what?", "resume")
    assert followed(session)[0] == "completed"
    assert session.asked == [PAUSED, "note: looks dim", "resume"]
    assert len([prompt for prompt in session.prompts if prompt.startswith("[r]esume")]) == 4


def test_stop_in_the_menu_ends_the_run_as_stop_does():
    session = Terminal(CTRL_C(), "s")
    assert followed(session)[:2] == ("stopped", False)
    assert session.asked == [PAUSED, "stop"]


@pytest.mark.parametrize("said", ["a", "abort", CTRL_C(), ProgramEnds()], ids=repr)
def test_the_menu_is_left_by_an_abort(said, capsys):
    session = Terminal(CTRL_C(), said)
    assert followed(session)[:2] == ("aborted", True)
    assert session.asked == [PAUSED, "abort"]
    assert "interrupted; the instruments are safe" in capsys.readouterr().err


def test_ctrl_c_twice_within_two_seconds_aborts_also_after_a_resume():
    session = Terminal(CTRL_C(), "r", CTRL_C())
    assert followed(session)[:2] == ("aborted", True)
    assert session.asked == [PAUSED, "resume", "abort"]


def test_ctrl_c_later_opens_the_menu_again(monkeypatch):
    monkeypatch.setattr(follow, "TWICE_S", 0.0)
    session = Terminal(CTRL_C(), "r", CTRL_C(), "s")
    assert followed(session)[0] == "stopped"
    assert session.asked == [PAUSED, "resume", PAUSED, "stop"]


def test_ctrl_c_while_the_run_is_just_being_paused_aborts():
    session = Terminal(CTRL_C())

    def pause(reason):
        raise KeyboardInterrupt

    session.pause = pause
    assert followed(session)[:2] == ("aborted", True)


def test_a_third_ctrl_c_stops_in_emergency():
    session = Terminal(CTRL_C(), CTRL_C())

    def abort():
        session.asked.append("abort")
        raise KeyboardInterrupt

    session.abort = abort
    with pytest.raises(KeyboardInterrupt):
        followed(session)
    assert session.asked == [PAUSED, "abort", "emergency stop"]


def test_a_run_that_cannot_be_paused_is_aborted(capsys):
    session = Terminal(CTRL_C())
    session.refuse = "cannot pause during the cleanup"
    assert followed(session)[:2] == ("aborted", True)
    assert "cannot pause during the cleanup" in capsys.readouterr().err


@pytest.mark.parametrize("state", ["analysing", "running"])
def test_the_end_of_the_program_aborts_without_a_menu(state):
    session = Terminal(ProgramEnds())
    session.state = state
    assert followed(session)[:2] == ("aborted", True)
    assert session.asked == ["abort"]


def test_an_interrupted_analysis_is_given_up_without_a_menu(capsys):
    session = Terminal(LOOK, CTRL_C())
    session.state = "analysing"
    assert followed(session)[:2] == ("aborted", True)
    assert session.asked == ["abort"]
    assert "giving up the analysis" in capsys.readouterr().err


def test_the_menu_goes_away_when_somebody_else_lets_the_run_go_on():
    session = Terminal(CTRL_C())
    ask = session.ask

    def somebody_resumes(prompt, needed):
        session.state = "running"
        return ask(prompt, needed)

    session.ask = somebody_resumes
    assert followed(session)[0] == "completed"
    assert session.asked == [PAUSED]


@pytest.mark.parametrize(("said", "meant"), [("", "yes"), ("2", "no"), ("no", "no"), ("N", "no")])
def test_a_question_of_the_run_is_asked_and_answered(said, meant):
    session = Terminal(QUESTION, said)
    outcome, _, shown = followed(session)
    assert outcome == "completed"
    assert session.asked == [f"answer: {meant}"]
    assert "In focus?" in shown
    assert "  2  no" in shown


def test_a_wrong_answer_is_refused_and_the_question_asked_again(capsys):
    session = Terminal(QUESTION, "3", "perhaps", "1")
    followed(session)
    assert session.asked == ["answer: yes"]
    assert "'3' is not one of 1 to 2 or yes, no" in capsys.readouterr().err


def test_ctrl_c_in_a_question_opens_the_menu():
    session = Terminal(QUESTION, CTRL_C(), "s")
    assert followed(session)[0] == "stopped"
    assert session.asked == [PAUSED, "stop"]


def test_where_nobody_can_answer_the_question_is_shown():
    session = Terminal(QUESTION)
    screen = Console(file=io.StringIO(), width=120)
    follow.follow(session, screen)
    assert "the run asks: In focus? (yes | no)" in screen.file.getvalue()


def test_a_beginning_that_fits_two_answers_is_none():
    assert asking.chosen_of("d", ["do it", "drop it"]) is None


class Typist:
    """Lines that come when the test says so."""

    def __init__(self):
        self.waiting = threading.Semaphore(0)
        self.lines = []
        self._come = threading.Semaphore(0)

    def type(self, line):
        self.lines.append(line)
        self._come.release()

    def read(self):
        self.waiting.release()
        assert self._come.acquire(timeout=10)
        return self.lines.pop(0)


def test_a_line_is_returned_without_its_end():
    typist = Typist()
    typist.type(" yes \n")
    assert keyboard.Keyboard(typist.read)("?", lambda: True) == "yes"


def test_a_line_that_came_too_late_answers_no_later_question():
    typist = Typist()
    ask = keyboard.Keyboard(typist.read)
    assert ask("In focus?", lambda: False) is None
    typist.type("yes\n")
    ask._reading.join(10)
    typist.type("no\n")
    assert ask("Burn it?", lambda: True) == "no"


def test_one_reader_waits_for_whatever_is_asked():
    typist = Typist()
    ask = keyboard.Keyboard(typist.read)
    assert ask("In focus?", lambda: False) is None
    reader = ask._reading
    typist.type("yes\n")
    reader.join(10)
    assert not reader.is_alive()


def test_a_terminal_that_is_gone_is_an_interrupt():
    with pytest.raises(KeyboardInterrupt):
        keyboard.Keyboard(lambda: "")("?", lambda: True)

    def broken():
        raise OSError

    with pytest.raises(KeyboardInterrupt):
        keyboard.Keyboard(broken)("?", lambda: True)


def test_a_pipe_has_no_keyboard():
    assert keyboard.keyboard_of(Console(file=io.StringIO())) is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are not sent there")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_without_a_terminal_a_signal_aborts_a_run_and_keeps_what_was_recorded(tmp_path, name):
    path = tmp_path / "long.yaml"
    path.write_text("name: long\nsteps:\n  - {kind: prompt, text: In focus?, light: true}\n", encoding="utf-8")
    command = [sys.executable, "-m", "acquisition.cli.main", "run", str(path), "--out", str(tmp_path / "runs")]
    running = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    with running:
        end = time.monotonic() + 60
        while "the run asks: In focus? (continue)" not in (line := running.stdout.readline()):
            assert line, running.stderr.read()
            assert time.monotonic() < end
        running.send_signal(getattr(signal, name))
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted; the instruments are safe" in said
    [journal] = tmp_path.glob("runs/*/journal.jsonl")
    assert '"verb": "abort"' in journal.read_text(encoding="utf-8").replace('":"', '": "')
