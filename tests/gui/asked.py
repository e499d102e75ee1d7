"""Answering the questions of a window, for tests."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QFileDialog, QMessageBox


def questions():
    """Return the questions and messages that stand on the screen."""
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox) and each.isVisible()]


def press(words):
    """Press a button of the one question that stands on the screen; return what it asked."""
    [box] = questions()
    text = box.text()
    assert box.windowModality() == Qt.WindowModality.NonModal
    assert box.icon() == QMessageBox.Icon.NoIcon
    next(button for button in box.buttons() if button.text() == words).click()
    return text


def choose(path):
    """Choose a path in the one file dialog that stands on the screen; None cancels."""
    dialogs = [each for each in QApplication.topLevelWidgets() if isinstance(each, QFileDialog) and each.isVisible()]
    [dialog] = dialogs
    assert dialog.windowModality() == Qt.WindowModality.NonModal
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
    if path is None:
        dialog.reject()
    else:
        dialog.selectFile(str(path))
        dialog.accept()
