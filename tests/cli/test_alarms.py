"""Whoever runs a sequence and goes away hears how it ended."""

import sys

import pytest

from acquisition.cli.main import main

PROGRAM = "import pathlib, sys\npathlib.Path(__file__).with_suffix('.txt').write_text('|'.join(sys.argv[1:]))\n"
DARK = "{kind: set_laser, emission: false}"
IMPOSSIBLE = "{kind: wait_until_stable}"


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "alarm.py"
    path.write_text(PROGRAM)
    return path


def run(tmp_path, step, *more):
    sequence = tmp_path / "sequence.yaml"
    sequence.write_text(f"name: a\nsteps:\n  - {step}\n", encoding="utf-8")
    return main(["run", str(sequence), "--out", str(tmp_path / "runs"), *more])


@pytest.mark.parametrize(("step", "status", "event"), [(DARK, 0, "finished"), (IMPOSSIBLE, 1, "failed")])
def test_the_alarm_command_hears_how_a_run_ended(tmp_path, program, step, status, event):
    command = f'"{sys.executable}" "{program}" {{event}} {{run}}'
    assert run(tmp_path, step, "--alarm-command", command) == status
    [folder] = (tmp_path / "runs").iterdir()
    assert program.with_suffix(".txt").read_text() == f"{event}|{folder}"


def test_the_command_of_the_users_file_is_used(tmp_path, program, home):
    (home / "alarms.yaml").write_text(f"command: ['{sys.executable}', '{program}', '{{event}}']\ndesktop: false\n")
    assert run(tmp_path, DARK) == 0
    assert program.with_suffix(".txt").read_text() == "finished"


def test_an_alarm_that_fails_changes_nothing_for_the_run(tmp_path, capsys):
    assert run(tmp_path, DARK, "--alarm-command", str(tmp_path / "nothing")) == 0
    assert "warning: the alarm command (finished) cannot be started" in capsys.readouterr().err


def test_a_wrong_alarm_file_is_told_before_anything_is_switched_on(tmp_path, home, capsys):
    (home / "alarms.yaml").write_text("desktop: perhaps\n")
    assert run(tmp_path, DARK) == 1
    assert "alarms.yaml, line 1" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
