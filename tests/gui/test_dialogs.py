"""Questions, messages and file dialogs hold up nothing, and are as dark as the window."""

import re
from pathlib import Path

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QInputDialog, QLineEdit, QWidget

import acquisition.gui
from acquisition.gui.dialogs import Answer, ask, ask_text, tell
from acquisition.gui.file_dialogs import ask_file, ask_folder, ask_new_file
from acquisition.gui.theme.style import dress
from acquisition.gui.theme.themes import THEMES
from tests.gui.asked import choose, press, questions

CODE = sorted(Path(acquisition.gui.__path__[0]).rglob("*.py"))
MAY_RUN = {"app.exec(", "starting.exec(", "loop.exec("}
"""The program itself, what is shown before there is a session, and a rehearsal without a screen."""

RED_SHARE = 0.66


@pytest.fixture
def over(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    return widget


@pytest.fixture
def red(qapp):
    before = qapp.font().pointSizeF()
    dress(THEMES["red"], 10.0)
    yield
    dress(THEMES["dark"], before)


def bright_pixels(widget):
    """Return how many pixels are brighter in green or blue than what spares eyes that are used to the dark."""
    image = widget.grab().toImage()
    colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(0, image.height(), 2)]
    return sum(max(each.green(), each.blue()) > RED_SHARE * each.red() + 8 for each in colours)


def test_no_part_of_the_window_waits_inside_a_dialog():
    found = {f"{path.name}: {call}" for path in CODE for call in re.findall(r"\w+\.exec\(", path.read_text("utf-8"))}
    assert {each for each in found if each.split(": ")[1] not in MAY_RUN} == set()


def test_qt_s_own_boxes_are_made_in_one_place_only():
    boxes = re.compile(r"\b(QMessageBox|QFileDialog|QInputDialog|QErrorMessage|QColorDialog|QFontDialog)\b")
    assert {path.name for path in CODE if boxes.search(path.read_text("utf-8"))} == {"dialogs.py", "file_dialogs.py"}


def test_a_question_calls_what_was_chosen_and_leaves_other_windows_usable(over, qtbot):
    done = []
    ask(over, "Title", "Which?", [Answer("One", lambda: done.append(1)), Answer("Two", lambda: done.append(2))])
    assert QApplication.activeModalWidget() is None
    assert press("Two") == "Which?"
    assert done == [2]
    assert questions() == []


@pytest.mark.parametrize("how", ["button", "escape", "close", "another"])
def test_a_question_that_is_declined_or_given_up_says_no(over, qtbot, how):
    done = []
    box = ask(over, "Title", "Sure?", [Answer("Yes", lambda: done.append("yes"))], refused=lambda: done.append("no"))
    if how == "button":
        press("Cancel")
    elif how == "escape":
        qtbot.keyClick(box, Qt.Key.Key_Escape)
    elif how == "close":
        box.close()
    else:
        ask(over, "Title", "Another one?", [])
        press("Cancel")
    assert done == ["no"]


def test_a_message_stays_until_it_is_closed(over):
    tell(over, "Title", "Not <b>saved</b>")
    assert press("Close") == "Not <b>saved</b>"
    assert questions() == []


def test_a_line_of_text_is_asked_for(over):
    said = []
    dialog = ask_text(over, "Metadata", "Name", said.append)
    assert isinstance(dialog, QInputDialog)
    assert dialog.windowModality() == Qt.WindowModality.NonModal
    dialog.setTextValue("  batch ")
    dialog.accept()
    ask_text(over, "Metadata", "Name", said.append).reject()
    assert said == ["batch"]


def test_a_file_and_a_folder_are_chosen(over, tmp_path, qtbot):
    found = []
    (tmp_path / "a.yaml").write_text("x")
    (tmp_path / "sub").mkdir()
    ask_file(over, "Open", str(tmp_path), "Sequences (*.yaml)", found.append)
    choose(tmp_path / "a.yaml")
    ask_folder(over, "Folder", str(tmp_path), found.append)
    choose(tmp_path / "sub")
    ask_file(over, "Open", str(tmp_path / "a.yaml"), "Sequences (*.yaml)", found.append)
    choose(None)
    assert [Path(path) for path in found] == [tmp_path / "a.yaml", tmp_path / "sub"]


def test_a_file_that_is_not_there_is_told_in_the_colours_of_the_window(over, tmp_path):
    found = []
    ask_file(over, "Open", str(tmp_path), "Sequences (*.yaml)", found.append)
    choose(tmp_path / "none.yaml")
    assert "none.yaml is not there" in press("Close")
    choose(None)
    assert found == []


def test_a_file_is_replaced_only_after_a_question(over, tmp_path):
    found = []
    (tmp_path / "a.yaml").write_text("x")
    ask_new_file(over, "Save", str(tmp_path / "a.yaml"), "Sequences (*.yaml)", "yaml", found.append)
    choose(tmp_path / "a")
    assert "a.yaml is there already" in press("Cancel")
    assert found == []
    choose(tmp_path / "a")
    press("Replace")
    ask_new_file(over, "Save", str(tmp_path), "Sequences (*.yaml)", "yaml", found.append)
    choose(tmp_path / "new")
    assert [Path(path).name for path in found] == ["a.yaml", "new.yaml"]


def test_in_the_dark_room_dialogs_shine_in_no_other_colour_than_red(over, red, tmp_path, qtbot):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.yaml").write_text("x")
    box = tell(over, "Title", "What went wrong")
    dialog = ask_new_file(over, "Save", str(tmp_path / "a.yaml"), "All files (*)", "yaml", lambda path: None)
    qtbot.wait(300)
    assert bright_pixels(box) == 0
    dialog.findChild(QLineEdit).clearFocus()  # the cursor of text inverts what it stands on
    assert bright_pixels(dialog) == 0
    box.close()
    dialog.reject()
