"""Amounts for people: rates with prefixes, counts with thousands apart, names and signs of charge states."""

from collections.abc import Sequence

from acquisition.gui.theme.themes import CHARGES

CHARGE_NAMES = dict(zip(CHARGES, ("neutral", "charge −1", "charge −2"), strict=True))

CHARGE_SYMBOLS = dict(zip(CHARGES, ("o", "t", "d"), strict=True))
"""Of points, as pyqtgraph names them: what colours say is said by shapes as well."""

CHARGE_SIGNS = dict(zip(CHARGES, ("●", "▼", "◆"), strict=True))
"""The same in text."""

UNKNOWN_SIGN = "·"

_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def rate_text(rate_cps: float | None) -> str:
    """Return a count rate with four digits, e.g. ``106.3 kcps``; a dash if it is not known."""
    if rate_cps is None:
        return "–"
    for size, prefix in _PREFIXES:
        if abs(rate_cps) >= size:
            return f"{rate_cps / size:.4g} {prefix}cps"
    return f"{rate_cps:.4g} cps"


def count_text(count: int | None) -> str:
    """Return a number of things, with five digits if there are very many; a dash if it is not known."""
    if count is None:
        return "–"
    if count >= 1_000_000:
        size, prefix = next(each for each in _PREFIXES if count >= each[0])
        return f"{count / size:.5g} {prefix}"
    return f"{count:,}".replace(",", "\N{THIN SPACE}")


def whole_percents(numbers: Sequence[int]) -> list[int]:
    """Return the share of each number in their sum in per cent, rounded so that they add up to 100."""
    total = max(1, sum(numbers))
    exact = [100 * number / total for number in numbers]
    found = [int(each) for each in exact]
    largest = sorted(range(len(exact)), key=lambda place: found[place] - exact[place])
    for place in largest[: round(sum(exact)) - sum(found)]:
        found[place] += 1
    return found


def share_text(share: float) -> str:
    """Return a share in per cent with two digits, e.g. ``0.29 %``."""
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"
