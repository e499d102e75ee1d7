"""Says so when the session does not answer: what is shown is then old."""

from collections.abc import Mapping

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View
from acquisition.gui.window.elided import ElidedLabel

BY_HAND = "If light must go off now, switch it off at the instrument"


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
        layout.setContentsMargins(8, 2, 8, 2)
        layout.addWidget(self.text)
        self._told: object = None
        self.restyle()
        self.hide()

    def show_said(self, said: Said) -> None:
        """Show or hide itself."""
        text = connection_words(said.problems, said.silent_s, refused=said.refused)
        told = (frozenset(said.problems), said.refused) if text else None  # not each second anew
        if told != self._told:
            self.desk.diary.note(text or "the session answers again")
        self._told = told
        self.text.setText(text)
        self.setVisible(bool(text))

    def restyle(self) -> None:
        """Take the colours of the theme."""
        theme = self.desk.theme
        self.setStyleSheet(
            f"#connection {{ background: {theme.panel}; border: 2px solid {theme.bad}; }}"
            f"#connection QLabel {{ color: {theme.bad}; }}"
        )


def connection_words(problems: Mapping[str, str], silent_s: float = 0.0, *, refused: bool = True) -> str:
    """Return what is said if the session does not answer; empty if it does.

    Parameters
    ----------
    problems : mapping
        Why, by what was asked; see `Said`.
    silent_s : float
        How long there was no answer, if that is too long.
    refused : bool
        Whether there is more to say than that nothing comes.
    """
    if "status" in problems:
        old = "What is shown is old"
        if silent_s:
            old = f"No answer for {silent_s:.0f} s: what you see is old. {BY_HAND}"
        why = f" ({problems['status']})" if refused else ""
        return f"{old}; a run goes on without the window. Asking again …{why}"
    if problems:
        return "; ".join(f"{what}: {why}" for what, why in sorted(problems.items()))
    return ""
