"""A screen that is lost ends nothing: runs go on, and the exit status is that of the run."""

import os
import subprocess
import sys

import pytest

from acquisition.cli.main import main
from acquisition.storage import RunFolder


@pytest.fixture
def unread_pipe():
    """The writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        yield stream


@pytest.fixture
def unread_screens(unread_pipe, monkeypatch):
    """Standard output and standard error that nobody reads, of this very program."""
    with os.fdopen(os.dup(unread_pipe.fileno()), "w", buffering=1) as other:
        monkeypatch.setattr(sys, "stdout", other)
        monkeypatch.setattr(sys, "stderr", other)
        yield


def test_a_run_whose_output_nobody_reads_is_completed(unread_screens, tmp_path):
    sequence = tmp_path / "dark.yaml"
    sequence.write_text("name: dark\nsteps:\n  - {kind: acquire_photons, duration: 1 s}\n", encoding="utf-8")
    assert main(["run", str(sequence), "--out", str(tmp_path / "runs")]) == 0
    [run] = (tmp_path / "runs").glob("*_dark")
    record = RunFolder.open(run).read_run_json()
    assert record["status"] == "completed"
    assert record["points"][0]["elapsed_s"] == 1.0


@pytest.mark.parametrize("arguments", [["--help"], ["devices"], ["run", "nosuch"]])
def test_a_command_whose_output_nobody_reads_ends_with_its_own_status(arguments, unread_pipe):
    command = [sys.executable, "-m", "acquisition", *arguments]
    lost = subprocess.run(command, stdout=unread_pipe, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert lost.returncode == (1 if "nosuch" in arguments else 0)
    assert "Traceback" not in lost.stderr
    assert "BrokenPipe" not in lost.stderr
