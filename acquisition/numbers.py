"""Values with errors, rounded for people: the error to two digits, the value to the same place."""

import math


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
