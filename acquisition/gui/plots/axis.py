"""Axes that say what they show and in which unit, and write numbers without prefixes that nobody asked for."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from qtpy.QtGui import QFontMetricsF
from qtpy.QtWidgets import QApplication

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MOST_DIGITS = 6
TALL, WIDE = 2.0, 9.0
"""Room for a number along an upright axis in heights of the text, along the other one in letters."""

CLOSE = 1.1
"""The same on a low axis that would else have one number only, which says nothing of its scale."""

OVERHANG = 16
"""By how many dots of the screen the first and the last number may stand over the end of the axis."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows.

    Attributes
    ----------
    quantity : str
        As the reports name it, e.g. ``delay``.
    unit : str
        Its unit; empty for a number of something.
    log : bool
        Whether it is logarithmic at first; only vertical axes can be.
    short : str
        What is written along an axis that is too short for the rest; empty: nothing.
    """

    quantity: str
    unit: str = ""
    log: bool = False
    short: str = ""

    @property
    def label(self) -> str:
        """What is written along it, as in the report, e.g. ``delay (ns)``."""
        return f"{self.quantity} ({self.unit})" if self.unit else self.quantity


class PlainAxis(pg.AxisItem):
    """Writes numbers as they are, those of more than six digits as powers of ten.

    Attributes
    ----------
    name_end : float or None
        Where the name of a lower axis has to end, in dots of the scene, because something else stands beside it; None
        if nothing does.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.name_end: float | None = None
        self.enableAutoSIPrefix(False)
        self.setStyle(tickLength=4, autoReduceTextSpace=False, hideOverlappingLabels=OVERHANG)

    def resizeEvent(self, event: Any = None) -> None:  # noqa: N802 - of pyqtgraph
        """Put the name into the middle, or as far left of it as must be."""
        super().resizeEvent(event)
        if getattr(self, "name_end", None) is not None and self.label is not None:  # asked while the base is built
            place, end = self.label.pos(), self.name_end - self.scenePos().x()
            self.label.setPos(min(place.x(), end - self.label.boundingRect().width()), place.y())

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802
        """Return the distance of numbers, which have room for their text, and of the small ticks between them."""
        metrics = QFontMetricsF(self.style["tickFont"] or QApplication.font())
        upright = self.orientation in ("left", "right")
        text = TALL * metrics.height() if upright else WIDE * metrics.averageCharWidth()
        step = round_step((high - low) / max(1.0, size / text))
        if upright and math.floor(high / step) - math.ceil(low / step) < 1:
            step = round_step((high - low) / max(1.0, size / (CLOSE * metrics.height())))
        if self.logMode:
            return [(max(1.0, math.ceil(step)), 0.0)]
        return [(step, 0.0), (step / 5, 0.0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802 - of pyqtgraph
        """Return the text of each tick."""
        if self.logMode:
            return [power_text(value) if spacing is not None else "" for value in values]
        places = max(0, math.ceil(-math.log10(spacing * scale))) if spacing > 0 else 0
        return [number_text(value * scale, places) for value in values]


def round_step(least: float) -> float:
    """Return the next of 1, 2, 5, 10 ... times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(least, 1e-300)))
    return power * next(by for by in (1, 2, 5, 10) if power * by >= least * (1 - 1e-9))


def number_text(value: float, places: int) -> str:
    """Return a number with so many decimals; thousands stand apart, and large ones are powers of ten."""
    if abs(value) >= 10**MOST_DIGITS:
        mantissa, exponent = f"{value:.3e}".split("e")
        return f"{float(mantissa):g}×10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    if abs(value) >= 10_000:
        return f"{value:,.{places}f}".replace(",", "\N{THIN SPACE}")
    return f"{value if value else 0.0:.{places}f}"


def power_text(exponent: float) -> str:
    """Return a power of ten, as a number where that is short; nothing for what is between powers."""
    value = 10.0**exponent
    if not math.isclose(exponent, round(exponent), abs_tol=1e-6):
        return ""
    return f"{value:g}" if -2 <= exponent <= 3 else f"10{str(round(exponent)).translate(_SUPERSCRIPT)}"


def edges_of(centres: Any) -> Any:
    """Return where bins begin and end, shape (n + 1,), given their centres, shape (n,), n > 1."""
    middle = 0.5 * (centres[1:] + centres[:-1])
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])
