"""Numbers for people: errors to two digits and values to the same place, units as the name of a quantity tells."""

import math

UNITS = {
    "_s": "s", "_ms": "ms", "_us": "µs", "_ns": "ns", "_ps": "ps", "_hz": "Hz", "_cps": "cps", "_per_s": "1/s",
    "_per_us": "1/µs", "_percent": "%", "_c": "°C", "_c_per_min": "°C/min", "_w": "W", "_uw": "µW", "_nw": "nW",
    "_uj": "µJ", "_pj": "pJ", "_um": "µm", "_um_per_s": "µm/s", "_nm": "nm", "_v": "V", "_ev": "eV",
}  # fmt: skip
"""Units that the end of a name tells; the longest end that fits counts."""

_PREFIXED = {
    "Hz": ((1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz")),
    "cps": ((1e6, "Mcps"), (1e3, "kcps"), (1.0, "cps")),
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")),
    "ps": ((1e6, "µs"), (1e3, "ns"), (1.0, "ps")),
    "W": ((1.0, "W"), (1e-3, "mW"), (1e-6, "µW"), (1e-9, "nW")),
}
"""Units that are shown with a prefix, largest first."""


def with_error(value: float, error: float | None = None, plus_minus: str = "±") -> str:
    """Return a value with its standard error as text, e.g. ``59.03 ± 0.12``.

    Parameters
    ----------
    value : float
        The value; four digits are shown where no error is known.
    error : float, optional
        Its standard error; negative, zero and not finite count as not known.
    plus_minus : str
        What stands between them.
    """
    if error is None or not math.isfinite(error) or error <= 0 or not math.isfinite(value):
        return f"{value:.4g}"
    decimals = 1 - math.floor(math.log10(error))
    if round(error, decimals) >= 10 ** (2 - decimals):  # 0.0996 becomes 0.10
        decimals -= 1
    shown = max(decimals, 0)
    return f"{round(value, decimals):.{shown}f} {plus_minus} {round(error, decimals):.{shown}f}"


def pull(value: float, error: float, truth: float) -> float:
    """Return how many standard errors a value lies above the truth; raises `ValueError` if `error` is not positive."""
    if not error > 0:
        raise ValueError(f"a pull needs a positive error, not {error}")
    return (value - truth) / error


def duration(seconds: float) -> str:
    """Return a time for people, e.g. ``9:05`` or ``1:02:03``."""
    whole = max(0, math.ceil(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def unit_in(name: str) -> str:
    """Return the unit that the name of a quantity tells, e.g. ``°C`` of ``temperature_c``; empty if it tells none."""
    return UNITS.get(_suffix(name), "")


def words_of(name: str) -> str:
    """Return the name of a quantity in words, without its unit, e.g. ``repetition rate`` of ``repetition_rate_hz``."""
    return name.removesuffix(_suffix(name)).replace("_", " ")


def with_unit(name: str, value: str | float | bool | None, digits: int = 6) -> str:
    """Return a plain value with the unit that its name tells, e.g. ``1 MHz`` of ``rate_hz`` and 1e6.

    Numbers have `digits` digits at most; what is not known is shown as ``–``, true and false as ``yes`` and ``no``.
    """
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    unit = unit_in(name)
    if isinstance(value, int | float):
        steps = _PREFIXED.get(unit, ((1.0, unit),)) if value else ((1.0, unit),)
        factor, unit = next((step for step in steps if abs(value) >= step[0] * (1 - 1e-9)), steps[-1])
        return f"{value / factor:.{digits}g} {unit}".rstrip()
    return f"{value} {unit}".rstrip()


def _suffix(name: str) -> str:
    return max((end for end in UNITS if name.endswith(end)), key=len, default="")
