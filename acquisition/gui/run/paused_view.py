"""The strip that says that the run is held, why, and by whom it goes on."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QSizePolicy

from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.progress import goes_on
from acquisition.gui.view import Desk, Place, View


@view("paused", "Paused", Place.STRIP, order=30, tip="Why the run is held, and what lets it go on.")
class PausedView(View):
    """Why the run is paused; hidden while it is not."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("paused")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.addWidget(self.text)
        self.restyle()
        self.hide()

    def show_said(self, said: Said) -> None:
        """Show it, or nothing."""
        words = paused_words(said.status)
        if words != self.text.text():
            self.text.setText(words)
        self.setVisible(bool(words))

    def restyle(self) -> None:
        """Take the colours of the theme."""
        theme = self.desk.theme
        self.setStyleSheet(
            f"#paused {{ background: {theme.panel}; border-left: 6px solid {theme.warn}; }}"
            f"#paused QLabel {{ color: {theme.text}; background: transparent; }}"
        )


def paused_words(status: Mapping[str, Any] | None) -> str:
    """Return why a run is held, and what lets it go on; empty if it is not held."""
    if status is None or not goes_on(status) or status["state"] not in ("pausing", "paused"):
        return ""
    because = str(status.get("paused_because") or "").strip().rstrip(".")
    if status.get("suspended"):
        why = because or "something is not as it should be"
        return f"Suspended: {why}. No light falls on the sample; the run goes on by itself when this is over."
    if status["state"] == "pausing":
        return f"Pausing ({because}) …" if because else "Pausing …"
    why = f" ({because})" if because else ""
    return f"Paused{why}. No light falls on the sample; Resume lets the run go on where it was."
