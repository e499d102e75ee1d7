"""What a person sees while a run goes on, and what Ctrl-C does in each of its states."""

import io
import subprocess
import sys

import pytest
from rich.console import Console

from acquisition.cli import follow
from acquisition.cli.main import main

RUNNING = {
    "state": "running",
    "outcome": None,
    "message": "acquire photons for 600 s",
    "run": "runs/dot",
    "photons": 1_234_567,
    "count_rate_cps": 88_400.0,
    "cascades": 321,
    "charge_state": "minus1",
    "remaining_s": 125.2,
    "question": None,
    "simulated": False,
}
ENDED = {**RUNNING, "state": "idle", "outcome": "completed"}
INTERRUPT = KeyboardInterrupt()


class ScriptedSession:
    """A session whose waiting returns one status after the other, or is interrupted."""

    def __init__(self, *script):
        self._script = list(script)
        self._status = RUNNING
        self.asked = []

    def wait(self, timeout_s):
        self._status = self._script.pop(0)
        if isinstance(self._status, KeyboardInterrupt):
            self._status = self._script.pop(0)
            raise INTERRUPT
        return self._status

    def status(self):
        return self._status

    def abort(self):
        self.asked.append("abort")

    def emergency_stop(self):
        self.asked.append("emergency stop")


@pytest.fixture
def screen():
    return Console(file=io.StringIO(), width=120, highlight=False)


def test_progress_is_one_line_with_what_is_known():
    line = "acquire photons for 600 s | 1 234 567 photons | 88.4 kcps | 321 cascades | charge -1 | 2:06 left"
    assert follow.progress_line(RUNNING) == line
    unknown = dict.fromkeys(("photons", "count_rate_cps", "cascades", "charge_state", "remaining_s", "simulated"))
    assert follow.progress_line({"state": "aborting", "message": "", **unknown}) == "aborting"


def test_progress_of_a_simulation_says_so():
    assert follow.progress_line({**RUNNING, "simulated": True}).startswith("SIMULATED: acquire photons")


@pytest.mark.parametrize(("remaining_s", "left"), [(1.0, "| 0:01 left"), (0.001, "| < 1 s left"), (0.0, "charge -1")])
def test_less_than_a_second_is_not_called_a_second(remaining_s, left):
    assert follow.progress_line({**RUNNING, "remaining_s": remaining_s}).endswith(left)


def test_a_pipe_gets_no_line_twice(screen, monkeypatch):
    monkeypatch.setattr(follow, "PLAIN_INTERVAL_S", 0.0)
    later = {**RUNNING, "photons": 2_000_000}
    follow.follow(ScriptedSession(RUNNING, RUNNING, RUNNING, later, later, ENDED), screen)
    lines = screen.file.getvalue().splitlines()
    assert lines == [follow.progress_line(RUNNING), follow.progress_line(later)]


def test_an_interrupt_of_a_run_makes_safe(screen, capsys):
    session = ScriptedSession(INTERRUPT, RUNNING, ENDED)
    assert follow.follow(session, screen) == (ENDED, True)
    assert session.asked == ["abort"]
    assert "the instruments are safe" in capsys.readouterr().err


def test_an_interrupt_of_the_analysis_says_where_the_photons_are(screen, capsys):
    session = ScriptedSession(INTERRUPT, {**RUNNING, "state": "analysing"}, ENDED)
    assert follow.follow(session, screen) == (ENDED, True)
    said = capsys.readouterr().err
    assert "giving up the analysis" in said
    assert "`cascadescope analyze runs/dot`" in said
    assert "instruments" not in said


def test_a_second_interrupt_stops_in_emergency_and_names_the_run(screen, capsys):
    session = ScriptedSession(INTERRUPT, RUNNING, INTERRUPT, RUNNING)
    with pytest.raises(KeyboardInterrupt):
        follow.follow(session, screen)
    assert session.asked == ["abort", "emergency stop"]
    assert "`cascadescope recover runs/dot`" in capsys.readouterr().err


def test_an_interrupt_while_the_abort_is_asked_for_is_a_second_one(screen, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    session = ScriptedSession(INTERRUPT, RUNNING)
    monkeypatch.setattr(session, "abort", interrupted)
    with pytest.raises(KeyboardInterrupt):
        follow.follow(session, screen)
    assert session.asked == ["emergency stop"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are not sent there")
def test_more_interrupts_while_the_program_ends_do_not_change_how_it_ends(tmp_path):
    program = f"""
import atexit, os, signal, sys
from acquisition.cli.main import main
from acquisition.session import LocalSession

def interrupted(session, timeout_s):
    raise KeyboardInterrupt

LocalSession.wait = interrupted
atexit.register(os.kill, os.getpid(), signal.SIGINT)
sys.argv = ["cascadescope", "demo", "--seconds", "36000", "--out", {str(tmp_path)!r}]
sys.exit(main())
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 130
    assert "emergency stop; what was recorded is in" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_sequence_that_records_nothing_ends_with_a_line(tmp_path, capsys):
    path = tmp_path / "close.yaml"
    path.write_text("name: close\nsteps:\n  - {kind: set_shutter, open: false}\n", encoding="utf-8")
    assert main(["run", str(path), "--out", str(tmp_path / "runs")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "completed; the sequence records no photons"
