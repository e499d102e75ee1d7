"""Delays in steps of the time-to-digital converter and in picoseconds; one conversion for writing and reading."""

import numpy as np
from numpy.typing import NDArray

UINT32_MAX = 2**32 - 1

LONGEST_PERIOD_S = 1e-4
"""Longest laser period that is believed in files of others, in s; longer ones are a wrong unit."""


def picoseconds(seconds: float) -> float:
    """Return a time in ps; a value within 1e-7 of a whole number of ps becomes that number.

    Files give units in s, partly in single precision: 1.5999999936e-11 s is 16 ps.
    """
    value = seconds * 1e12
    nearest = float(np.rint(value))
    return nearest if nearest and abs(value - nearest) <= 1e-7 * nearest else value


def to_steps(delay_ps: NDArray[np.uint32], step_ps: float) -> NDArray[np.uint32]:
    """Return delays in ps as the nearest number of steps, uint32."""
    if step_ps == 1.0:
        return delay_ps
    return np.rint(delay_ps / step_ps).astype(np.uint32)


def from_steps(steps: NDArray[np.integer], step_ps: float) -> NDArray[np.uint32]:
    """Return delays in ps, rounded to 1 ps, from non-negative numbers of steps.

    Raises
    ------
    ValueError
        If a delay exceeds the 4.29 ms that fit into uint32.
    """
    longest = float(steps.max(initial=0)) * step_ps
    if longest > UINT32_MAX:
        raise ValueError(f"a delay of {longest / 1e9:.4g} ms; at most {UINT32_MAX / 1e9:.4g} ms can be held")
    if step_ps == 1.0:
        return steps.astype(np.uint32)
    if step_ps == int(step_ps):
        return steps.astype(np.uint32) * np.uint32(step_ps)
    delay_ps: NDArray[np.uint32] = np.rint(steps * step_ps).astype(np.uint32)
    return delay_ps
