"""The Run dock after a run: report, verdict, what is remembered, a run that was broken off."""

from pathlib import Path

import pytest

from acquisition.gui.run import opening
from acquisition.gui.run.run_view import RunView
from acquisition.session import ChangedError, SessionError
from tests.gui.runs_said import ENDED, FORECAST, RUN, RUNNING, said


@pytest.fixture
def dock(desk, session, qtbot, settle):
    """The Run dock of an idle session, 340 px wide."""
    session.answers["check"] = FORECAST
    session.answers["start"] = RUN
    view = RunView(desk)
    qtbot.addWidget(view)
    view.resize(340, 700)
    view.show()
    settle()
    view.show_said(said())
    return view


@pytest.fixture
def opened(monkeypatch):
    """Paths that the desktop was asked to show."""
    found = []
    monkeypatch.setattr(opening, "open_path", lambda path: found.append(path) or True)
    return found


def lit(button):
    return bool(button.styleSheet())


def test_the_end_of_a_run_offers_its_report_and_folder(dock, session, settle, tmp_path, opened):
    session.answers["read"] = {"report": str(tmp_path / "report.html"), "run": {"judgement": {"verdict": "keep"}}}
    dock.show_said(said({**RUNNING, "run": str(tmp_path)}))
    assert dock.panel.ended.isHidden()
    dock.show_said(said({**ENDED, "run": str(tmp_path), "warnings": ["one", "two"]}))
    settle()
    dock.show_said(said({**ENDED, "run": str(tmp_path), "warnings": ["one", "two"]}))
    ended = dock.panel.ended
    assert ended.text.text() == f"{tmp_path.name} is complete. 2 warnings: see the report."
    assert lit(ended.report)
    assert ended.keep.isChecked()
    assert not lit(dock.panel.check)
    ended.report.click()
    ended.folder.click()
    assert opened == [tmp_path / "report.html", tmp_path]
    assert not lit(ended.report)


def test_a_run_without_analysis_has_no_report_and_says_what_went_wrong(dock, settle):
    dock.show_said(said({**ENDED, "outcome": "failed", "ok": False, "message": "the laser does not answer"}))
    settle()
    ended = dock.panel.ended
    assert ended.text.text() == f"{Path(RUN).name} failed. the laser does not answer."
    assert not ended.report.isEnabled()


def test_a_dot_is_kept_rejected_and_left_open_again(dock, session, settle):
    dock.show_said(said(ENDED))
    settle()
    ended = dock.panel.ended
    for button, verdict in ((ended.keep, "keep"), (ended.reject, "reject"), (ended.reject, None)):
        button.click()
        settle()
        assert session.asked("mark")[-1] == {"run": RUN, "verdict": verdict}
        assert (ended.keep.isChecked(), ended.reject.isChecked()) == (verdict == "keep", verdict == "reject")


def test_a_verdict_that_could_not_be_written_is_not_shown(dock, session, settle):
    session.answers["mark"] = SessionError("another program measures into it")
    dock.show_said(said(ENDED))
    settle()
    dock.panel.ended.keep.click()
    settle()
    assert not dock.panel.ended.keep.isChecked()
    assert dock.panel.ended.problem.text() == "another program measures into it"


def test_what_was_typed_is_there_again_in_a_window_that_is_opened_later(desk, session, qtbot, settle):
    first = RunView(desk)
    qtbot.addWidget(first)
    settle()
    first.panel.metadata.fields["sample"].line.setFocus()
    qtbot.keyClicks(first.panel.metadata.fields["sample"].line, "CdSe 12")
    first.panel.metadata.add_free("oil")
    qtbot.keyClicks(first.panel.metadata.free[0][1], "yes")
    duration = first.panel.numbers.fields["duration"].line
    duration.selectAll()
    qtbot.keyClicks(duration, "30 min")
    later = RunView(desk)
    qtbot.addWidget(later)
    settle()
    assert later.panel.metadata.said() == first.panel.metadata.said()
    assert later.panel.metadata.said()["oil"] == "yes"
    assert later.panel.numbers.changes() == {"duration": "30 min"}
    assert later.request == first.request


def test_what_cannot_be_read_of_what_was_typed_is_left(desk, qtbot, settle):
    desk.settings.setValue("run/form", "[not json")
    view = RunView(desk)
    qtbot.addWidget(view)
    settle()
    assert view.panel.metadata.said()["sample"] == ""


@pytest.fixture
def broken_off(desk, session, qtbot, settle):
    """A dock where a run was broken off before."""
    run = {"path": RUN, "name": "cascade", "outcome": "killed", "points": 3, "started_at": "2026-11-20T21:00:00+00:00"}
    session.answers["runs"] = [run]
    view = RunView(desk)
    qtbot.addWidget(view)
    settle()
    view.show_said(said())
    return view


def test_the_last_run_that_was_broken_off_can_be_resumed(broken_off, session, settle):
    resume = broken_off.panel.resume
    assert session.asked("runs") == [{"filter": {"resumable": True}}]
    assert "The run cascade of 2026-11-20" in resume.text.text()
    broken_off.panel.unattended.setChecked(True)
    resume.resume.click()
    settle()
    assert session.asked("resume_run") == [{"run": RUN, "allow_changes": False, "attended": False}]
    assert resume.isHidden()


@pytest.mark.parametrize(
    ("rig", "offered"), [("simulated", True), (None, True), ("/lab/simulated.yaml", True), ("simulated_field", False)]
)
def test_only_a_run_of_the_same_rig_is_offered(desk, session, qtbot, settle, rig, offered):
    session.answers["runs"] = [{"path": RUN, "name": "cascade", "outcome": "killed", "points": 3, "rig": rig}]
    view = RunView(desk)
    qtbot.addWidget(view)
    settle()
    view.show_said(said())
    assert view.panel.resume.isHidden() is not offered


def test_a_run_that_cannot_go_on_because_of_changes_says_which_and_can_be_resumed_anyway(broken_off, session, settle):
    session.answers["resume_run"] = ChangedError("the laser is another one")
    resume = broken_off.panel.resume
    assert resume.anyway.isHidden()
    resume.resume.click()
    settle()
    broken_off.show_said(said())
    assert resume.problem.text() == "the laser is another one"
    resume.anyway.click()
    settle()
    assert session.asked("resume_run")[-1]["allow_changes"] is True


def test_a_run_that_cannot_go_on_for_another_reason_is_not_offered_to_be_resumed_anyway(broken_off, session, settle):
    session.answers["resume_run"] = SessionError("an interlock has tripped")
    resume = broken_off.panel.resume
    resume.resume.click()
    settle()
    broken_off.show_said(said())
    assert resume.problem.text() == "an interlock has tripped"
    assert resume.anyway.isHidden()
    assert resume.resume.isEnabled()


def test_a_run_that_was_given_up_is_not_offered_again(broken_off, desk, qtbot, settle):
    broken_off.panel.resume.leave.click()
    assert broken_off.panel.resume.isHidden()
    again = RunView(desk)
    qtbot.addWidget(again)
    settle()
    again.show_said(said())
    assert again.panel.resume.isHidden()
