"""Axes that say what they show and in which unit, and write numbers without prefixes that nobody asked for."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MOST_DIGITS = 6
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
    """

    quantity: str
    unit: str = ""
    log: bool = False

    @property
    def label(self) -> str:
        """What is written along it, as in the report, e.g. ``delay (ns)``."""
        return f"{self.quantity} ({self.unit})" if self.unit else self.quantity


class PlainAxis(pg.AxisItem):
    """Writes numbers as they are, those of more than six digits as powers of ten."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        self.setStyle(tickLength=4, autoReduceTextSpace=False, hideOverlappingLabels=OVERHANG)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802 - of pyqtgraph
        """Return the text of each tick."""
        if self.logMode:
            return [power_text(value) for value in values]
        places = max(0, math.ceil(-math.log10(spacing * scale))) if spacing > 0 else 0
        return [number_text(value * scale, places) for value in values]


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
