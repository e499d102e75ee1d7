"""What the last emergency stop has done: it stays until somebody has taken note of it."""

from collections.abc import Iterable

from qtpy.QtCore import Qt
from qtpy.QtGui import QFont
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton

from acquisition.gui.client.commands import python_line
from acquisition.gui.client.diary import Entry
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.progress import goes_on
from acquisition.gui.view import Desk, Place, View

LINE = python_line("emergency_stop", (), {})


@view(
    "emergency_outcome", "Outcome of the emergency stop", Place.STRIP, order=5,
    tip="What the last emergency stop has made safe, and what not. It stays until somebody has taken note of it.",
)  # fmt: skip
class OutcomeStrip(View):
    """Hidden until there was an emergency stop.

    Attributes
    ----------
    entry : Entry or None
        The emergency stop that is shown.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("outcome")
        self.entry: Entry | None = None
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setWordWrap(True)
        self.text.setToolTip(self.tip)
        font = QFont()
        font.setBold(True)
        self.text.setFont(font)
        self.noted = QPushButton("Noted")
        self.noted.setToolTip("Take note of it and close this line.")
        self.noted.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a key, pressed for something else, must not close it
        self.noted.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 4, 2)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.noted)
        self._seen, self._failed = 0, ""
        self._roles: tuple[str, ...] = ()
        self._run: object = None
        self.hide()

    def show_said(self, said: Said) -> None:
        """Show an emergency stop that has ended since the last time."""
        if said.devices is not None:
            self._roles = tuple(str(device.get("role", "?")) for device in said.devices)
        status = said.status or {}
        if goes_on(status) and status["run"] != self._run:
            self._run = status["run"]
            if not self._failed:  # it was before this run; what is not safe stays until it is noted
                self.dismiss()
        changed = self.desk.diary.changes(self._seen)
        self._seen = changed[-1].change if changed else self._seen
        for entry in changed:
            if entry.text == LINE and entry.ended_at is not None:
                self._show(entry)

    def restyle(self) -> None:
        """Take the colours of the theme; a failure is filled, as the emergency stop itself."""
        theme = self.desk.theme
        ground, letters = theme.stop if self._failed else (theme.panel, theme.good)
        self.setStyleSheet(
            f"#outcome {{ background: {ground}; border: 2px solid {letters}; }} #outcome QLabel {{ color: {letters}; }}"
        )

    def dismiss(self) -> None:
        """Take note."""
        self.entry, self._failed = None, ""
        self.hide()

    def _show(self, entry: Entry) -> None:
        self.entry = entry
        self._failed = words_of(entry, self._roles) if entry.error else self._failed
        later = words_of(entry, self._roles)
        self.text.setText(later if self._failed in ("", later) else f"{self._failed}\nLater: {later}")
        self.restyle()
        self.show()


def words_of(entry: Entry, roles: Iterable[str]) -> str:
    """Return what an emergency stop has done, in words."""
    at = entry.ended_at or entry.at
    if entry.error:
        return f"{at:%H:%M:%S} EMERGENCY STOP FAILED: light and heat may be on. Switch them off by hand. {entry.error}"
    named = ", ".join(roles)
    return f"{at:%H:%M:%S} Emergency stop: all instruments are safe{f' ({named})' if named else ''}."
