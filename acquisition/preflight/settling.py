"""How long a heated substrate took to settle in earlier runs, and what that says about the next time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np

from acquisition.sequence import WaitUntilStable
from acquisition.storage import RecordingError, RunFolder, read_journal

FEWEST = 3
"""Waits that must be known before anything is said."""

LIKE = 1.5
"""Temperature steps whose sizes differ by less than this factor count as alike."""

MOST_RUNS = 200
"""The newest runs that are read."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One wait of an earlier run: from a temperature to another, and the time until it was there to stay.

    It was there when it stayed within `tolerance_c` for `window_s`.
    """

    from_c: float
    to_c: float
    settled_after_s: float
    tolerance_c: float
    window_s: float


@dataclass(frozen=True, slots=True)
class LearntTime:
    """Median and quartiles of the settle times of temperature steps that were alike, in s, and their number."""

    median_s: float
    low_s: float
    high_s: float
    count: int


class Learnt:
    """What earlier waits say.

    Parameters
    ----------
    waits : sequence of Settled
    """

    def __init__(self, waits: Sequence[Settled] = ()) -> None:
        self._waits = tuple(waits)

    def for_waits(self, steps: Iterable[WaitUntilStable]) -> "Learnt":
        """Return what says something of steps that wait: with the same tolerance and window.

        Where these differ among the steps, the tightest tolerance counts and with it the longest window: the time
        for the others is then rather too long than too short.
        """
        criteria = [(step.tolerance_c, -step.window_s) for step in steps]
        if not criteria:
            return Learnt()
        tolerance_c, negative_s = min(criteria)
        return Learnt(
            [
                wait
                for wait in self._waits
                if isclose(wait.tolerance_c, tolerance_c) and isclose(wait.window_s, -negative_s)
            ]
        )

    def about(self, from_c: float, to_c: float) -> LearntTime | None:
        """Return how long it took between temperatures about so far apart, in the same direction.

        Returns
        -------
        LearntTime or None
            None where fewer than three waits are known.
        """
        size_c = to_c - from_c
        alike = [wait.settled_after_s for wait in self._waits if _alike(wait.to_c - wait.from_c, size_c)]
        if len(alike) < FEWEST:
            return None
        low_s, median_s, high_s = (float(value) for value in np.percentile(alike, (25, 50, 75)))
        return LearntTime(median_s, low_s, high_s, len(alike))

    def settle_time(self, from_c: float, to_c: float) -> float | None:
        """Return the median, as a twin asks for it; None where too little is known."""
        found = self.about(from_c, to_c)
        return None if found is None else found.median_s


def read_settled(out: Path, rig: str) -> tuple[Settled, ...]:
    """Return the waits of earlier runs of a rig, the newest runs first.

    Parameters
    ----------
    out : Path
        Folder of the runs; nothing is found where there is none.
    rig : str
        Name of the rig, as in its file. What cannot be read is passed over.
    """
    found: list[Settled] = []
    runs = 0
    for folder in sorted(out.glob("*/run.json"), reverse=True) if out.is_dir() else ():
        if runs == MOST_RUNS:
            break
        try:
            run = RunFolder.open(folder.parent)
            if _rig_of(run.read_run_json()) != rig:
                continue
            events = read_journal(run.journal).events
        except RecordingError:
            continue
        runs += 1
        found.extend(_waits(events))
    return tuple(found)


def _alike(one_c: float, other_c: float) -> bool:
    return one_c * other_c > 0 and 1 / LIKE < one_c / other_c < LIKE


def _rig_of(record: Mapping[str, Any]) -> Any:
    rig = record.get("rig")
    return rig.get("name") if isinstance(rig, Mapping) else None


def _waits(events: Sequence[Mapping[str, Any]]) -> Iterator[Settled]:
    """Yield the waits of a journal that ended because the temperature was stable."""
    for event in events:
        values = event.get("values")
        if event.get("event") != "step_ended" or event.get("kind") != "wait_until_stable":
            continue
        if not isinstance(values, Mapping) or not values.get("stable", True):
            continue
        numbers = [values.get(name) for name in ("from_c", "to_c", "settled_after_s", "tolerance_c", "window_s")]
        if all(isinstance(value, int | float) for value in numbers):
            yield Settled(*(float(value) for value in numbers))  # type: ignore[arg-type]
