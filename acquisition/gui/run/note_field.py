"""A line for a remark that opens below its button and closes with Enter or Escape."""

from qtpy.QtCore import QPoint, Qt, Signal
from qtpy.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget


class NoteField(QFrame):
    """One line; `written` carries its text when Enter is pressed."""

    written = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.line = QLineEdit()
        self.line.setPlaceholderText("Remark for the journal; Enter writes it")
        self.line.setMaxLength(2000)
        self.line.returnPressed.connect(self._write)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 6, 6, 6)
        row.addWidget(self.line)

    def open_below(self, button: QWidget) -> None:
        """Show it below a button, within the screen, ready for typing; what was typed before is still there."""
        width = 40 * self.fontMetrics().averageCharWidth()
        self.resize(max(width, button.width()), self.sizeHint().height())
        corner = button.mapToGlobal(QPoint(0, button.height() + 2))
        screen = button.screen().availableGeometry()
        corner.setX(min(corner.x(), screen.right() - self.width()))
        self.move(corner)
        self.show()
        self.line.setFocus()

    def _write(self) -> None:
        text = self.line.text().strip()
        if text:
            self.line.clear()
            self.hide()
            self.written.emit(text)
