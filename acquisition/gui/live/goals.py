"""Whether there is enough data: how far each goal is, or without goals how well the lifetimes are known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qtpy.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from acquisition.gui.client.feed import Said
from acquisition.gui.live.toggles import Toggles
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, LivePanel, Place
from acquisition.numbers import with_error
from acquisition.report.words import state_text

STEPS = 1000
WANTED_PERCENT = (1.0, 2.0, 3.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Way:
    """How far something is.

    Attributes
    ----------
    text : str
        What is wanted.
    found : str
        How far it is, in words.
    share : float or None
        Of the photons that it needs, from 0 to 1; None if not known.
    reached : bool
    present : float or None
        By which a new finding is told from an old one.
    """

    text: str
    found: str
    share: float | None
    reached: bool
    present: float | None = None


@view(
    "goals", "Enough data?", Place.LIVE, order=58, shows=("progress",),
    tip="How far each goal of this point is. Errors fall with the square root of the photons, so the bars show the "
    "share of the photons that are needed, and with it the share of the time.",
)  # fmt: skip
class GoalsPanel(LivePanel):
    """A bar for each goal; without goals one for each lifetime, towards an error that can be chosen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.wanted = Toggles(
            {f"{percent:g}": f"{percent:g} %" for percent in WANTED_PERCENT},
            "The run has no goal for this point. Choose a relative error of the lifetimes to see how long it takes.",
        )
        self.wanted.choose(("3",))
        self.wanted.changed.connect(self._show)
        self.heading = QLabel()
        self.heading.setWordWrap(True)
        top = QHBoxLayout()
        top.setContentsMargins(6, 4, 6, 0)
        top.addWidget(self.heading, 1)
        top.addWidget(self.wanted)
        self.rows: list[GoalRow] = []
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(6, 2, 6, 4)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(self._inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(scroll, 1)
        self._content: Mapping[str, Any] | None = None
        self._elapsed_s: float | None = None
        self._clock = Remaining()

    def show_said(self, said: Said) -> None:
        """Show the newest; the time that is left changes also while nothing else does."""
        elapsed_s = (said.status or {}).get("elapsed_s")
        changed = elapsed_s != self._elapsed_s
        self._elapsed_s = elapsed_s
        before = self._content
        super().show_said(said)
        if changed and before is self._content:
            self._show()

    def draw(self, said: Said) -> None:
        """Show the newest."""
        self._content = said.panels.get("progress")
        self._show()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        super().restyle()
        self._show()

    def _show(self) -> None:
        content = self._content or {}
        goals, lifetimes = content.get("goals") or (), content.get("lifetimes") or ()
        self.wanted.setVisible(bool(lifetimes) and not goals)
        if goals:
            ways = [goal_way(goal) for goal in goals]
            self.heading.setText("Ends when this is reached:")
        else:
            ways = sorted(
                (lifetime_way(each, float(self.wanted.one)) for each in lifetimes), key=lambda way: way.share or 0.0
            )
            nothing = "No goal, and no lifetime is known yet: needs more light."
            self.heading.setText("No goal. Lifetimes, to:" if lifetimes else nothing)
        while len(self.rows) > len(ways):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.deleteLater()
        while len(self.rows) < len(ways):
            self.rows.append(GoalRow())
            self._column.insertWidget(len(self.rows) - 1, self.rows[-1])
        for row, way in zip(self.rows, ways, strict=True):
            row.show_way(way, self._clock.left_s(way, self._elapsed_s), self.desk)


class GoalRow(QWidget):
    """One goal: what, how far in words, and a bar."""

    def __init__(self) -> None:
        super().__init__()
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(max(8, self.fontMetrics().height() // 2))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 4)
        column.setSpacing(1)
        column.addWidget(self.words)
        column.addWidget(self.bar)

    def show_way(self, way: Way, left_s: float | None, desk: Desk) -> None:
        """Show how far it is."""
        theme = desk.theme
        mark = "\N{CHECK MARK} " if way.reached else ""
        left = f", {time_left(left_s)}" if left_s is not None and not way.reached else ""
        _write(self.words, f"{mark}{way.text}: {way.found or 'not known yet'}{left}")
        share = 1.0 if way.reached else way.share
        self.bar.setValue(0 if share is None else round(share * STEPS))
        self.bar.setToolTip(
            "Nothing is known of it yet." if share is None else f"{100 * share:.0f} % of the photons that are needed."
        )
        style = f"QProgressBar::chunk {{ background: {theme.good if way.reached else theme.accent}; }}"
        if self.bar.styleSheet() != style:
            self.bar.setStyleSheet(style)


class Remaining:
    """Estimates how long something takes, from the time at which its share was found.

    What comes from an analysis stays as it was until the next one, while the time goes on.
    """

    def __init__(self) -> None:
        self._found: dict[str, tuple[float | None, float]] = {}

    def left_s(self, way: Way, elapsed_s: float | None) -> float | None:
        """Return how many seconds are missing; None if that is not known."""
        if way.share is None or way.share <= 0.0 or way.present is None or elapsed_s is None:
            return None
        present, found_s = self._found.get(way.text, (None, 0.0))
        if present != way.present or found_s > elapsed_s:
            found_s = elapsed_s
            self._found[way.text] = way.present, elapsed_s
        return max(0.0, found_s / way.share - elapsed_s)


def goal_way(goal: Mapping[str, Any]) -> Way:
    """Return how far a goal is, as the panel ``progress`` tells it."""
    present, wanted, unit = goal.get("present"), goal.get("wanted"), str(goal.get("unit") or "")
    if present is None or wanted is None:
        found = str(goal.get("found") or "")
    else:
        word = "of" if unit != "sigma" else "sigma of"
        unit = "" if unit == "sigma" else f" {unit.replace('uJ', 'µJ')}".rstrip()
        found = f"{present:.3g}{unit} {word} {wanted:.6g}{unit}"
        if "value" in goal:
            found += f" ({with_error(goal['value'], goal['error'])})"
    text = str(goal["text"])
    return Way(text[:1].upper() + text[1:], found, goal.get("share"), bool(goal["reached"]), present)


def lifetime_way(lifetime: Mapping[str, Any], wanted_percent: float) -> Way:
    """Return how far a lifetime is from a relative error."""
    percent = float(lifetime["percent"])
    share = min(1.0, (wanted_percent / percent) ** 2) if percent > 0 else 1.0
    value = f"{with_error(lifetime['value'], lifetime['error'])} {lifetime['unit']}"
    words, _, state = str(lifetime["of"]).rpartition(" ")
    of = f"{words} {state_text(state)}"
    found = f"{percent:.2g} % of {wanted_percent:g} % ({value})"
    return Way(of[:1].upper() + of[1:], found, share, percent < wanted_percent, percent)


def time_left(seconds: float) -> str:
    """Return roughly how long something takes, e.g. ``about 2 min left``."""
    if seconds < 1:
        return "any moment"
    for limit, size, unit in ((100.0, 1.0, "s"), (6000.0, 60.0, "min"), (math.inf, 3600.0, "h")):
        if seconds < limit:
            rounded = float(f"{seconds / size:.2g}")
            return f"about {rounded:g} {unit} left"
    return ""


def _write(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
