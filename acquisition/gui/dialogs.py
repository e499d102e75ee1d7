"""Questions and messages of the window: they hold up nothing, not the emergency stop either, and none is bright."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QInputDialog, QMessageBox, QWidget

Act: TypeAlias = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Answer:
    """A button below a question.

    Attributes
    ----------
    words : str
        What it says.
    act : callable
        What is done if it is pressed.
    tip : str
        What follows from it.
    """

    words: str
    act: Act
    tip: str = ""


def ask(
    parent: QWidget, title: str, text: str, answers: Sequence[Answer], *, no: str = "Cancel", refused: Act | None = None
) -> QMessageBox:
    """Ask a person, and return at once.

    Parameters
    ----------
    parent : QWidget
        Over which the question stands, and with which it goes.
    title, text : str
        A question of the same title that still stands over `parent` is given up.
    answers : sequence of Answer
        What can be done.
    no : str
        Words of the button that does nothing; it is the default, and Escape presses it.
    refused : callable, optional
        Called if that was chosen, or the question given up.
    """
    box = QMessageBox(parent)
    box.setText(text)
    box.setTextFormat(Qt.TextFormat.PlainText)
    for answer in answers:
        box.addButton(answer.words, QMessageBox.ButtonRole.AcceptRole).setToolTip(answer.tip)
    declined = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(declined)
    box.setEscapeButton(declined)

    def tell() -> None:
        pressed = box.clickedButton()
        chosen = next((each.act for each in answers if pressed is not None and each.words == pressed.text()), refused)
        if chosen is not None:
            chosen()

    box.finished.connect(tell)
    show_beside(parent, box, title)
    return box


def tell(parent: QWidget, title: str, text: str) -> QMessageBox:
    """Show a text until somebody closes it."""
    return ask(parent, title, text, (), no="Close")


def ask_text(parent: QWidget, title: str, words: str, then: Callable[[str], object]) -> QInputDialog:
    """Ask for a line of text; `then` is called with it, unless there is none."""
    dialog = QInputDialog(parent)
    dialog.setLabelText(words)
    dialog.textValueSelected.connect(lambda text: then(text.strip()) if text.strip() else None)
    show_beside(parent, dialog, title)
    return dialog


def show_beside(parent: QWidget, dialog: QDialog, title: str) -> None:
    """Show a dialog that leaves all other windows usable; it is gone once it is closed.

    Parameters
    ----------
    parent : QWidget
        Of the dialog; another one of the same title that stands over it is given up.
    dialog : QDialog
    title : str
    """
    for before in parent.findChildren(QDialog):
        if before is not dialog and before.isVisible() and before.windowTitle() == title:
            before.reject()
    dialog.setWindowTitle(title)
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    dialog.finished.connect(dialog.deleteLater)
    dialog.show()
