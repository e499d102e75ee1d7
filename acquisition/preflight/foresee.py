"""Runs the actual sequence with the actual engine on the twin of a rig, and says what it would be like."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acquisition.analysis.settings import AnalysisSettings
from acquisition.config import ConfigError, position_in_file
from acquisition.preflight.collecting import Collector
from acquisition.preflight.data_size import DataSize, data_size
from acquisition.preflight.dose import Power, power_of
from acquisition.preflight.expected_acquisition import ExpectedAcquisition
from acquisition.preflight.forecast import Forecast, PointForecast
from acquisition.preflight.questions import questions
from acquisition.preflight.settling import Learnt
from acquisition.preflight.twin_services import ForeseenPoint, TwinServices
from acquisition.rig.twin import TwinRig
from acquisition.sequence import Engine, RunOutcome, RunStatus, WaitUntilStable
from acquisition.sequence import Sequence as MeasurementSequence
from acquisition.sequence.metadata import KNOWN
from acquisition.sequence.plan import planned_s
from acquisition.sequence.sequence import place_text
from acquisition.sequence.steps import walk
from acquisition.streaming import StreamSettings
from drivers.interfaces.laser import LaserAuthority

ACQUIRING = ("acquire_photons", "count_photons", "acquire_spectra")
WAITING = ("wait_until_stable", "ramp_temperature", "soak", "heat_with_power", "calibrate_detector")

FEW_PHOTONS = 20.0
"""Photons per trace bin below which the charge states may not be told apart."""


def foresee(
    twin: TwinRig,
    sequence: MeasurementSequence,
    *,
    learnt: Learnt | None = None,
    path: Path | None = None,
    free_bytes: float | None = None,
    attended: bool = True,
) -> Forecast:
    """Run a sequence on a twin and return what it would be like on the rig; nothing is switched on.

    Parameters
    ----------
    twin : TwinRig
        Fresh: its time and temperature are those of the start.
    sequence : Sequence
        Checked against the rig (`check_sequence`).
    learnt : Learnt, optional
        Settle times of earlier runs, which take the place of the simulated plate's where they mean the same.
    path : Path, optional
        Where the sequence was read from, for messages with a line.
    free_bytes : float, optional
        Room on the disk; what needs more cannot work.
    attended : bool
        Whether a person will be at the instruments the whole time, who does by hand what no software can.

    Raises
    ------
    SequenceError
        If nobody attends what must be attended.
    """
    waits = (step for _, step in walk(sequence.steps) if isinstance(step, WaitUntilStable))
    learnt = (learnt or Learnt()).for_waits(waits)
    power = power_of(sequence.metadata)
    services, collector = TwinServices(twin), Collector(twin, learnt)
    twin.learn_settling(learnt.settle_time)
    begin_s = twin.clock.now()
    engine = Engine(
        twin,
        services,
        journal=collector.note,
        stream=StreamSettings(shed=False),
        acquire_photons=ExpectedAcquisition(twin, services, power),
        attended=attended,
    )
    outcome = engine.run(sequence.steps, sequence.cleanup)
    points = list(services.points.values())
    for point in points:
        collector.limits.count_rate(point.expected.count_rate_cps)
    size = data_size([point.expected.time_tags for point in points], [point.expected.duration_s for point in points])
    problems = [*_failure(outcome, sequence, path), *_no_room(size, free_bytes)]
    dose, only_percent = collector.dose, collector.dose.only_intensity_percent
    return Forecast(
        sequence=sequence.name,
        rig=twin.name,
        ok=not problems,
        problems=tuple(problems),
        warnings=tuple(_darkness(services.darkness, services.measured)),
        duration_s=twin.clock.now() - begin_s,
        acquiring_s=sum(step.duration_s for step in collector.steps if step.kind in ACQUIRING),
        waiting_s=sum(step.duration_s for step in collector.steps if step.kind in WAITING),
        photons=sum(point.expected.time_tags for point in points),
        signal_photons=sum(point.expected.signal_photons for point in points if point.intensity_percent > 0),
        segment_bytes=size.segments,
        file_bytes=size.files,
        peak_bytes=size.peak,
        dose_percent_s=dose.percent_s,
        lit_s=dose.lit_s,
        dose_uj=None if power is None else power.energy_uj(dose.percent_s, only_percent),
        limits=collector.limits.touched,
        missing_calibrations={missing.name: missing.consequence for missing in twin.missing_calibrations},
        asked=tuple(questions(services.asked, sequence, path)),
        settling=tuple(collector.settling),
        points=tuple(_point(point, power, only_percent) for point in points),
        steps=tuple(collector.steps),
        notes=tuple(_notes(collector, sequence.metadata, twin)),
    )


def _failure(outcome: RunOutcome, sequence: MeasurementSequence, path: Path | None) -> list[str]:
    """Return why the run would fail, with the line of the step where that is known; empty if it would not."""
    if outcome.status is RunStatus.COMPLETED:
        return []
    text = str(outcome.error or f"the run would be {outcome.status}")
    found = re.match(r"step (\d+) ", text)
    places = [place for place, _ in walk(sequence.steps)]
    if found is None or path is None or planned_s(sequence.steps) is None or int(found[1]) > len(places):
        return [text]
    place = places[int(found[1]) - 1]
    try:
        line, column = position_in_file(path, place)
    except ConfigError:
        return [text]
    return [f"{path}, line {line}, column {column}, {place_text(place)}: {text}"]


def _darkness(darkness: Mapping[int, str], measured: int) -> list[str]:
    """Return which points that are to show an emitter get no light, and why."""
    found = []
    for why in dict.fromkeys(darkness.values()):
        numbers = [str(number) for number, reason in darkness.items() if reason == why]
        which = "" if len(numbers) == measured else f" ({', '.join(numbers[:5])}{' ...' if len(numbers) > 5 else ''})"
        points = f"{len(numbers)} of {measured} point{'s' if measured != 1 else ''}"
        found.append(
            f"no light falls on the sample in {points}{which}: {why}; points that are to be dark say so "
            "(background: dark)"
        )
    return found


def _no_room(size: DataSize, free_bytes: float | None) -> list[str]:
    if free_bytes is None or size.peak <= free_bytes:
        return []
    return [
        f"the photons need up to {size.peak / 1e9:.3g} GB, but {free_bytes / 1e9:.3g} GB are free on the disk; "
        "free space or choose another folder"
    ]


def _notes(collector: Collector, metadata: Mapping[str, Any], twin: TwinRig) -> list[str]:
    """Return what the forecast rests on."""
    notes = list(dict.fromkeys(collector.warnings))
    if power_of(metadata) is None:
        wanted = " and ".join(f"`{KNOWN[name].example}`" for name in ("power_at_sample", "power_at_intensity"))
        notes.append(f"the power at the sample is not known: for the dose in uJ write {wanted} in the metadata")
    simulated = sum(not wait.learnt_from for wait in collector.settling)
    if simulated:
        notes.append(
            f"{simulated} of {len(collector.settling)} settle times are those of the simulated plate: fewer than three "
            "waits like them are known from earlier runs"
        )
    if twin.laser.authority is LaserAuthority.NONE:
        notes.append(
            "somebody must stay at the instruments: no software can take the light of the laser off the sample "
            "(authority: none)"
        )
    if twin.not_filled_in:
        notes.append(f"the rig file has still to be filled in before a run: {', '.join(twin.not_filled_in)}")
    notes.append(f"counts and errors are about those of the sample {twin.sample_name!r} of the twin")
    return notes


def _point(point: ForeseenPoint, power: Power | None, only_percent: float) -> PointForecast:
    expected = point.expected
    dose_percent_s = point.intensity_percent * expected.duration_s
    return PointForecast(
        number=point.number,
        label=point.label,
        duration_s=expected.duration_s,
        goal=point.goal,
        goal_reached=point.reached,
        temperature_c=point.temperature_c,
        intensity_percent=point.intensity_percent,
        repetition_rate_hz=point.repetition_rate_hz,
        count_rate_cps=expected.count_rate_cps,
        photons=expected.time_tags,
        signal_photons=expected.signal_photons,
        cascades=expected.cascades,
        accidental_pairs=expected.accidental_pairs,
        dose_percent_s=dose_percent_s,
        dose_uj=None if power is None else power.energy_uj(dose_percent_s, only_percent),
        precision_percent=relative_errors_percent(point.results),
        notes=tuple(_point_notes(point)),
    )


def _point_notes(point: ForeseenPoint) -> list[str]:
    expected, notes = point.expected, []
    if expected.emitters > 1:
        notes.append(f"light of {expected.emitters} emitters: their states cannot be told apart")
    elif expected.emitters == 0 or point.intensity_percent == 0:
        if point.background is None:
            notes.append("no light of an emitter")
    else:
        bins = expected.duration_s / AnalysisSettings().bin_width_s
        per_bin = sum(state.photons for state in expected.states.values()) / bins
        if per_bin < FEW_PHOTONS and len(expected.charge_states) > 1:
            notes.append(
                f"{per_bin:.2g} photons per {1e3 * AnalysisSettings().bin_width_s:g} ms: the charge states may not be "
                "told apart, and the errors hold only if they are"
            )
    if point.goal and not point.reached:
        notes.append(f"the time will be over before {point.goal}")
    return notes


def relative_errors_percent(results: Mapping[str, Any], place: Sequence[str] = ()) -> dict[str, float]:
    """Return the relative standard error in percent of each number of results, by its place joined by dots."""
    found: dict[str, float] = {}
    for key, value in results.items():
        here = (*place, key)
        if isinstance(value, Mapping) and "error" in value:
            if value["value"] != 0 and value["error"] > 0:
                found[".".join(here)] = 100.0 * value["error"] / abs(value["value"])
        elif isinstance(value, Mapping):
            found |= relative_errors_percent(value, here)
    return found
