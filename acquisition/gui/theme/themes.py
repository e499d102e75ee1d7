"""The themes: colours of windows, text, plots and states, safe for colour-blind people."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

STATES = ("X", "X-", "X2-", "BX", "BX-", "BX2-")
CHARGES = ("neutral", "minus1", "minus2")


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``.

    Attributes
    ----------
    name : str
        By which it is chosen.
    window, panel, text, faint, line, accent : str
        Background of the window and of plots, text, text of less weight, axes and frames, what is active.
    warn, bad, good : str
        Of messages and signs; never the only difference between two of them.
    states : mapping
        By state.
    charges : mapping
        By charge state.
    heat : str
        Name of the colour map of pictures, as pyqtgraph knows it.
    stop, banner : tuple of str
        Ground and letters of the emergency stop, and of the banner over what is simulated.
    """

    name: str
    window: str
    panel: str
    text: str
    faint: str
    line: str
    accent: str
    warn: str
    bad: str
    good: str
    states: Mapping[str, str]
    charges: Mapping[str, str]
    heat: str
    stop: tuple[str, str]
    banner: tuple[str, str]


def _states(*colours: str) -> Mapping[str, str]:
    return MappingProxyType(dict(zip(STATES, colours, strict=True)))


def _charges(*colours: str) -> Mapping[str, str]:
    return MappingProxyType(dict(zip(CHARGES, colours, strict=True)))


# Okabe and Ito, "Color Universal Design" (2008); brightened for dark grounds.
_ON_DARK = _states("#56b4e9", "#e69f00", "#2fc79b", "#9ad2f3", "#f4c55c", "#8fe3cc")
_ON_LIGHT = _states("#0072b2", "#b35c00", "#007a5a", "#4a96c6", "#c47f00", "#009e73")
# one hue, told apart by how bright it is: what is red does not spoil eyes that are used to the dark
_ON_RED = _states("#ff6b5e", "#d94a3d", "#b23d32", "#ff9d94", "#e8766b", "#c45a50")

THEMES: Mapping[str, Theme] = MappingProxyType(
    {
        theme.name: theme
        for theme in (
            Theme(
                "dark", "#1b1e23", "#121418", "#e6e6e6", "#9aa3ad", "#59626d", "#56b4e9", "#f0c04c", "#ff6b6b",
                "#4fc38a", _ON_DARK, _charges("#56b4e9", "#e69f00", "#2fc79b"), "viridis",
                ("#c21f1f", "#ffffff"), ("#f0c04c", "#121418"),
            ),
            Theme(
                "light", "#f4f5f7", "#ffffff", "#16191d", "#55606b", "#9aa3ad", "#0072b2", "#8a5c00", "#b3261e",
                "#1a7f4b", _ON_LIGHT, _charges("#0072b2", "#b35c00", "#007a5a"), "viridis",
                ("#c21f1f", "#ffffff"), ("#ffb000", "#16191d"),
            ),
            Theme(
                "red", "#120404", "#0a0202", "#ff5548", "#f4453a", "#4e1610", "#ff7468", "#ff8c82", "#ffa59d",
                "#e04a3d", _ON_RED, _charges("#ff9d94", "#d94a3d", "#b23d32"), "CET-L13",
                ("#ff3326", "#120404"), ("#ff8c82", "#0a0202"),
            ),
        )
    }
)  # fmt: skip
