"""`cascadescope run --resume`: wrong arguments are refused, and steps that must not be repeated ask."""

import shutil

import pytest

from acquisition.cli import resume
from acquisition.cli.main import main
from acquisition.cli.resume_usage import Unrepeatable
from acquisition.session import run_job
from acquisition.storage import Journal, RunFolder, write_json

SWEEP = """name: annealing
steps:
  - {kind: set_laser, repetition_rate: 1 MHz, intensity: 20 %, emission: true}
  - {kind: set_shutter, open: true}
  - {kind: soak, duration: 60 s, repeatable: false}
  - {kind: acquire_photons, duration: 1 s}
"""


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    """Count photons instead of analysing them."""
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: write_json(folder.results_json, {"states": {}}))
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)


@pytest.fixture
def killed(tmp_path, monkeypatch):
    """The folder of a run that was killed in the middle of its unrepeatable soak."""
    sequence, target = tmp_path / "annealing.yaml", tmp_path / "killed"
    sequence.write_text(SWEEP, encoding="utf-8")
    append = Journal.append

    def append_and_copy(journal, event):
        append(journal, event)
        if event["event"] == "step_started" and event["kind"] == "soak":
            [run] = (tmp_path / "runs").iterdir()
            shutil.copytree(run, target)

    monkeypatch.setattr(Journal, "append", append_and_copy)
    assert main(["run", str(sequence), "--out", str(tmp_path / "runs")]) == 0
    monkeypatch.setattr(Journal, "append", append)
    return target


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a SEQUENCE to run, or --resume RUN"),
        (["cascade", "--resume", "somewhere"], "SEQUENCE does not go with --resume"),
        (["--resume", "somewhere", "--out", "runs"], "--out does not go with --resume"),
        (["--resume", "somewhere", "--set", "metadata.sample=7"], "--set does not go with --resume"),
        (["cascade", "--allow-changes"], "--allow-changes goes with --resume RUN only"),
        (["cascade", "--unrepeatable", "skip"], "--unrepeatable goes with --resume RUN only"),
        (["--resume", "somewhere", "--unrepeatable", "perhaps"], "'perhaps' is not one of"),
    ],
)
def test_arguments_that_do_not_go_together_are_wrong_usage(arguments, said, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["run", *arguments]) == 2
    assert said in " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys):
    assert main(["run", "--resume", str(tmp_path / "nowhere")]) == 1
    assert "does not exist" in capsys.readouterr().err
    (tmp_path / "points").mkdir()
    assert main(["run", "--resume", str(tmp_path)]) == 1
    assert "run.json: is missing; the program ended before the run had begun" in capsys.readouterr().err


def test_without_a_terminal_an_interrupted_step_that_changes_the_sample_stops_the_run(killed, capsys):
    assert main(["run", "--resume", str(killed)]) == 1
    said = capsys.readouterr().err
    assert "Step 3 (soak for 60 s) was interrupted and changes the sample. What now?" in said
    assert "say --unrepeatable skip or --unrepeatable again with --resume" in said
    assert f"`cascadescope run --resume {killed}` lets it go on where it was" in said
    assert RunFolder.open(killed).read_run_json()["status"] == "failed"


@pytest.mark.parametrize("what", ["skip", "again"])
def test_what_becomes_of_such_a_step_can_be_said_in_advance(killed, what, capsys):
    assert main(["run", "--resume", str(killed), "--unrepeatable", what]) == 0
    record = RunFolder.open(killed).read_run_json()
    assert (record["status"], len(record["points"])) == ("completed", 1)
    assert f"run folder: {killed}" in capsys.readouterr().out
    assert main(["run", "--resume", str(killed)]) == 1
    assert "is complete, there is nothing to resume" in capsys.readouterr().err


class FakeSession:
    def __init__(self):
        self.answers = []

    def answer(self, text):
        self.answers.append(text)


def test_at_a_terminal_the_person_is_asked_and_other_questions_are_left_alone():
    session = FakeSession()
    interrupted = {"question": {"text": "What now?", "choices": ["stop", "skip", "do it again"]}}
    resume.answer_for(session, None, has_person=True)(interrupted)
    resume.answer_for(session, Unrepeatable.AGAIN, has_person=True)(
        {"question": {"text": "Is the shutter open?", "choices": ["yes", "no"]}}
    )
    resume.answer_for(session, Unrepeatable.AGAIN, has_person=True)({"question": None})
    assert session.answers == []
    resume.answer_for(session, Unrepeatable.AGAIN, has_person=True)(interrupted)
    assert session.answers == ["do it again"]


def test_a_run_is_resumed_with_another_rig_only_if_that_is_allowed(killed, tmp_path, capsys):
    from acquisition.config import find_config

    rig = tmp_path / "warm.yaml"
    text = find_config("rigs", "simulated").read_text(encoding="utf-8")
    rig.write_text(text.replace("objective: 70 degC", "objective: 65 degC"), encoding="utf-8")
    arguments = ["run", "--resume", str(killed), "--rig", str(rig), "--unrepeatable", "skip"]
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert "cannot be resumed, for this has changed since it began" in said
    assert "was 70.0, is now 65.0" in said
    assert main([*arguments, "--allow-changes"]) == 0
