"""The command line does what it says, ends with the right status and never shows a traceback unasked."""

import json
import os
import signal
import subprocess
import sys

import pytest

from acquisition.cli import results_file
from acquisition.cli.main import main
from acquisition.session import LocalSession, analysing, run_job
from acquisition.storage import RunFolder, open_point, write_json

RESULTS = {
    "simulated": True,
    "photons": 123456,
    "states": {
        "X": {"lifetime_ns": {"value": 59.031, "error": 0.123}, "quantum_efficiency": {"value": 1.0, "error": 0.0}},
        "BX": {"lifetime_ns": {"value": 11.5, "error": 0.3}},
    },
    "g2": {"neutral": {"center_over_side": {"value": 0.73, "error": 0.02}}},
    "model": {"B_per_us": {"value": 55.0, "error": 1.5}},
    "emitters": {"verdict": "one"},
    "warnings": ["minus2: too few photons"],
}


@pytest.fixture
def analysed(monkeypatch):
    def analyze_run(folder, report):
        write_json(folder.results_json, RESULTS)
        return RESULTS

    monkeypatch.setattr(run_job, "analyze_run", analyze_run)
    monkeypatch.setattr(analysing, "analyze_run", analyze_run)
    monkeypatch.setattr(run_job, "write_report", lambda path: (path / "report.html").write_text("report"))


@pytest.fixture
def dark_sequence(tmp_path):
    path = tmp_path / "dark.yaml"
    path.write_text("name: dark\nsteps:\n  - {kind: acquire_photons, duration: 1 s}\n", encoding="utf-8")
    return str(path)


def only_run(folder):
    [path] = folder.glob("*_*")
    return path


def test_demo_shows_results_beside_the_truth_and_where_the_report_is(analysed, tmp_path, capsys):
    assert main(["demo", "--seconds", "1", "--seed", "5", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out.count("SIMULATED DATA") == 2
    row = next(line for line in said.out.splitlines() if line.startswith("X "))
    assert "59.03 ± 0.12" in row
    assert "59 " in row
    assert "+0.3" in row
    assert f"report: {only_run(tmp_path) / 'report.html'}" in said.out
    assert "warning: minus2: too few photons" in said.err


def test_a_run_that_is_piped_shows_plain_lines(analysed, dark_sequence, tmp_path, capsys):
    assert main(["run", dark_sequence, "--rig", "simulated", "--out", str(tmp_path / "runs")]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert f"run folder: {only_run(tmp_path / 'runs')}" in said


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupt_or_the_end_of_the_program_aborts_the_run_and_keeps_the_photons(
    name, analysed, tmp_path, capsys, monkeypatch
):
    before = signal.getsignal(getattr(signal, name))
    wait = LocalSession.wait
    sent = []

    def send_once_there_are_photons(session, timeout_s):
        status = wait(session, 0.02)
        if status["photons"] and not sent:
            sent.append(True)
            signal.raise_signal(getattr(signal, name))
        return status if not sent else wait(session, timeout_s)

    monkeypatch.setattr(LocalSession, "wait", send_once_there_are_photons)
    assert main(["demo", "--seconds", "36000", "--out", str(tmp_path)]) == 130
    folder = RunFolder.open(only_run(tmp_path))
    record = folder.read_run_json()
    assert record["status"] == "aborted"
    assert sum(len(block) for block in open_point(folder.point(1)).blocks()) == record["points"][0]["photons"] > 0
    assert "are kept; `cascadescope analyze" in capsys.readouterr().err
    assert signal.getsignal(getattr(signal, name)) is before


@pytest.mark.parametrize("name", sorted({"SIGTERM", "SIGHUP", "SIGBREAK"} & set(dir(signal))))
def test_each_way_in_which_a_system_ends_programs_is_an_interrupt(name, monkeypatch):
    monkeypatch.setattr(LocalSession, "devices", lambda session: signal.raise_signal(getattr(signal, name)))
    assert main(["devices"]) == 130


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_a_program_that_is_to_survive_its_terminal_does(monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        monkeypatch.setattr(LocalSession, "devices", lambda session: signal.raise_signal(signal.SIGHUP) or [])
        assert main(["devices"]) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_step_that_fails_ends_with_status_1_and_one_message(analysed, tmp_path, capsys):
    path = tmp_path / "impossible.yaml"
    path.write_text("name: a\nsteps:\n  - {kind: wait_until_stable}\n", encoding="utf-8")
    assert main(["run", str(path), "--out", str(tmp_path / "runs")]) == 1
    said = capsys.readouterr().err
    assert "put a set_temperature step before" in said
    assert "Traceback" not in said


def test_analyze_prints_the_table_and_writes_the_results(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(LocalSession, "analyze", lambda session, path, report=None: RESULTS)
    out = tmp_path / "results.json"
    assert main(["analyze", "some.h5", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "59.03 ± 0.12" in said
    assert "truth" not in said
    assert "emitters: one" in said
    assert json.loads(out.read_text()) == RESULTS


def test_simulated_results_say_so_and_where_they_were_written(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(LocalSession, "analyze", lambda session, path, report=None: RESULTS)
    (tmp_path / "results.json").write_text("{}")
    assert main(["analyze", str(tmp_path), "--out", str(tmp_path / "out.json")]) == 0
    said = capsys.readouterr().out
    assert said.count("SIMULATED DATA") == 1
    assert f"results: {tmp_path / 'results.json'}" in said
    assert f"results: {tmp_path / 'out.json'}" in said
    assert "report:" not in said


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("folder", "is a folder; name a file"),
        ("nowhere/out.json", "its folder does not exist"),
        (os.devnull, "is no ordinary file"),
        ("photons.h5", "is the recording itself"),
    ],
)
def test_a_file_that_cannot_hold_the_results_is_refused_before_the_analysis(
    out, message, monkeypatch, tmp_path, capsys
):
    analysed = []
    monkeypatch.setattr(LocalSession, "analyze", lambda session, path, report=None: analysed.append(path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "photons.h5").touch()
    assert main(["analyze", "photons.h5", "--out", out]) == 1
    assert analysed == []
    assert message in capsys.readouterr().err


def test_a_folder_in_which_no_file_can_be_made_is_refused_before_the_analysis(monkeypatch, tmp_path, capsys):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(results_file.tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(LocalSession, "analyze", lambda session, path, report=None: pytest.fail("analysed in vain"))
    assert main(["analyze", "photons.h5", "--out", str(tmp_path / "out.json")]) == 1
    assert "no file can be made in this folder (Permission denied)" in capsys.readouterr().err


def test_several_paths_are_analysed_although_one_fails(monkeypatch, tmp_path, capsys):
    def analyze(session, path, report=None):
        if path == "bad.h5":
            raise OSError("bad.h5: is not HDF5")
        return RESULTS

    monkeypatch.setattr(LocalSession, "analyze", analyze)
    out = tmp_path / "results.json"
    assert main(["analyze", "a.h5", "bad.h5", "b.h5", "--out", str(out)]) == 1
    assert [found["path"] for found in json.loads(out.read_text())["recordings"]] == ["a.h5", "b.h5"]
    assert "bad.h5: is not HDF5" in capsys.readouterr().err


def test_devices_lists_what_the_rig_has(capsys):
    assert main(["devices"]) == 0
    said = capsys.readouterr().out
    for role in ("laser", "spad_array", "heater", "shutter"):
        assert role in said


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["run", "nosuch"], 1, "cascade_temperatures"),
        (["run", "cascade", "--rig", "nosuch"], 1, "simulated"),
        (["demo", "--sample", "nosuch"], 1, "cdse_cds_table"),
        (["demo", "--seconds", "-1"], 2, "--seconds"),
        (["analyze", "nothing.h5"], 1, "does not exist"),
        (["analyze", "nothing.h5", "--out", "no/such/folder/results.json"], 1, "does not exist"),
        (["recover", "nothing"], 1, "does not exist"),
        (["analyze"], 2, "PATH"),
        (["fly"], 2, "fly"),
    ],
)
def test_what_cannot_be_done_is_one_message(arguments, status, message, capsys):
    assert main(arguments) == status
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said


def test_debug_shows_where_an_error_came_from(capsys):
    assert main(["--debug", "run", "nosuch"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_error_that_nobody_thought_of_is_named(monkeypatch, capsys):
    def fail(session, path, report=None):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(LocalSession, "analyze", fail)
    assert main(["analyze", "some.h5"]) == 1
    assert "internal error: ZeroDivisionError('division by zero')" in capsys.readouterr().err


def test_the_version_is_shown(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("cascadescope ")


def loaded_by(*arguments):
    """Return the modules that are loaded when a command has been carried out."""
    code = f"import sys; from acquisition.cli.main import main; main({arguments!r}); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout
    return set(said.splitlines()[-1].split())


def test_help_loads_nothing_heavy():
    assert not {"numpy", "numba", "scipy", "h5py", "matplotlib", "acquisition.session"} & loaded_by("--help")


@pytest.mark.parametrize("command", ["status", "devices"])
def test_commands_that_do_not_measure_load_nothing_that_computes(command):
    loaded = loaded_by(command)
    assert "acquisition.session" in loaded
    assert not {"asyncio", "iminuit", "matplotlib", "numba", "pint", "scipy"} & loaded


def test_a_killed_run_is_recovered(tmp_path, capsys):
    program = f"""
from pathlib import Path
from acquisition.session import LocalSession
session = LocalSession("simulated", {str(tmp_path)!r})
run = Path(session.start("cascade", {{"acquire_photons.duration_s": 36000.0}}))
while sum(path.stat().st_size for path in run.glob("points/0001/photons/*.seg")) < 2_000_000:
    session.wait(0.02)
print("recorded", flush=True)
session.wait(600)
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "recorded\n"
    finally:
        process.kill()
        process.communicate(timeout=30)
    run = only_run(tmp_path)
    assert main(["recover", str(run)]) == 0
    said = capsys.readouterr().out
    assert "recovered" in said
    assert "SIMULATED DATA" in said
    record = RunFolder.open(run).read_run_json()
    assert (record["status"], record["ended_at"]) == ("killed", None)
    [point] = record["points"]
    assert (point["number"], point["complete"], point["conditions"]["laser_intensity_percent"]) == (1, False, 20.0)
    assert "was cut off after pulse" in point["warnings"][-1]
    assert sum(len(block) for block in open_point(RunFolder.open(run).point(1)).blocks()) > 100_000


@pytest.mark.parametrize("command", ["run", "simulate", "check", "start"])
def test_the_help_of_a_command_is_whole_in_a_terminal_of_80_columns(command):
    environment = {**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"}
    said = subprocess.run(
        [sys.executable, "-m", "acquisition.cli.main", command, "--help"],
        capture_output=True, encoding="utf-8", timeout=60, check=True, env=environment,
    )  # fmt: skip
    assert "Options" in said.stdout
    assert "…" not in said.stdout
