"""What truth.json of a simulated run says: which acquisitions of the bench made which point."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from acquisition.rig import Rig

BENCH_POINTS = "bench_points"
"""What an event of the journal says: how many acquisitions a simulated bench had made then, the present one too."""


class TruthRecord:
    """Keeps which acquisitions of the bench belong to which point of the run: each part of a point is one.

    Parameters
    ----------
    rig : Rig
        With a bench or without.
    before : mapping or None
        truth.json of a run that goes on, as `with_begun` returns it.
    """

    def __init__(self, rig: Rig, before: Mapping[str, Any] | None = None) -> None:
        self._rig = rig
        self._base = dict(before or {})
        self._before = points_of(self._base)
        self._parts: dict[int, list[int]] = {}
        self._begun: dict[str, Any] | None = None

    def begin_part(self, point: int, duration_s: float) -> None:
        """Take note that the next acquisition of the bench is a part of a point, and takes `duration_s` at most."""
        truth, foretold = self._rig.truth(), self._rig.foretold_truth(duration_s)
        if truth is None or foretold is None:
            return
        index = len(truth["points"])
        for parts in self._parts.values():  # one that failed before its first photon has left no trace on the bench
            if index in parts:
                parts.remove(index)
        self._parts.setdefault(point, []).append(index)
        self._begun = {**foretold, "point": point, "bench_points": [foretold["point"]]}

    def content(self) -> dict[str, Any] | None:
        """Return the content of truth.json; None if the run is not simulated.

        A part that has begun, and of which the bench does not yet know anything, stands under ``begun`` as it
        will be if it takes its whole time.
        """
        truth = self._rig.truth()
        if truth is None:
            return None
        made = truth["points"]
        points = dict(self._before)
        for number, parts in self._parts.items():
            found = [made[index] for index in parts if index < len(made)]
            if found:
                before = [self._before[number]] if number in self._before else []
                points[number] = joined(number, [*before, *found])
        base = self._base if self._base and not self._parts else truth
        content = {**base, "points": [points[number] for number in sorted(points)]}
        last = max((part["point"] for part in made), default=0)
        if self._begun is not None and last < max(bench_points(self._begun)):
            content["begun"] = [self._begun]
        return content


def points_of(truth: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """Return what truth.json says of the points of a run, by number."""
    return {int(point["point"]): dict(point) for point in truth.get("points", [])}


def bench_points(part: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the acquisitions of the bench that made a point of truth.json."""
    return [int(number) for number in part.get("bench_points") or [part["point"]]]


def last_bench_point(truth: Mapping[str, Any]) -> int:
    """Return the number of the last acquisition that a run has made on a bench; 0 if there is none."""
    parts = [*truth.get("points", []), *truth.get("begun", [])]
    return max((number for part in parts for number in bench_points(part)), default=0)


def with_begun(truth: Mapping[str, Any], recorded_s: Callable[[int], float]) -> dict[str, Any]:
    """Return truth.json of a run that was killed: the part that went on then is cut where its recording ends.

    Parameters
    ----------
    truth : mapping
        As the killed program has left it.
    recorded_s : callable
        Returns how much is recorded of a point, all parts together, in s.
    """
    points = points_of(truth)
    for part in truth.get("begun", []):
        number = int(part["point"])
        before = [points[number]] if number in points else []
        if before and set(bench_points(part)) <= set(bench_points(before[0])):
            continue
        known_s = sum(float(point["duration_s"]) for point in before)
        points[number] = joined(number, [*before, _cut(part, max(0.0, recorded_s(number) - known_s))])
    rest = {key: value for key, value in truth.items() if key != "begun"}
    return {**rest, "points": [points[number] for number in sorted(points)]}


def _cut(part: Mapping[str, Any], duration_s: float) -> dict[str, Any]:
    """Return the truth of an acquisition that ended after `duration_s`."""
    duration_s = min(duration_s, float(part["duration_s"]))
    paths = [[step for step in path if step[0] < duration_s] for path in part.get("charge_paths", [])]
    return {**part, "duration_s": duration_s, **({"charge_paths": paths} if "charge_paths" in part else {})}


def joined(number: int, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the truth of a point from those of its parts: durations add up, charge paths follow each other.

    Parts of different samples, which only a person can have wanted, have no common charge path.
    """
    found = dict(parts[-1])
    duration_s = 0.0
    paths: list[list[list[float]]] = [[] for _ in found.pop("charge_paths", [])]
    found.pop("charge_path", None)
    if any(len(part.get("charge_paths", [])) != len(paths) for part in parts):
        paths = []
    numbers: list[int] = []
    for part in parts:
        for path, more in zip(paths, part.get("charge_paths", []), strict=False):
            path += [[start_s + duration_s, charge] for start_s, charge in more]
        numbers += bench_points(part)
        duration_s += part["duration_s"]
    found |= {"point": number, "bench_points": numbers, "duration_s": duration_s}
    if paths:
        found |= {"charge_paths": paths, "charge_path": paths[found.get("emitter", 0)]}
    return found
