"""Count rates, doses and drifts in words that are read from across the room."""

from collections.abc import Mapping
from typing import Any

_PREFIXES = ((1e6, "M"), (1e3, "k"), (1.0, ""))


def rate(rate_cps: float) -> tuple[str, str]:
    """Return a count rate in counts/s as number (three to four digits, never more) and unit, e.g. ``12.3``, ``kcps``.

    One digit more or less does not move the others: numbers of a prefix keep their decimals.
    """
    factor, prefix = next((each for each in _PREFIXES if abs(rate_cps) >= 0.9995 * each[0]), _PREFIXES[-1])
    value = rate_cps / factor
    decimals = 0 if factor == 1.0 or abs(value) >= 99.95 else 1
    return f"{value:.{decimals}f}", f"{prefix}cps"


def share(value: float, error: float | None) -> str:
    """Return a share in percent, with its error if that is known."""
    if error is None:
        return f"{100 * value:.0f} %"
    decimals = 0 if 100 * error >= 1 else 1
    return f"{100 * value:.{decimals}f} ± {100 * error:.{decimals}f} %"


def dose(said: Mapping[str, Any]) -> str:
    """Return the dose of a dot since the alignment began, e.g. ``12 s of light, 1.2e7 pulses, 35 uJ``."""
    parts = []
    if said.get("light_on_s") is not None:
        light_s = float(said["light_on_s"])
        parts.append(f"{light_s:.0f} s of light" if light_s < 120 else f"{light_s / 60:.1f} min of light")
    if said.get("pulses"):
        parts.append(f"{_short(said['pulses'], 2)} pulses")
    if said.get("uj") is not None:
        parts.append(f"{_short(said['uj'], 3)} µJ")
    elif said.get("percent_s"):
        parts.append(f"{_short(said['percent_s'], 3)} %·s")
    return ", ".join(parts) or "no light yet"


def trend(share_per_min: float | None) -> str:
    """Return a relative drift per minute with its sign, e.g. ``-2.1 %/min``."""
    return "not known yet" if share_per_min is None else f"{100 * share_per_min:+.1f} %/min"


def _short(value: float, digits: int) -> str:
    """Return a number with few digits, e.g. ``1.2e7``."""
    return f"{float(value):.{digits}g}".replace("e+0", "e").replace("e+", "e")
