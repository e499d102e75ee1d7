"""Choosing, checking and starting a run in the Run dock."""

import threading
from pathlib import Path

import pytest

from acquisition.config import find_config
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.rig_facts import RigFacts
from acquisition.gui.run.run_view import RunView
from acquisition.gui.sequence_editor.document import document_of
from acquisition.session import SessionError
from tests.gui.asked import press
from tests.gui.runs_said import FORECAST, RUN, RUNNING, said


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
def checked(dock, settle):
    """The dock after a check that found nothing wrong."""
    dock.panel.check.click()
    settle()
    return dock


def lit(button):
    return bool(button.styleSheet())


def test_only_a_check_arms_the_start(dock, session, settle):
    assert not dock.panel.start.isEnabled()
    assert dock.panel.start.toolTip() == "Check it first."
    assert lit(dock.panel.check)
    dock.panel.check.click()
    assert dock.panel.check.text() == "Checking …"
    settle()
    [asked] = session.asked("check")
    assert asked["sequence"] == "cascade"
    assert asked["attended"] is True
    assert dock.panel.start.isEnabled()
    assert lit(dock.panel.start)
    assert not lit(dock.panel.check)
    assert "Can be started" in dock.panel.forecast.text.text()


def test_start_starts_what_was_checked_once(checked, session, settle):
    shown = []
    checked.desk.show = shown.append
    checked.panel.start.click()
    assert checked.panel.start.text() == "Starting …"
    settle()
    assert shown == ["measure"]
    assert session.asked("start") == session.asked("check")
    checked.show_said(said(RUNNING))
    assert not checked.panel.start.isEnabled()
    assert checked.panel.start.toolTip() == "A run goes on."


@pytest.mark.parametrize("change", ["number", "metadata", "unattended", "free", "sequence"])
def test_changing_anything_disarms_the_start_and_changing_it_back_arms_it(checked, change):
    panel = checked.panel

    def set_to(value):
        match change:
            case "number":
                panel.numbers.fields["duration"].line.setText("20 s" if value else "10 min")
                panel.numbers.fields["duration"].edited.emit()
            case "metadata":
                panel.metadata.fields["sample"].line.setText("batch 7" if value else "")
                panel.metadata.fields["sample"].edited.emit()
            case "unattended":
                panel.unattended.setChecked(value)
            case "free":
                if not panel.metadata.free:
                    panel.metadata.add_free("oil")
                panel.metadata.free[0][1].setText("yes" if value else "")
                panel.metadata.changed.emit()
            case "sequence":
                panel.sequence.take(str(find_config("sequences", "cascade_temperatures" if value else "cascade")))

    set_to(True)
    assert not panel.start.isEnabled()
    assert panel.start.toolTip() == "Something was changed: check it again."
    assert not panel.forecast.stale.isHidden()
    set_to(False)
    assert panel.start.isEnabled()
    assert panel.forecast.stale.isHidden()


def test_what_was_typed_is_what_is_checked(dock, session, settle):
    panel = dock.panel
    panel.numbers.fields["duration"].line.setText("20 s")
    panel.metadata.fields["operator"].line.setText("ada")
    panel.metadata.fields["sample"].line.setText("batch 7")
    panel.metadata.fields["dot"].line.setText("7")
    panel.metadata.add_free("oil", "true")
    panel.metadata.changed.emit()
    panel.unattended.setChecked(True)
    panel.check.click()
    settle()
    [asked] = session.asked("check")
    [step] = [step for step in asked["sequence"]["steps"] if step["kind"] == "acquire_photons"]
    assert step["duration"] == "20 s"
    assert asked["overrides"] == {
        "metadata.operator": "ada", "metadata.sample": "batch 7", "metadata.dot": 7, "metadata.oil": True,
    }  # fmt: skip
    assert asked["attended"] is False


def test_the_operator_is_remembered(dock, desk, settle, qtbot):
    dock.panel.metadata.fields["operator"].line.setText("ada")
    dock.panel.metadata.changed.emit()
    dock.panel.check.click()
    settle()
    again = RunView(desk)
    qtbot.addWidget(again)
    assert again.panel.metadata.fields["operator"].value() == "ada"
    settle()


def test_a_number_that_cannot_be_used_is_told_before_the_session_is_asked(dock, session):
    dock.panel.numbers.fields["duration"].line.setText("-3 s")
    dock.panel.check.click()
    assert session.asked("check") == []
    assert "Each point: must be above" in dock.panel.forecast.text.text()


def test_what_the_rig_asks_for_is_marked_and_blocks_the_check(dock, session, settle):
    dock._know_rig(RigFacts(("sample", "atmosphere")), None)
    metadata = dock.panel.metadata
    dock.panel.check.click()
    assert session.asked("check") == []
    assert "the rig asks for sample, atmosphere" in dock.panel.forecast.text.text()
    assert "The rig asks for it." in metadata.fields["sample"].toolTip()
    for name, text in (("sample", "batch 7"), ("atmosphere", "N2")):
        metadata.fields[name].line.setText(text)
        metadata.fields[name].edited.emit()
    dock.panel.check.click()
    settle()
    assert session.asked("check")[0]["overrides"]["metadata.atmosphere"] == "N2"


def test_a_forecast_with_problems_does_not_arm_the_start(dock, session, settle):
    session.answers["check"] = FORECAST | {"ok": False, "problems": ["the heater allows 70 degC at most"]}
    dock.panel.check.click()
    settle()
    assert not dock.panel.start.isEnabled()
    assert dock.panel.start.toolTip() == "The check found what cannot work."
    assert "the heater allows 70 degC at most" in dock.panel.forecast.text.text()


@pytest.mark.parametrize("method", ["check", "start"])
def test_an_error_of_the_session_stands_at_its_place(checked, session, settle, method):
    session.answers[method] = SessionError("steps[3]: the rig has no stage")
    getattr(checked.panel, method).click()
    settle()
    assert "the rig has no stage" in checked.panel.forecast.text.text()
    assert checked.panel.check.isEnabled()


def test_who_looks_on_may_check_but_not_start_or_enqueue(checked, desk):
    desk.in_control = False
    checked.show_said(said())
    assert checked.panel.check.isEnabled()
    for button in (checked.panel.start, checked.panel.enqueue):
        assert not button.isEnabled()
        assert button.toolTip() == LOOKS_ON


def test_the_present_sequence_goes_into_the_queue_unchecked(dock, desk, session, settle):
    shown = []
    desk.show = shown.append
    dock.panel.metadata.fields["sample"].line.setText("batch 7")
    dock.panel.metadata.changed.emit()
    dock.panel.enqueue.click()
    settle()
    [asked] = session.asked("queue_add")
    entry = asked["entry"]
    assert entry["sequence"] == "cascade"
    assert entry["overrides"]["metadata.sample"] == "batch 7"
    assert entry["attended"] is True
    assert "source" not in entry
    assert shown == ["queue"]
    dock.panel.numbers.fields["duration"].line.setText("20 s")
    dock.panel.metadata.changed.emit()
    dock.panel.enqueue.click()
    settle()
    changed = session.asked("queue_add")[1]["entry"]
    assert changed["sequence"]["steps"][2]["duration"] == "20 s"
    assert changed["source"].endswith("cascade.yaml")


def test_edit_shows_the_page_of_the_sequence(dock, desk):
    shown = []
    desk.show = shown.append
    dock.panel.sequence.edit.click()
    assert shown == ["sequence"]


def test_a_file_that_was_used_is_offered_again(dock, desk, tmp_path, settle, qtbot):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nsteps:\n  - kind: acquire_photons\n    duration: 3 s\n", encoding="utf-8")
    dock.panel.sequence.take(str(path))
    assert dock.panel.numbers.fields["duration"].value() == 3.0
    dock.panel.sequence.take(str(find_config("sequences", "cascade")))
    again = RunView(desk)
    qtbot.addWidget(again)
    assert again.panel.sequence.choice.findData(str(path)) >= 0
    settle()


def test_a_file_that_cannot_be_read_is_told_and_changes_nothing(dock, tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("steps: [", encoding="utf-8")
    dock.panel.sequence.take(str(path))
    assert "broken.yaml" in dock.panel.forecast.text.text()
    assert dock.request.sequence == "cascade"


@pytest.mark.parametrize(("answer", "name"), [("Cancel", "cascade"), ("Discard", "cascade_temperatures")])
def test_changes_that_are_not_saved_are_lost_only_if_a_person_says_so(dock, monkeypatch, answer, name):
    monkeypatch.setattr(type(document_of(dock.desk)), "dirty", property(lambda _document: True))
    dock.panel.sequence.take(str(find_config("sequences", "cascade_temperatures")))
    assert document_of(dock.desk).name == "cascade"
    press(answer)
    assert document_of(dock.desk).name == name


def test_points_and_steps_of_a_forecast_open_as_tables(checked, qtbot):
    checked.panel.forecast.more.click()
    dialog = checked.panel.forecast.dialog
    qtbot.addWidget(dialog)
    assert [dialog.tabs.tabText(at) for at in range(dialog.tabs.count())] == ["Points", "Expected errors", "Steps"]
    assert dialog.tabs.widget(0).item(0, 6).text() == "63.4 million"


def test_an_edit_asks_the_disk_for_no_file_whose_drive_may_be_far_away(dock, desk, tmp_path, monkeypatch):
    own = tmp_path / "own.yaml"
    own.write_text("name: own\nsteps:\n  - {kind: call, sequence: beside.yaml}\n", encoding="utf-8")
    dock.panel.sequence.take(str(own))
    asked = []

    def noting(method):
        real = getattr(Path, method)

        def note(path, *more):
            if threading.current_thread() is threading.main_thread():
                asked.append((method, path))
            return real(path, *more)

        return note

    for method in ("is_file", "resolve", "exists", "glob"):
        monkeypatch.setattr(Path, method, noting(method))
    document_of(desk).put("name: own\nsteps:\n  - {kind: call, sequence: beside.yaml}\n  - {kind: analyze}\n")
    monkeypatch.undo()
    assert asked == []
    assert not dock.panel.sequence.changed_sign.isHidden()
    assert dock.panel.sequence.choice.currentData() == str(own)


def test_a_file_that_is_gone_is_told_once_and_not_offered_again(dock, desk, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("name: own\nsteps: []\n", encoding="utf-8")
    box, told = dock.panel.sequence, []
    box.take(str(own))
    assert box.choice.findData(str(own)) >= 0
    box.take(str(find_config("sequences", "cascade")))
    own.unlink()
    box.problem.connect(told.append)
    box.take(str(own))
    assert "cannot be read" in told[0]
    assert box.choice.findData(str(own)) < 0
