"""What is said on the command line counts for the run: settings of steps and metadata."""

import json

import pytest

from acquisition.cli.main import main
from acquisition.session import run_job
from acquisition.storage import write_json


@pytest.fixture(autouse=True)
def no_analysis(monkeypatch):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: write_json(folder.results_json, {}))
    monkeypatch.setattr(run_job, "write_report", lambda path: None)


@pytest.fixture
def dark_sequence(tmp_path):
    path = tmp_path / "dark.yaml"
    path.write_text("name: dark\nsteps:\n  - {kind: acquire_photons, duration: 1 s}\n", encoding="utf-8")
    return str(path)


def test_settings_and_metadata_of_the_command_line_count(dark_sequence, tmp_path, monkeypatch):
    monkeypatch.setattr("acquisition.cli.run._show", lambda *arguments, **more: None)
    said = ["--set", "metadata.operator=Ada", "--set", "metadata.sample=dot 7", "--set", "acquire_photons.duration=2 s"]
    assert main(["run", dark_sequence, "--out", str(tmp_path / "runs"), *said]) == 0
    [run] = (tmp_path / "runs").glob("*_dark")
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert record["metadata"] == {"operator": "Ada", "sample": "dot 7"}
    assert record["points"][0]["elapsed_s"] == 2.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("metadata.sampel=dot 7", "did you mean 'sample'?"),
        ("acquire_photons.duratoin=3 s", "nothing to replace for 'acquire_photons.duratoin'"),
        ("operator", "is not of the form KEY=VALUE"),
    ],
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_what_makes_no_sense_is_refused_in_one_sentence(command, text, message, dark_sequence, tmp_path, capsys):
    assert main([command, dark_sequence, "--out", str(tmp_path / "runs"), "--set", text]) == 1
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said
    assert not list(tmp_path.glob("runs/*"))
