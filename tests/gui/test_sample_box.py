"""Choosing what lies under the simulated microscope, in the Run dock."""

import pytest
from qtpy.QtCore import Qt

from acquisition.config import shipped_names
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.rig_facts import rig_facts
from acquisition.gui.run.run_view import RunView
from acquisition.session import SessionError
from acquisition.session.idle import IDLE
from tests.gui.asked import choose as choose_file
from tests.gui.runs_said import FORECAST, RUNNING, said


@pytest.fixture
def dock(desk, session, qtbot, settle):
    """The Run dock of an idle session, after a check that found nothing wrong."""
    session.answers["check"] = FORECAST
    view = RunView(desk)
    qtbot.addWidget(view)
    view.show()
    view.show_said(said())
    view.panel.check.click()
    settle()
    return view


def lies_there(sample, **more):
    return said({**IDLE, "sample": sample, **more})


def choose(dock, text):
    choice = dock.panel.sample.choice
    choice.setCurrentIndex(choice.findText(text))
    choice.activated.emit(choice.currentIndex())


def tips(dock):
    choice = dock.panel.sample.choice
    return [choice.itemData(at, Qt.ItemDataRole.ToolTipRole) for at in range(choice.count())]


def test_the_samples_are_those_that_come_with_the_program_in_words():
    facts = rig_facts("simulated")
    assert facts.required == ()
    assert list(facts.samples) == shipped_names("samples")
    assert facts.samples["never_charges"] == "CdSe/CdS bulk nanocrystal that stays neutral"


def test_what_lies_under_the_simulated_microscope_is_shown_and_hidden_where_it_is_real(dock):
    box = dock.panel.sample
    assert box.isHidden()
    dock.show_said(lies_there("never_charges"))
    assert not box.isHidden()
    assert box.choice.currentText() == "never_charges"
    assert "stays neutral" in box.choice.toolTip()
    assert "CdSe/CdS bulk nanocrystal that stays neutral" in tips(dock)
    dock.show_said(said())
    assert box.isHidden()


def test_another_sample_is_laid_there_and_disarms_the_start(dock, session, settle):
    dock.show_said(lies_there("never_charges"))
    dock.panel.check.click()
    settle()
    assert dock.panel.start.isEnabled()
    choose(dock, "dark")
    dock.show_said(lies_there("never_charges"))
    assert not dock.panel.sample.choice.isEnabled()
    assert dock.panel.start.toolTip() == "Another sample is being laid there."
    assert not dock.panel.check.isEnabled()
    settle()
    dock.show_said(lies_there("never_charges"))  # what it said before it had done so
    assert session.asked("choose_sample") == [{"sample": "dark"}]
    assert dock.panel.sample.choice.currentText() == "dark"
    dock.show_said(lies_there("dark"))
    assert dock.panel.start.toolTip() == "Something was changed: check it again."
    dock.panel.check.click()
    settle()
    assert dock.panel.start.isEnabled()


def test_a_sample_that_somebody_else_has_chosen_disarms_the_start_too(dock, settle):
    dock.show_said(lies_there("never_charges"))
    dock.panel.check.click()
    settle()
    dock.show_said(lies_there("/lab/mine.yaml"))
    assert dock.panel.sample.choice.currentText().startswith("mine.yaml")
    assert dock.panel.start.toolTip() == "Something was changed: check it again."


def test_a_sample_of_ones_own_is_chosen_as_a_file_and_offered_again(dock, session, settle, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("", encoding="utf-8")
    dock.show_said(lies_there("dark"))
    choose(dock, "Other file …")
    choose_file(None)
    assert session.asked("choose_sample") == []
    assert dock.panel.sample.choice.currentText() == "dark"
    choose(dock, "Other file …")
    choose_file(mine)
    settle()
    assert session.asked("choose_sample") == [{"sample": str(mine)}]
    dock.show_said(lies_there(str(mine)))
    dock.show_said(lies_there("dark"))
    assert dock.panel.sample.choice.findData(str(mine)) >= 0


def test_a_sample_that_could_not_be_laid_there_is_told_and_the_old_one_shown(dock, session, settle):
    session.answers["choose_sample"] = SessionError("the queue is being carried out")
    dock.show_said(lies_there("dark"))
    choose(dock, "never_charges")
    settle()
    dock.show_said(lies_there("dark"))
    assert "the queue is being carried out" in dock.panel.forecast.text.text()
    assert dock.panel.sample.choice.currentText() == "dark"
    assert dock.panel.sample.choice.isEnabled()


def test_no_sample_is_chosen_during_a_run_or_by_who_looks_on(dock, desk):
    choice = dock.panel.sample.choice
    dock.show_said(said({**RUNNING, "sample": "dark"}))
    assert not choice.isEnabled()
    assert "A run goes on" in choice.toolTip()
    desk.in_control = False
    dock.show_said(lies_there("dark"))
    assert not choice.isEnabled()
    assert LOOKS_ON in choice.toolTip()
