"""Says so when the session does not answer: what is shown is then old."""

from collections.abc import Mapping

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View
from acquisition.gui.window.elided import ElidedLabel


@view(
    "connection", "Connection", Place.STRIP, order=10,
    tip="The run is carried out by another program, the session server, and does not need this window.",
)  # fmt: skip
class ConnectionStrip(View):
    """One line; hidden while the session answers."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("connection")
        self.text = ElidedLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.addWidget(self.text)
        self._told = ""
        self.restyle()
        self.hide()

    def show_said(self, said: Said) -> None:
        """Show or hide itself."""
        text = connection_words(said.problems)
        if text == self._told:
            return
        if text:
            self.desk.diary.note(text)
        elif self._told:
            self.desk.diary.note("the session answers again")
        self._told = text
        self.text.setText(text)
        self.setVisible(bool(text))

    def restyle(self) -> None:
        """Take the colours of the theme."""
        theme = self.desk.theme
        self.setStyleSheet(
            f"#connection {{ background: {theme.panel}; border: 2px solid {theme.bad}; }}"
            f"#connection QLabel {{ color: {theme.bad}; }}"
        )


def connection_words(problems: Mapping[str, str]) -> str:
    """Return what is said if the session does not answer, by what was asked of it; empty if it does."""
    if "status" in problems:
        return (
            f"The session does not answer: {problems['status']}. What is shown is old; a run goes on without the "
            "window. Asking again …"
        )
    if problems:
        return "; ".join(f"{what}: {why}" for what, why in sorted(problems.items()))
    return ""
