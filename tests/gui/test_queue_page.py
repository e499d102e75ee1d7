"""The page of the queue: what its buttons and a dragged row ask for, and that the session's word counts."""

import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from qtpy.QtWidgets import QApplication

from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.queue_dialog import QueueDialog
from acquisition.gui.run.queue_rows import HEADS
from acquisition.gui.run.queue_view import QueueView
from acquisition.session import SessionError
from tests.gui.runs_said import RUN, said


def entry(number, state="waiting", **more):
    """Return an entry as the session says it."""
    return {
        "id": number, "state": state, "held": False, "sequence": "cascade", "source": None, "overrides": {},
        "metadata": {}, "rig": "simulated", "out": "/runs", "here": True, "attended": False,
        "on_failure": "stop_queue", "on_interrupt": "ask", "expected_s": 600.0, "starts_at": None, "ends_at": None,
        "run": None, "outcome": None, "message": None, **more,
    }  # fmt: skip


def queue(*entries, state="idle", **more):
    """Return an answer about the queue, a new one each time."""
    return {"state": state, "hold_reason": None, "message": "", "entries": list(entries), **more}


FOUR = (entry(1, "completed", run=RUN), entry(2), entry(3), entry(4))


@pytest.fixture
def page(desk, qtbot):
    """The page with one finished entry and three that wait."""
    view = QueueView(desk)
    qtbot.addWidget(view)
    view.resize(1000, 500)
    view.show()
    view.show_said(said(queue=queue(*FOUR)))
    return view


def choose(page, number):
    page.panel.table.selectRow(page.model.row_of_entry(number))
    page.show_said(said(queue=page._queue))


def shown(page, column):
    at = HEADS.index(column)
    return [page.model.index(row, at).data() for row in range(page.model.rowCount())]


def drop(page, number, row):
    """Drop an entry of the table before a row of it, with the mouse."""
    table, model = page.panel.table, page.model
    data = model.mimeData([model.index(model.row_of_entry(number), 0)])
    last = table.visualRect(model.index(model.rowCount() - 1, 1))
    place = (
        table.visualRect(model.index(row, 1)).topLeft() + QPoint(9, 1) if row < model.rowCount() else last.bottomLeft()
    )
    how = (Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    for event in (QDragEnterEvent(place, *how), QDragMoveEvent(place, *how), QDropEvent(QPointF(place), *how)):
        QApplication.sendEvent(table.viewport(), event)


def test_an_empty_queue_says_how_to_fill_it(desk, qtbot):
    view = QueueView(desk)
    qtbot.addWidget(view)
    view.show_said(said(queue=queue()))
    assert "Add to queue" in view.panel.state.text()
    assert not any(button.isEnabled() for button in view.panel.buttons.values())


def test_entries_are_shown_with_state_times_and_what_keeps_them_waiting(page):
    waits = entry(2, held=True, message="waits for a person", overrides={"acquire_photons.duration": "2 min"})
    times = {"starts_at": "2026-11-20T09:00:00+00:00", "ends_at": "2026-11-20T09:10:00+00:00"}
    page.show_said(said(queue=queue(entry(1, "failed", message="no light", **times), waits, hold_reason="by ada")))
    assert shown(page, "State") == ["✗ failed", "❙❙ held"]
    assert shown(page, "Takes") == ["10:00", "10:00"]
    assert shown(page, "Changes") == ["", "acquire_photons.duration = 2 min"]
    assert shown(page, "Remark") == ["no light", "waits for a person"]
    assert shown(page, "Starts")[0].startswith("2026-11-20 ")
    assert page.panel.state.text() == "The queue is not being carried out; 0 waiting, 1 held. Held: by ada."


def test_entries_are_told_apart_by_sample_and_dot(page):
    one = entry(1, metadata={"operator": "ada", "dot": 7}, overrides={"acquire_photons.duration": "2 min"})
    other = entry(2, metadata={"operator": "ada"}, overrides={"metadata.sample": "CdSe 12", "metadata.dot": "8b"})
    page.show_said(said(queue=queue(one, other, message="nothing waits")))
    assert shown(page, "Dot") == ["7", "8b"]
    assert shown(page, "Sample") == ["", "CdSe 12"]
    assert shown(page, "Changes") == [
        "acquire_photons.duration = 2 min; metadata.operator = ada", "metadata.operator = ada",
    ]  # fmt: skip
    assert page.panel.state.text() == "The queue is not being carried out; 2 waiting."
    page.show_said(said(queue=queue(one, other, message="no light")))
    assert page.panel.state.text().endswith("Stopped last because: no light.")


def test_a_dragged_row_stays_where_it_was_and_says_so_until_the_session_has_moved_it(page, session, settle):
    drop(page, 4, 1)
    assert shown(page, "No.") == ["1", "2", "3", "4"]
    assert shown(page, "State")[3] == "moving …"
    settle()
    assert session.asked("queue_move") == [{"entry_id": 4, "position": 1}]
    page.show_said(said(queue=queue(*FOUR)))
    assert shown(page, "State")[3] == "moving …"
    page.show_said(said(queue=queue(FOUR[0], FOUR[3], FOUR[1], FOUR[2])))
    assert shown(page, "No.") == ["1", "4", "2", "3"]
    assert shown(page, "State") == ["✓ completed", "waiting", "waiting", "waiting"]


def test_a_move_that_the_session_refuses_is_told_and_pending_no_more(page, session, settle):
    session.answers["queue_move"] = SessionError("entry 4 is not waiting")
    drop(page, 4, 1)
    settle()
    page.show_said(said(queue=queue(*FOUR)))
    assert shown(page, "State")[3] == "waiting"
    assert page.panel.problem.text() == "Refused: entry 4 is not waiting"


def test_a_move_that_somebody_else_undid_is_not_pending_for_ever(page, settle):
    drop(page, 4, 1)
    settle()
    for _ in range(2):
        page.show_said(said(queue=queue(*FOUR)))
    assert shown(page, "State")[3] == "waiting"


def test_dropping_a_row_where_it_is_asks_for_nothing(page, session):
    drop(page, 3, 2)
    drop(page, 3, 3)
    assert session.asked("queue_move") == []


def test_only_what_waits_can_be_dragged_and_only_in_control(page, desk):
    def draggable():
        flags = [page.model.flags(page.model.index(row, 0)) for row in range(4)]
        return [bool(flag & Qt.ItemFlag.ItemIsDragEnabled) for flag in flags]

    assert draggable() == [False, True, True, True]
    desk.in_control = False
    assert draggable() == [False] * 4


def test_up_and_down_move_by_one(page, session, settle):
    choose(page, 3)
    page.panel.buttons["up"].click()
    page.panel.buttons["down"].click()
    settle()
    assert session.asked("queue_move") == [{"entry_id": 3, "position": 1}, {"entry_id": 3, "position": 3}]
    choose(page, 2)
    assert not page.panel.buttons["up"].isEnabled()
    choose(page, 4)
    assert not page.panel.buttons["down"].isEnabled()


def test_an_entry_is_held_and_released(page, session, settle):
    choose(page, 2)
    page.panel.buttons["hold"].click()
    assert shown(page, "State")[1] == "being held …"
    settle()
    page.show_said(said(queue=queue(FOUR[0], entry(2, held=True), *FOUR[2:])))
    assert page.panel.buttons["hold"].text() == "Release"
    page.panel.buttons["hold"].click()
    settle()
    assert session.asked("queue_edit") == [
        {"entry_id": 2, "changes": {"held": True}}, {"entry_id": 2, "changes": {"held": False}},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("button", "method", "arguments"),
    [
        ("repeat", "queue_repeat", {"entry_id": 2}), ("remove", "queue_remove", {"entry_id": 2}),
        ("start", "queue_start", {}), ("clear", "queue_clear_finished", {}),
    ],
)  # fmt: skip
def test_each_button_asks_for_its_own(page, session, settle, button, method, arguments):
    choose(page, 2)
    page.panel.buttons[button].click()
    settle()
    assert session.asked(method) == [arguments]


def test_a_queue_that_runs_can_be_stopped_and_not_started(page, session, settle):
    page.show_said(said(queue=queue(entry(1, "running"), *FOUR[1:], state="running")))
    assert not page.panel.buttons["start"].isEnabled()
    page.panel.buttons["stop"].click()
    settle()
    assert session.asked("queue_stop") == [{}]


def test_an_error_of_the_queue_stands_on_its_page_until_something_works(page, session, settle):
    session.answers["queue_start"] = SessionError("the run cascade is going on")
    page.panel.buttons["start"].click()
    settle()
    assert page.panel.problem.text() == "Refused: the run cascade is going on"
    session.answers["queue_start"] = None
    page.panel.buttons["start"].click()
    settle()
    assert page.panel.problem.isHidden()


def test_what_runs_can_only_be_doubled(page):
    page.show_said(said(queue=queue(entry(1, "running"), *FOUR[1:], state="running")))
    choose(page, 1)
    of_entry = ("up", "down", "hold", "edit", "repeat", "remove")
    assert [name for name in of_entry if page.panel.buttons[name].isEnabled()] == ["repeat"]


def test_who_looks_on_changes_nothing(page, desk):
    choose(page, 2)
    desk.in_control = False
    page.show_said(said(queue=queue(*FOUR)))
    assert not any(button.isEnabled() for button in page.panel.buttons.values())
    assert page.panel.buttons["start"].toolTip() == LOOKS_ON


def test_the_chosen_entry_stays_chosen_when_rows_come_and_go(page):
    choose(page, 3)
    page.show_said(said(queue=queue(*FOUR[1:])))
    assert page.chosen["id"] == 3
    assert [index.row() for index in page.panel.table.selectionModel().selectedRows()] == [1]
    page.show_said(said(queue=queue(FOUR[1])))
    assert page.chosen is None


def edited(page, qtbot, number):
    choose(page, number)
    page.panel.buttons["edit"].click()
    dialog = page.window().findChild(QueueDialog)
    qtbot.addWidget(dialog)
    return dialog


def test_what_an_entry_replaces_is_changed_in_a_dialogue(page, session, settle, qtbot):
    dialog = edited(page, qtbot, 2)
    dialog.overrides.setPlainText("acquire_photons.duration = 2 min\nmetadata.dot = 7")
    dialog.on_interrupt.set_value("resume")
    dialog._take()
    assert shown(page, "State")[1] == "being changed …"
    settle()
    changes = {"overrides": {"acquire_photons.duration": "2 min", "metadata.dot": 7}, "on_interrupt": "resume"}
    assert session.asked("queue_edit") == [{"entry_id": 2, "changes": changes}]
    page.show_said(said(queue=queue(FOUR[0], entry(2, **changes), *FOUR[2:])))
    assert shown(page, "State")[1] == "waiting"


def test_a_line_that_cannot_be_read_keeps_the_dialogue_open(page, session, qtbot):
    dialog = edited(page, qtbot, 2)
    dialog.overrides.setPlainText("2 min")
    dialog._take()
    assert dialog.isVisible()
    assert "is not of the form" in dialog.problem.text()
    assert session.asked("queue_edit") == []


def test_of_an_interrupted_entry_only_what_follows_can_be_changed(page, session, settle, qtbot):
    page.show_said(said(queue=queue(entry(1, "interrupted", run=RUN), *FOUR[1:])))
    dialog = edited(page, qtbot, 1)
    assert not dialog.overrides.isEnabled()
    dialog.on_interrupt.set_value("resume")
    dialog._take()
    settle()
    assert session.asked("queue_edit") == [{"entry_id": 1, "changes": {"on_interrupt": "resume"}}]
