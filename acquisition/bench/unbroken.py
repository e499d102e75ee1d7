"""Whether a run that was killed and resumed is as good as an unbroken one: what differs, in words."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from acquisition.bench.killed_runs import POINT_S, POINTS, Death, StoredPoint, stored_points
from acquisition.storage import RunFolder, read_journal

LOST_AT_MOST_S = 1.0
"""Wall time before a kill whose photons may be lost."""

TOLERANCE_S = 1e-3
"""Differences of times that come from single pulses, which stand for interruptions."""


def differences(unbroken: Path, run: Path, deaths: Sequence[Death]) -> list[str]:
    """Return what is wrong with a run; nothing if it is as it would be without the kills.

    Parameters
    ----------
    unbroken : Path
        The same run, never killed.
    run : Path
        The run, complete.
    deaths : sequence of Death
        What was left after each kill.
    """
    before, after = stored_points(unbroken), stored_points(run)
    found = [*_record_differs(unbroken, run), *_truth_differs(run, after), *_folder_differs(run, len(deaths))]
    if before.keys() != after.keys():
        return [*found, f"there are the points {list(after)} instead of {list(before)}"]
    for death in deaths:
        found += [f"killed {death.plan}: {text}" for text in _photons_differ(death, after)]
    if deaths:
        first = deaths[0].after
        same = (number for number, point in first.items() if not point.begins(before[number]))
        found += [f"point {number} differs from that of the unbroken run before the first kill" for number in same]
    return found


def _record_differs(unbroken: Path, run: Path) -> Iterator[str]:
    wanted, record = RunFolder.open(unbroken).read_run_json(), RunFolder.open(run).read_run_json()
    if record["status"] != "completed" or record.get("problems"):
        yield f"the run is {record['status']}, with problems {record.get('problems')}"
    keys = ("number", "label", "complete", "ending", "pulsed")
    points = [[[point[key] for key in keys] for point in each["points"]] for each in (wanted, record)]
    if points[0] != points[1]:
        yield f"run.json lists {points[1]} instead of {points[0]}"
    for point, other in zip(record["points"], wanted["points"], strict=False):
        if abs(point["elapsed_s"] - other["elapsed_s"]) > TOLERANCE_S:
            yield f"point {point['number']} has {point['elapsed_s']} s instead of {other['elapsed_s']} s"
        if point["conditions"].keys() != other["conditions"].keys():
            yield f"point {point['number']} has the conditions {point['conditions']}"
        elif abs(point["conditions"]["temperature_c"] - other["conditions"]["temperature_c"]) > 0.5:
            yield f"point {point['number']} was measured at {point['conditions']['temperature_c']} degC"


def _truth_differs(run: Path, points: dict[int, StoredPoint]) -> Iterator[str]:
    truth = RunFolder.open(run).read_truth() or {}
    if "begun" in truth or [point["point"] for point in truth["points"]] != list(points):
        yield "truth.json does not hold each point"
    numbers = [number for point in truth["points"] for number in point["bench_points"]]
    if len(numbers) != len(set(numbers)):
        yield f"photons of the simulation were used twice: {numbers}"
    for point in truth["points"]:
        if point["point"] not in points:
            continue
        recorded_s = points[point["point"]].elapsed_s
        if abs(point["duration_s"] - recorded_s) > TOLERANCE_S:
            yield f"truth.json has {point['duration_s']} s of point {point['point']}, recorded are {recorded_s} s"
        starts_s = [start_s for start_s, _ in point["charge_path"]]
        if starts_s != sorted(starts_s) or not starts_s or starts_s[-1] > recorded_s:
            yield f"the charge path of point {point['point']} is not one of {recorded_s} s"


def _folder_differs(run: Path, kills: int) -> Iterator[str]:
    folder = RunFolder.open(run)
    results = folder.read_results() if folder.results_json.exists() else {}
    if [each.get("number") for each in results.get("points", [])] != list(range(1, POINTS + 1)):
        yield "results.json does not hold each point"
    torn = read_journal(folder.journal).problems
    if len(torn) > kills:
        yield f"the journal has {len(torn)} lines that cannot be read"
    for point in folder.points():
        if not point.photons_h5.exists():
            yield f"point {point.number} has no photons.h5"


def _photons_differ(death: Death, final: dict[int, StoredPoint]) -> Iterator[str]:
    for number, left in death.after.items():
        if not left.begins(final[number]):
            yield f"point {number} has lost photons that were recorded before the kill"
        if left.complete and left.extent.end_pulse != final[number].extent.end_pulse:
            yield f"point {number} was complete and has changed"
        if left.complete and left.file_hash not in ("", final[number].file_hash):
            yield f"photons.h5 of point {number} was complete and is another file now"
        marked = {gap.first_pulse for gap in final[number].gaps}
        is_part = 0 < left.elapsed_s < POINT_S - TOLERANCE_S
        if is_part and left.extent.end_pulse not in marked:
            yield f"point {number} does not say where it was interrupted"
    yield from _lost_more_than_allowed(death)


def _lost_more_than_allowed(death: Death) -> Iterator[str]:
    """Yield what had been read long enough before the kill and is not there."""
    if not death.said:
        return
    last_s = death.said[-1][0]
    known = [(point, elapsed_s) for at_s, point, elapsed_s in death.said if at_s <= last_s - LOST_AT_MOST_S and point]
    for point, elapsed_s in known[-1:]:
        before_s = death.before[point].elapsed_s if point in death.before else 0.0
        after_s = death.after[point].elapsed_s if point in death.after else 0.0
        if after_s - before_s < elapsed_s - TOLERANCE_S:
            yield f"of point {point}, {elapsed_s} s had been read a second before, and {after_s - before_s} s are there"
