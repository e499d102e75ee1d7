"""The bootstrap says what is missing in words that can be typed, and makes a half-made environment again."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from acquisition import bootstrap
from acquisition.bootstrap import Refusal


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project whose environment is never really made."""
    for name, value in (("ROOT", "."), ("VENV", ".venv"), ("LOCK", "requirements.lock"), ("PROJECT", "pyproject.toml")):
        monkeypatch.setattr(bootstrap, name, tmp_path / value)
    monkeypatch.setattr(bootstrap, "STATE", tmp_path / ".venv" / "cascadescope.json")
    (tmp_path / "requirements.lock").write_text("numpy==2\n    --hash=sha256:00\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    return tmp_path


@pytest.fixture
def steps(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes what `prepare` does instead of doing it."""
    done: list[str] = []

    def make_venv() -> None:
        done.append("venv")
        bootstrap.venv_python().parent.mkdir(parents=True)
        bootstrap.venv_python().write_text("")

    monkeypatch.setattr(bootstrap, "make_venv", make_venv)
    monkeypatch.setattr(bootstrap, "pip", lambda *arguments, progress="": done.append(arguments[1]))
    monkeypatch.setattr(bootstrap, "answers", lambda python: python.exists())
    return done


def test_the_first_time_everything_is_installed_and_the_second_time_nothing(steps: list[str]) -> None:
    bootstrap.prepare()
    assert steps == ["venv", "--require-hashes", "--no-deps"]
    bootstrap.prepare()
    assert len(steps) == 3


def test_an_environment_of_which_the_making_was_interrupted_is_made_again(steps: list[str]) -> None:
    bootstrap.prepare()
    bootstrap.STATE.write_text(json.dumps({"complete": False}))
    bootstrap.prepare()
    assert steps[3:] == ["venv", "--require-hashes", "--no-deps"]


def test_a_new_lock_is_installed_into_the_same_environment(steps: list[str], project: Path) -> None:
    bootstrap.prepare()
    (project / "requirements.lock").write_text("numpy==3\n")
    bootstrap.prepare()
    assert steps[3:] == ["--require-hashes", "--no-deps"]


def test_a_change_of_the_project_file_alone_installs_the_project_alone(steps: list[str], project: Path) -> None:
    bootstrap.prepare()
    (project / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    bootstrap.prepare()
    assert steps[3:] == ["--no-deps"]


def test_an_environment_that_was_moved_is_made_again(steps: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.prepare()
    state = json.loads(bootstrap.STATE.read_text())
    bootstrap.STATE.write_text(json.dumps({**state, "place": "elsewhere"}))
    bootstrap.prepare()
    assert steps[3:] == ["venv", "--require-hashes", "--no-deps"]


@pytest.mark.parametrize("inside", ["pyvenv.cfg", "bin/python"])
def test_an_environment_of_somebody_else_without_pip_is_not_removed(
    steps: list[str], project: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    monkeypatch.setattr(bootstrap, "answers", lambda python: False)
    theirs = project / ".venv" / inside
    theirs.parent.mkdir(parents=True)
    theirs.write_text("made by another tool")
    with pytest.raises(Refusal, match=r"\.venv was not made by this set-up.*\nRename it or remove it"):
        bootstrap.prepare()
    assert theirs.read_text() == "made by another tool"
    assert steps == []


def test_an_empty_folder_is_nobodys_environment(steps: list[str], project: Path) -> None:
    (project / ".venv").mkdir()
    bootstrap.prepare()
    assert steps == ["venv", "--require-hashes", "--no-deps"]


def test_two_set_ups_do_not_work_on_the_same_environment(steps: list[str], project: Path) -> None:
    with bootstrap.alone(), pytest.raises(Refusal, match=r"Another set-up is at work on .*\.venv"):
        bootstrap.prepare()
    assert steps == []
    bootstrap.prepare()
    with bootstrap.alone():
        bootstrap.prepare()
    assert len(steps) == 3


def test_what_another_set_up_has_just_made_is_not_made_again(steps: list[str], project: Path) -> None:
    bootstrap.prepare()
    bootstrap.set_up(bootstrap.wanted_state())
    assert len(steps) == 3


def test_a_file_system_without_locks_does_not_stop_the_set_up(
    steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: object) -> None:
        raise OSError("no locks available")

    monkeypatch.setattr(bootstrap, "hold", refuse)
    bootstrap.prepare()
    assert len(steps) == 3


def test_an_environment_stays_unfinished_when_pip_fails(
    steps: list[str], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: str, progress: str = "") -> None:
        raise Refusal("no network")

    monkeypatch.setattr(bootstrap, "pip", fail)
    with pytest.raises(Refusal, match="no network"):
        bootstrap.prepare()
    assert bootstrap.read_state() == {"complete": False}


def test_a_missing_lock_is_told(project: Path) -> None:
    (project / "requirements.lock").unlink()
    with pytest.raises(Refusal, match=r"requirements\.lock is missing"):
        bootstrap.prepare()


def test_an_old_python_gets_a_message_with_what_to_type() -> None:
    with pytest.raises(Refusal, match=r"Python 3\.11 to 3\.14 is needed; this is Python 3\.8"):
        bootstrap.check_python((3, 8))


def test_a_python_for_which_there_are_no_packages_yet_does_not_blame_the_network() -> None:
    with pytest.raises(Refusal, match=r"this is Python 3\.15 .*\n.*python3\.14 -m acquisition\.bootstrap demo"):
        bootstrap.check_python((3, 15))


@pytest.mark.parametrize("version", [bootstrap.OLDEST, bootstrap.NEWEST])
def test_the_pythons_are_those_of_the_project_file(version: tuple[int, int]) -> None:
    table = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bootstrap.check_python(version)
    oldest, newest = (".".join(map(str, numbers)) for numbers in (bootstrap.OLDEST, bootstrap.NEWEST))
    assert table["requires-python"] == f">={oldest},<3.{int(newest[2:]) + 1}"


def test_a_python_without_venv_names_the_debian_package(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "has_venv", lambda: False)
    assert bootstrap.main(["test"]) == 1
    package = f"python3.{sys.version_info[1]}-venv"
    assert f"sudo apt install {package}" in capsys.readouterr().err
    assert bootstrap.main(["packages"]) == 0
    assert capsys.readouterr().out == f"{package}\n"


def test_missing_qt_libraries_are_named_all_at_once_by_their_debian_packages() -> None:
    libraries = [
        "libEGL.so.1",
        "libGL.so.1",
        "libdbus-1.so.3",
        "libgthread-2.0.so.0",
        "libglib-2.0.so.0",
        "libodd.so.9",
    ]
    with pytest.raises(Refusal) as refusal:
        bootstrap.check_qt(libraries)
    assert "sudo apt install libdbus-1-3 libegl1 libgl1 libglib2.0-0 libodd.so.9" in str(refusal.value)


def test_missing_libraries_are_found_by_the_linker(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = "\tlibEGL.so.1 => not found\n\tlibm.so.6 => /lib/libm.so.6 (0x1)\n\tlibEGL.so.1 => not found\n"
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(
        bootstrap.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0, stdout=listed)
    )
    assert bootstrap.missing_libraries(project / ".venv") == ["libEGL.so.1"]


def test_a_missing_qt_library_does_not_stop_the_demo_but_the_tests(
    steps: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "missing_libraries", lambda environment: ["libEGL.so.1"])
    monkeypatch.setattr(bootstrap, "run", lambda command, **_: ran.append(command) or 7)
    assert bootstrap.main(["demo", "--seconds", "20"]) == 7
    assert ran[0][1:] == ["-m", "acquisition", "demo", "--seconds", "20"]
    assert bootstrap.main(["test"]) == 1
    assert len(ran) == 1
    assert "sudo apt install libegl1" in capsys.readouterr().err


@pytest.mark.parametrize("code", [0, 1, 130])
def test_the_exit_status_passes_through(code: int) -> None:
    assert bootstrap.run([sys.executable, "-c", f"raise SystemExit({code})"]) == code


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["frobnicate"], 2), (["--help"], 0)])
def test_what_is_not_understood_gets_the_usage(
    arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(arguments) == status
    said = capsys.readouterr()
    assert "usage: python3 -m acquisition.bootstrap demo" in said.out + said.err


def test_a_qt_that_does_not_start_names_the_package_of_the_library(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "Traceback ...\nImportError: /lib/x86_64-linux-gnu/libEGL.so.1: cannot open shared object file\n"
    monkeypatch.setattr(
        bootstrap.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, stderr=said)
    )
    with pytest.raises(Refusal, match=r"sudo apt install libegl1$"):
        bootstrap.check_qt([])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs without telling them")
def test_a_program_is_told_to_end_when_the_bootstrap_is() -> None:
    program = (
        "import signal, sys\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
        "signal.alarm(60)\n"
        "print('ready', flush=True)\n"
        "signal.sigwait([signal.SIGTERM])\n"
        "sys.exit(7)\n"
    )
    outer = (
        f"import sys; from acquisition import bootstrap; sys.exit(bootstrap.run([sys.executable, '-c', {program!r}]))"
    )
    process = subprocess.Popen([sys.executable, "-c", outer], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.wait(30) == 7
    finally:
        process.kill()
        process.communicate(timeout=30)
