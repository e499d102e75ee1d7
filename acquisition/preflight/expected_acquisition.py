"""Acquires on a twin: no photons, but the time passes, and the counts are those that are expected."""

import threading
from collections.abc import Callable, Mapping
from math import ceil, inf, sqrt
from typing import Any

from acquisition.preflight.dose import Power
from acquisition.preflight.expected_photons import expected_blocks
from acquisition.preflight.goals import Prospect, reached_after_s
from acquisition.preflight.twin_services import ExpectedSnapshot, ForeseenPoint, TwinServices
from acquisition.rig.expected import Expected
from acquisition.rig.twin import TwinRig
from acquisition.sequence import AcquirePhotons, SequenceError
from acquisition.sequence.steps.goals import describe
from acquisition.streaming import (
    AcquisitionResult,
    Ending,
    Goal,
    Latest,
    LiveConsumer,
    PhotonRecorder,
    Progress,
    StreamSettings,
)
from drivers.interfaces.errors import RangeError
from drivers.interfaces.photons import PhotonStreamInfo
from drivers.interfaces.spad_array import SpadArray

FIRST_LOOK_S = 20.0


class ExpectedAcquisition:
    """Takes the place of `acquisition.streaming.acquire` in an engine that runs on a twin.

    Parameters
    ----------
    twin : TwinRig
    services : TwinServices
        Of the same engine.
    power : Power or None
        At the sample.
    """

    def __init__(self, twin: TwinRig, services: TwinServices, power: Power | None) -> None:
        self._twin, self._services, self._power = twin, services, power

    def __call__(
        self,
        spad_array: SpadArray,
        duration_s: float,
        info: PhotonStreamInfo,
        recorder: PhotonRecorder,
        live: LiveConsumer | None = None,
        *,
        stop: threading.Event,
        first_pulse: int = 0,
        interruption: str = "",
        goal: Goal | None = None,
        settings: StreamSettings | None = None,
        latest: Latest[Progress] | None = None,
        on_error: Callable[[], None] | None = None,
        on_stop: Callable[[], bool] | None = None,
        tick: Callable[[Progress], None] | None = None,
        enough: threading.Event | None = None,
    ) -> AcquisitionResult:
        """Let the time of an acquisition pass and return its expected counts; parameters as of `acquire`.

        A recorder that is not that of a point counts photons to decide by: it is given those that are expected.

        Raises
        ------
        RangeError
            If the count rate would be above what the rig allows.
        SequenceError
            If the goal is a dose in uJ and the power at the sample is not known.
        """
        begun = self._services.take_begun()
        if begun is None:
            snapshot, reason = self._count(spad_array, duration_s, info, recorder), ""
        else:
            snapshot, reason = self._acquire(spad_array, duration_s, *begun)
        recorder.finish()
        elapsed_s = snapshot.elapsed_s
        if latest is not None:
            latest.put(Progress(elapsed_s, snapshot.photons, snapshot))
        return AcquisitionResult(
            ending=Ending.GOAL if reason else Ending.DURATION,
            photons=snapshot.photons,
            blocks=ceil(elapsed_s),
            recorded_photons=snapshot.photons,
            end_pulse=first_pulse + round(1e12 * elapsed_s / info.period_ps),
            elapsed_s=elapsed_s,
            live=snapshot,
            shed_blocks=0,
            shed_photons=0,
            gaps=0,
            lost_pulses=0,
            most_queued_photons=0,
            warnings=(),
            reason=reason,
        )

    def _acquire(
        self, spad_array: SpadArray, duration_s: float, number: int, step: AcquirePhotons
    ) -> tuple[ExpectedSnapshot, str]:
        """Let a point take place; return its numbers, and the goal that ended it or nothing."""
        whole = self._twin.expectation(duration_s)
        self._check_count_rate(spad_array, whole.count_rate_cps)
        elapsed_s, results = self._until(step, whole)
        reached = elapsed_s < duration_s
        expected = self._twin.expectation(elapsed_s) if reached else whole
        goal = "" if step.until is None else describe(step.until)
        laser, heater = self._twin.laser.status(), self._twin.heater
        self._services.points[number] = ForeseenPoint(
            number=number,
            label=step.label,
            expected=expected,
            results=results,
            conditions=self._twin.conditions,
            goal=goal,
            reached=reached,
            intensity_percent=self._twin.light_on_sample_percent,
            repetition_rate_hz=laser.repetition_rate_hz,
            temperature_c=None if heater is None else heater.status().temperature_c,
            background=step.background,
        )
        self._twin.pass_time(elapsed_s)
        snapshot = ExpectedSnapshot(elapsed_s, round(expected.time_tags), round(expected.counted_cascades))
        return snapshot, f"expected: {goal}" if reached else ""

    def _count(
        self, spad_array: SpadArray, duration_s: float, info: PhotonStreamInfo, recorder: PhotonRecorder
    ) -> ExpectedSnapshot:
        """Let a count take place and give the recorder the photons that it expects."""
        per_pulse, edges_ns = self._twin.counts_per_pulse()
        self._check_count_rate(spad_array, 1e12 * float(per_pulse.sum()) / info.period_ps)
        photons = 0
        for block in expected_blocks(per_pulse, edges_ns, max(1, round(1e12 * duration_s / info.period_ps)), info):
            photons += len(block)
            recorder.append(block)
        self._twin.pass_time(duration_s)
        return ExpectedSnapshot(duration_s, photons)

    def _until(self, step: AcquirePhotons, whole: Expected) -> tuple[float, Mapping[str, Any]]:
        """Return how long the acquisition takes, and what its analysis will give."""
        results = self._twin.precision(whole.duration_s)
        if step.until is None:
            return whole.duration_s, results
        percent = self._twin.light_on_sample_percent
        prospect = Prospect(
            whole.duration_s, whole.counted_cascades / whole.duration_s, results, percent, self._power, FIRST_LOOK_S
        )
        try:
            reached_s = reached_after_s(step.until, prospect)
        except ValueError as error:
            raise SequenceError(str(error)) from error
        elapsed_s = min(reached_s, whole.duration_s) if reached_s < inf else whole.duration_s
        return elapsed_s, scaled(results, sqrt(whole.duration_s / elapsed_s))

    def _check_count_rate(self, spad_array: SpadArray, count_rate_cps: float) -> None:
        highest_cps = self._twin.limits.count_rate_cps
        if highest_cps is not None and count_rate_cps > highest_cps:
            raise RangeError(
                spad_array.name,
                f"expects {count_rate_cps:.4g} counts/s, above the {highest_cps:.4g} counts/s that this rig "
                "allows; lower the laser intensity",
            )


def scaled(results: Any, factor: float) -> Any:
    """Return results in the form of results.json with all errors times `factor`."""
    if not isinstance(results, Mapping):
        return results
    return {key: factor * value if key == "error" else scaled(value, factor) for key, value in results.items()}
