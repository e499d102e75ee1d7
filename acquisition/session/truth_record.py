"""What truth.json of a simulated run says: which acquisitions of the bench made which point."""

from collections.abc import Mapping, Sequence
from typing import Any

from acquisition.rig import Rig


class TruthRecord:
    """Keeps which acquisitions of the bench belong to which point of the run: each part of a point is one.

    Parameters
    ----------
    rig : Rig
        With a bench or without.
    before : mapping or None
        truth.json of a run that goes on.
    """

    def __init__(self, rig: Rig, before: Mapping[str, Any] | None = None) -> None:
        self._rig = rig
        self._before = {int(point["point"]): point for point in (before or {}).get("points", [])}
        self._parts: dict[int, list[int]] = {}

    @property
    def bench_points_before(self) -> int:
        """Number of the last acquisition that the run has made on a bench of an earlier process."""
        return max((number for point in self._before.values() for number in point["bench_points"]), default=0)

    def begin_part(self, point: int) -> None:
        """Take note that the next acquisition of the bench is a part of a point."""
        truth = self._rig.truth()
        if truth is not None:
            self._parts.setdefault(point, []).append(len(truth["points"]))

    def content(self) -> dict[str, Any] | None:
        """Return the content of truth.json; None if the run is not simulated."""
        truth = self._rig.truth()
        if truth is None:
            return None
        made = truth["points"]
        points = dict(self._before)
        for number, parts in self._parts.items():
            found = [made[index] for index in parts if index < len(made)]
            if found:
                before = [self._before[number]] if number in self._before else []
                points[number] = _joined(number, [*before, *found])
        return {**truth, "points": [points[number] for number in sorted(points)]}


def _joined(number: int, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the truth of a point from those of its parts: durations add up, charge paths follow each other."""
    joined = dict(parts[-1])
    duration_s = 0.0
    paths: list[list[list[float]]] = [[] for _ in joined.get("charge_paths", [])]
    numbers: list[int] = []
    for part in parts:
        for path, more in zip(paths, part.get("charge_paths", []), strict=True):
            path += [[start_s + duration_s, charge] for start_s, charge in more]
        numbers += part.get("bench_points") or [part["point"]]
        duration_s += part["duration_s"]
    joined |= {"point": number, "bench_points": numbers, "duration_s": duration_s}
    if paths:
        joined |= {"charge_paths": paths, "charge_path": paths[0]}
    return joined
