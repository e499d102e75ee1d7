"""Runs are listed from their run.json, those that are damaged with what is wrong."""

import json
import os

import pytest

from acquisition.session import LocalSession, SessionError
from acquisition.session import run_browser as module
from acquisition.session.run_browser import RunBrowser
from acquisition.storage import Journal, RunFolder
from acquisition.storage.segments import SegmentWriter
from tests.storage.photons import INFO, make_blocks

RECORD = {
    "name": "cascade",
    "status": "completed",
    "simulated": True,
    "operator": "Ada",
    "sample": "dot 7",
    "started_at": "2026-11-20T22:15:03.000+00:00",
    "ended_at": "2026-11-20T22:16:33.000+00:00",
    "points": [{"number": 1, "photons": 1000, "elapsed_s": 30.0}, {"number": 2, "kind": "frames"}],
}


def make(parent, name, /, **more):
    folder = parent / name
    (folder / "points").mkdir(parents=True)
    (folder / "sequence.yaml").write_text("name: cascade")
    (folder / "run.json").write_text(json.dumps(RECORD | more))
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "runs"


def test_without_the_folder_there_are_no_runs(out):
    assert RunBrowser(out).runs() == []


def test_runs_are_found_by_their_dot_and_say_on_which_rig_they_were_made(out):
    make(out, "a", metadata={"dot": 7}, opened={"rig": "simulated_field"})
    make(out, "b", metadata={"dot": "12"})
    [found] = RunBrowser(out).runs({"dot": "7"})
    assert (found["dot"], found["rig"]) == ("7", "simulated_field")
    assert [run["dot"] for run in RunBrowser(out).runs({"text": "12"})] == ["12"]


def test_a_run_is_told_with_what_its_run_json_says(out):
    folder = make(out, "a")
    assert RunBrowser(out).runs() == [
        {
            "path": str(folder),
            "name": "cascade",
            "date": "2026-11-20",
            "started_at": "2026-11-20T22:15:03.000+00:00",
            "sample": "dot 7",
            "dot": None,
            "rig": None,
            "operator": "Ada",
            "outcome": "completed",
            "kind": "sequence",
            "verdict": None,
            "simulated": True,
            "points": 2,
            "photons": 1000,
            "measured_s": 30.0,
            "duration_s": 90.0,
            "resumable": False,
            "not_resumable_because": "it is complete",
            "problem": None,
        }
    ]


def test_runs_come_newest_first_from_folders_within_folders_too(out):
    make(out / "night" / "1", "a", started_at="2026-11-19T10:00:00+00:00")
    make(out, "b", started_at="2026-11-21T10:00:00+00:00")
    make(out / "night", "c")
    (out / "notes.txt").write_text("not a run")
    assert [run["path"][-1] for run in RunBrowser(out).runs()] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"sample": "DOT"}, "ab"),
        ({"sample": "dot 8"}, "b"),
        ({"operator": "bob"}, "b"),
        ({"text": "bob"}, "b"),
        ({"outcome": "aborted"}, "b"),
        ({"since": "2026-11-21"}, "b"),
        ({"until": "2026-11-20"}, "ac"),
        ({"simulated": False}, "b"),
        ({"resumable": True}, "b"),
        ({"name": "other"}, "c"),
        ({"name": "other", "resumable": True}, ""),
        ({"kind": "alignment"}, "c"),
        ({"kind": "sequence"}, "ab"),
        ({"verdict": "keep"}, "a"),
        ({"verdict": None}, "bc"),
        ({}, "abc"),
    ],
)
def test_runs_are_filtered(out, wanted, found):
    make(out, "a", judgement={"verdict": "keep"})
    make(
        out, "b", sample="dot 8", operator="Bob", status="aborted", simulated=False,
        started_at="2026-11-21T10:00:00+00:00", ended_at="2026-11-21T10:01:00+00:00",
    )  # fmt: skip
    make(out, "c", name="other", sample=None, status="stopped", kind="alignment")
    assert sorted(run["path"][-1] for run in RunBrowser(out).runs(wanted)) == list(found)


@pytest.mark.parametrize(
    "wanted",
    [
        {"colour": "red"},
        {"since": "yesterday"},
        {"simulated": "yes"},
        {"sample": 3},
        {"verdict": "burn"},
        {"kind": None},
    ],
)  # fmt: skip
def test_a_filter_that_does_not_exist_is_refused(out, wanted):
    with pytest.raises(SessionError, match=f"{next(iter(wanted))}.*(allowed are|write for example)"):
        RunBrowser(out).runs(wanted)


@pytest.mark.parametrize(
    ("status", "resumable", "why"),
    [
        ("completed", False, "complete"),
        ("stopped", False, "on purpose"),
        ("aborted", True, None),
        ("failed", True, None),
        ("killed", True, None),
    ],
)
def test_a_run_says_whether_it_can_be_resumed(out, status, resumable, why):
    make(out, "a", status=status)
    [run] = RunBrowser(out).runs()
    assert run["resumable"] is resumable
    assert (why is None and run["not_resumable_because"] is None) or why in run["not_resumable_because"]


def test_a_run_whose_steps_a_program_gave_or_that_had_not_begun_cannot_be_resumed(out):
    make(out, "a", status="failed", steps_from="a program")
    (make(out, "b", status="failed") / "sequence.yaml").unlink()
    said = {run["path"][-1]: run["not_resumable_because"] for run in RunBrowser(out).runs()}
    assert "a program" in said["a"]
    assert "had not begun" in said["b"]


def test_an_alignment_is_not_offered_to_be_resumed(out):
    make(out, "a", status="failed", kind="alignment")
    [run] = RunBrowser(out).runs()
    assert run["resumable"] is False
    assert "alignment" in run["not_resumable_because"]


def test_a_killed_run_is_listed_with_what_stands_in_its_folder_only(out):
    folder = make(out, "a", status="running", points=[{"number": 1, "photons": 1000, "elapsed_s": 30.0}])
    with Journal(folder / "journal.jsonl") as journal:
        journal.append({"event": "run_opened"})
    blocks = make_blocks(3)
    for number in (1, 2):  # the first one stands in run.json, too
        writer = SegmentWriter(RunFolder(folder).point(number).segments, INFO)
        for block in blocks:
            writer.append(block)
        writer.close()
    RunFolder(folder).point(3).path.mkdir()
    [run] = RunBrowser(out).runs()
    assert (run["outcome"], run["points"], run["photons"]) == ("killed", 3, 1000 + sum(map(len, blocks)))
    assert run["measured_s"] == pytest.approx(30.0 + blocks[-1].end_pulse * INFO.period_ps * 1e-12)


def test_a_run_that_goes_on_is_told_from_one_that_was_killed(out):
    folder = make(out, "a", status="running", ended_at=None)
    browser = RunBrowser(out)
    with Journal(RunFolder(folder).journal):
        [run] = browser.runs()
        assert (run["outcome"], run["resumable"], run["duration_s"]) == ("running", False, None)
        assert run["not_resumable_because"] == "it is going on"
    [run] = browser.runs()
    assert (run["outcome"], run["resumable"]) == ("killed", True)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "run.json is missing"),
        ("{", "run.json"),
        ('{"points": 3}', "says what cannot be"),
        ('{"points": [3]}', "says what cannot be"),
        ('{"started_at": "yesterday"}', "says what cannot be"),
    ],
)
def test_a_damaged_run_is_listed_with_what_is_wrong(out, content, problem):
    file = make(out, "a") / "run.json"
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    [run] = RunBrowser(out).runs()
    assert problem in run["problem"]
    assert run["resumable"] is False
    assert run["name"] == "a"


def test_only_what_has_changed_is_read_again(out, monkeypatch):
    for name in "abc":
        make(out, name)
    read = []
    entry = module._entry
    monkeypatch.setattr(module, "_entry", lambda folder: read.append(folder.path.name) or entry(folder))
    browser = RunBrowser(out)
    assert len(browser.runs()) == 3
    assert len(browser.runs({"sample": "dot"})) == 3
    assert sorted(read) == ["a", "b", "c"]
    file = out / "b" / "run.json"
    file.write_text(json.dumps(RECORD | {"sample": "dot 99"}))
    os.utime(file, ns=(1, 1))
    assert [run["path"][-1] for run in browser.runs({"sample": "99"})] == ["b"]
    assert read[3:] == ["b"]


def test_runs_that_were_removed_are_gone(out):
    folder = make(out, "a")
    browser = RunBrowser(out)
    assert len(browser.runs()) == 1
    (folder / "run.json").unlink()
    (folder / "points").rmdir()
    assert browser.runs() == []


def test_a_session_lists_the_runs_below_its_folder(out):
    make(out, "a")
    with LocalSession("simulated", str(out)) as session:
        assert [run["sample"] for run in session.runs({"operator": "ada"})] == ["dot 7"]
