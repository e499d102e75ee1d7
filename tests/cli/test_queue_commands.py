"""The queue can be filled, ordered and carried out from the command line."""

import pytest

from acquisition.cli import queue_actions, queue_session
from acquisition.cli.main import main
from acquisition.queue import EntryState, OnFailure, OnInterrupt, RunQueue
from acquisition.queue.running import running
from tests.queue.fakes import FakeSession, starts


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CASCADESCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "250")  # no path of the test folds a cell
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dark.yaml").write_text(
        "name: dark\nsteps:\n  - {kind: acquire_photons, duration: 1 s}\n", encoding="utf-8"
    )
    return tmp_path


@pytest.fixture(autouse=True)
def checked(request, monkeypatch):
    if "really_checked" not in request.fixturenames:
        monkeypatch.setattr(queue_actions, "LocalSession", FakeSession)


@pytest.fixture
def really_checked():
    """Leave the check as it is."""


@pytest.fixture
def outcomes(monkeypatch):
    coming = []
    monkeypatch.setattr(queue_session, "LocalSession", lambda rig, out: FakeSession(out, coming))
    return coming


def said(capsys, *words, status=0):
    assert main(["queue", *words]) == status
    return capsys.readouterr()


def rows(text):
    """Return the cells of a table by the id in the first one."""
    lines = [[cell.strip() for cell in line.split("│")] for line in text.splitlines()]
    return {int(cells[0]): cells for cells in lines if cells[0].isdigit()}


def entries(home):
    return RunQueue(home / "home" / "queue.sqlite").entries()


def test_what_is_added_is_listed_with_its_settings_and_expected_times(home, capsys):
    found = said(capsys, "add", "dark.yaml", "--set", "acquire_photons.duration=2 s")
    assert "added as entry 1" in found.out
    assert "warning: the disk is small" in found.err
    assert "wait for a person to answer: is it in focus?" in found.err
    said(capsys, "add", "cascade", "--policy", "retry_once", "--on-interrupt", "resume", "--metadata", "sample=dot 7")
    found = rows(said(capsys, "list").out)
    assert list(found) == [1, 2]
    assert found[1][1:4] == ["waiting", "dark", "simulated"]
    assert found[1][4].startswith("~20")
    assert "acquire_photons.duration=2 s" in found[1][-1]
    assert found[1][5] == found[2][4]  # the second starts when the first ends
    dark, cascade = entries(home)
    assert dark.request.source == str(home / "dark.yaml")
    assert dark.request.out == str(home / "runs")
    assert cascade.request.on_failure is OnFailure.RETRY_ONCE
    assert cascade.request.on_interrupt is OnInterrupt.RESUME
    assert cascade.request.metadata == {"sample": "dot 7"}


def test_the_expected_duration_is_that_of_the_check_on_the_twin(home, really_checked, capsys):
    said(capsys, "add", "dark.yaml", "--set", "acquire_photons.duration=7 s")
    assert entries(home)[0].expected_s == pytest.approx(7.0, abs=2.0)


def test_entries_are_moved_edited_held_repeated_and_removed(home, capsys):
    for _ in range(3):
        said(capsys, "add", "dark.yaml")
    assert list(rows(said(capsys, "move", "3", "1").out)) == [3, 1, 2]
    said(capsys, "edit", "1", "--policy", "continue", "--set", "acquire_photons.duration=3 s", "--follow")
    said(capsys, "edit", "1", "--set", "acquire_photons.duration=", "--set", "acquire_photons.label=dot")
    said(capsys, "hold", "2")
    assert rows(said(capsys, "list").out)[2][1] == "held"
    said(capsys, "remove", "3")
    said(capsys, "repeat", "1")
    first, second, third = entries(home)
    assert (first.id, second.id, third.id) == (1, 2, 4)
    assert first.request.overrides == {"acquire_photons.label": "dot"}
    assert first.request.follow_source
    assert third.request == first.request
    said(capsys, "release", "2")
    said(capsys, "hold")
    assert "the queue is held: held by a person" in said(capsys, "list").out
    said(capsys, "release")
    assert "held" not in said(capsys, "list").out


def test_an_edit_takes_a_file_as_it_is_now(home, capsys):
    said(capsys, "add", "dark.yaml")
    file = home / "dark.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("1 s", "9 s"), encoding="utf-8")
    assert entries(home)[0].request.sequence["steps"][0]["duration"] == "1.0 s"
    said(capsys, "edit", "1", "--sequence", "dark.yaml")
    assert entries(home)[0].request.sequence["steps"][0]["duration"] == "9.0 s"


def test_another_file_can_be_named_and_an_empty_queue_says_so(home, capsys):
    said(capsys, "add", "dark.yaml", "--queue", "other.sqlite")
    assert list(rows(said(capsys, "list", "--queue", "other.sqlite").out)) == [1]
    assert "the queue is empty" in said(capsys, "list").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["add", "nowhere.yaml"], "nowhere.yaml: no such file"),
        (["add", "dark.yaml", "--set", "duration"], "not of the form KEY=VALUE"),
        (["add", "dark.yaml", "--set", "acquire_photons.duration=1 kg"], "acquire_photons.duration"),
        (["add", "dark.yaml", "--set", "acquire_photons.colour=red"], "nothing to replace"),
        (["add", "dark.yaml", "--set", "acquire_photons.label='"], "cannot be read"),
        (["add", "dark.yaml", "--policy", "shrug"], "on_failure"),
        (["add", "dark.yaml", "--rig", "nowhere"], "no such file"),
        (["list", "--queue", "dark.yaml"], "is not a queue"),
        (["move", "5", "1"], "no entry 5; there are 1"),
        (["edit", "1"], "nothing to change"),
        (["edit", "1", "--set", "acquire_photons.colour=red"], "nothing to replace"),
    ],
)
def test_what_is_wrong_is_refused_in_one_message(home, capsys, words, message):
    said(capsys, "add", "dark.yaml")
    found = said(capsys, *words, status=1).err
    assert message in found
    assert "internal error" not in found
    assert len(entries(home)) == 1


def test_the_queue_is_carried_out_and_says_what_became_of_each_entry(home, outcomes, capsys):
    for policy in ("continue", "retry_once", "stop_queue"):
        said(capsys, "add", "dark.yaml", "--policy", policy)
    outcomes += ["failed", "failed", "completed", "completed"]
    found = said(capsys, "run", status=1)
    assert "entry 1 (dark) failed: " in found.out
    assert "entry 2 (dark) failed once and is tried again" in found.out
    assert "entry 3 (dark) completed: " in found.out
    assert "cascadescope: entry 1: it was failed" in found.err
    assert [str(entry.state) for entry in entries(home)] == ["failed", "completed", "completed"]
    assert len(starts(home / "runs")) == 4
    assert "3 finished entries are removed" in said(capsys, "clear").out
    said(capsys, "run")


def test_a_queue_that_waits_for_a_person_says_for_what(home, outcomes, capsys):
    said(capsys, "add", "dark.yaml")
    with running(RunQueue(home / "home" / "queue.sqlite")) as hands:
        hands.take()
    assert rows(said(capsys, "list").out)[1][1] == "interrupted"
    assert "queue edit 1 --on-interrupt resume" in said(capsys, "run", status=1).err
    said(capsys, "edit", "1", "--on-interrupt", "repeat")
    said(capsys, "run")
    assert entries(home)[0].state is EntryState.COMPLETED


def test_ctrl_c_aborts_the_run_and_holds_the_queue(home, outcomes, capsys, monkeypatch):
    said(capsys, "add", "dark.yaml")
    outcomes.append("goes on")

    def interrupt(session, timeout_s):
        if session.outcome == "goes on":
            raise KeyboardInterrupt
        return session.status()

    monkeypatch.setattr(FakeSession, "wait", interrupt)
    assert "interrupted" in said(capsys, "run", status=130).err
    assert entries(home)[0].state is EntryState.ABORTED
    assert "entry 1 was aborted" in said(capsys, "list").out
