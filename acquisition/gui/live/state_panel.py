"""What the panels of the states share: how old the analysis is, why there is none, what it needs."""

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget
from superqt import QElidingLabel

from acquisition.analysis.live import FIRST_CHARGE_FIT_S
from acquisition.gui.client.feed import Said
from acquisition.gui.live.photon_panel import about
from acquisition.gui.live.state_figures import StateFigures
from acquisition.gui.plots.canvas import Canvas
from acquisition.gui.view import Desk, LivePanel

OLD_S = 30.0
"""An analysis that has not seen so much of the measurement is called old."""


class StatePanel(LivePanel):
    """A panel of what is known of each state, drawn anew with each analysis.

    Subclasses put their widgets into `row` and `body`, and draw.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.figures = StateFigures({}, {})
        self.has_figures = False
        self.row = QHBoxLayout()
        self.row.setContentsMargins(4, 2, 4, 0)
        self.row.setSpacing(8)
        self.age = QElidingLabel()
        self.age.setToolTip(
            "Up to which time of the measurement the last analysis has seen, and how long it took. It is made anew "
            "every few seconds: of a long measurement from the newest photons, at its end from all."
        )
        font = self.age.font()
        font.setPointSizeF(0.85 * font.pointSizeF())
        self.age.setFont(font)
        self.age.setContentsMargins(4, 0, 4, 0)
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.why.setMargin(12)
        self.body = QWidget()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.why)
        self.pages.addWidget(self.body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self.row)
        column.addWidget(self.pages, 1)
        column.addWidget(self.age)
        self._status: Mapping[str, Any] = {}

    @abstractmethod
    def draw_figures(self, figures: StateFigures) -> str:
        """Draw what an analysis gave, and return why nothing can be drawn; empty if something was."""

    def content(self, said: Said) -> Mapping[str, Any] | None:
        """Return what the session says for this panel, with ``values``; None if nothing."""
        return said.panels.get(next(iter(self.shows)))

    def why_nothing(self) -> str:
        """Return why the last analysis has nothing for this panel; empty if it has."""
        return self.figures.why_nothing

    def show_said(self, said: Said) -> None:
        """Draw a new analysis; while there is none, say what is waited for."""
        self._status = said.status or {}
        super().show_said(said)
        self._show_age(said)
        if not self.has_figures and not self.age.text():
            self._say(what_is_needed(self._status))

    def draw(self, said: Said) -> None:
        """Draw the newest analysis, or say why there is none."""
        content = self.content(said)
        for canvas in self.findChildren(Canvas):
            canvas.about = about(said)
        self.has_figures = bool(content and content.get("values"))
        self._show_age(said)
        if content is None:
            self._say(what_is_needed(self._status))
        elif not self.has_figures:
            self._say(str(content.get("problem") or "The analysis gave nothing."))
        else:
            self.figures = StateFigures.of(content)
            self.redraw()

    def _show_age(self, said: Said) -> None:
        text = age_text(self.content(said), self._status.get("elapsed_s"))
        if text != self.age.text():
            old = "\N{WARNING SIGN}" in text
            self.age.setText(text)
            self.age.setStyleSheet(f"color: {self.desk.theme.warn}" if old else "")

    def redraw(self) -> None:
        """Draw the last analysis again, such as after a choice."""
        if not self.has_figures:
            return
        self._say(self.why_nothing() or self.draw_figures(self.figures))

    def restyle(self) -> None:
        """Take the colours of the theme."""
        super().restyle()
        if self.age.styleSheet():
            self.age.setStyleSheet(f"color: {self.desk.theme.warn}")
        self.redraw()

    def _say(self, why: str) -> None:
        if why and why != self.why.text():
            self.why.setText(why)
        page = self.why if why else self.body
        if self.pages.currentWidget() is not page:
            self.pages.setCurrentWidget(page)


def age_text(content: Mapping[str, Any] | None, now_s: float | None = None) -> str:
    """Return up to when an analysis has seen of `now_s`, and how long it took; empty if there is none."""
    if content is None or content.get("elapsed_s") is None:
        return ""
    if content.get("problem") and content.get("values"):
        return f"\N{WARNING SIGN} {content['problem']}"
    if content.get("final"):
        return f"whole point, {content['elapsed_s']:.4g} s"
    took = f", took {content['took_s']:.2g} s" if content.get("took_s") else ""
    newest = f", from the last {content['of_last_s']:.3g} s" if content.get("of_last_s") else ""
    return f"as of {content['elapsed_s']:.4g} s{behind_text(content, now_s)}{newest}{took}"


def behind_text(content: Mapping[str, Any], now_s: float | None) -> str:
    """Return of how long a measurement an analysis knows only the beginning; empty if it is about up to date."""
    if now_s is None or now_s <= content["elapsed_s"] + OLD_S:
        return ""
    return f" of {now_s:.4g} s \N{WARNING SIGN}"


def what_is_needed(status: Mapping[str, Any]) -> str:
    """Return in words what an analysis of the states waits for."""
    if not status.get("run"):
        return "Nothing is measured yet. Start a run; its states are analysed while it goes on."
    elapsed_s = status.get("elapsed_s")
    if elapsed_s is None:
        return "Waits for the first photons of this point."
    left_s = math.ceil(FIRST_CHARGE_FIT_S - elapsed_s)
    if left_s > 0:
        return f"Needs about {left_s} s more light to tell charge states apart."
    return "The first analysis is being made."
