"""Counting photons that are not kept, late light of recorded points, and tables of what was counted."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any, TypeAlias

import numpy as np

from acquisition.analysis.gaps import outside_gaps
from acquisition.sequence.actions.context import Interrupted, StepContext
from acquisition.sequence.errors import StepError
from acquisition.sequence.states import State
from acquisition.sequence.steps import CountLateLight, CountPhotons, StoreTable
from acquisition.streaming import AcquisitionResult, Ending, Latest, Progress, StreamSettings
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

Acquire: TypeAlias = Callable[..., AcquisitionResult]


@dataclass(frozen=True, slots=True)
class PhotonReading:
    """How photons are read: by `acquire` with the settings of a stream, where their progress goes, and the state."""

    acquire: Acquire
    stream: StreamSettings
    latest: Latest[Progress]
    state: Callable[[], State]


class Counts:
    """A recorder that keeps numbers only: how many photons, on which pixels, in how many pulses outside gaps.

    Parameters
    ----------
    info : PhotonStreamInfo
        Of the stream.
    step : CountPhotons
        Which photons count.
    """

    def __init__(self, info: PhotonStreamInfo, step: CountPhotons) -> None:
        self.period_s = info.period_ps * 1e-12
        self.by_pixel = np.zeros(info.pixel_count)
        self.pulses = 0
        self._pixels = step.pixels or (0, info.pixel_count)
        self.window_ps = None if step.window_ns is None else tuple(1e3 * end for end in step.window_ns)

    @property
    def exposed_s(self) -> float:
        """Time that counts."""
        return self.pulses * self.period_s

    @property
    def pixels(self) -> tuple[int, int]:
        """Pixels [first, end) that count."""
        return self._pixels

    def append(self, block: PhotonBlock) -> None:
        """Count a block."""
        keep, pulses = outside_gaps(block)
        keep &= (block.pixel >= self._pixels[0]) & (block.pixel < self._pixels[1])
        if self.window_ps is not None:
            keep &= (block.delay_ps >= self.window_ps[0]) & (block.delay_ps < self.window_ps[1])
        self.by_pixel += np.bincount(block.pixel[keep], minlength=len(self.by_pixel))
        self.pulses += pulses

    def finish(self) -> None:
        """Do nothing."""

    def abandon(self) -> None:
        """Do nothing."""

    def values(self) -> dict[str, Any]:
        """Return counts, time, rate with its Poisson error, and the mean pixel, by name."""
        counts, exposed_s = float(self.by_pixel.sum()), self.exposed_s
        found: dict[str, Any] = {"counts": round(counts), "exposed_s": exposed_s}
        if exposed_s > 0:
            found["count_rate_cps"] = counts / exposed_s
            found["count_rate_error_cps"] = sqrt(max(counts, 1.0)) / exposed_s
        if counts > 0:
            found["pixel_mean"] = float(self.by_pixel @ np.arange(len(self.by_pixel)) / counts)
        return found


def count_photons(step: CountPhotons, context: StepContext, reading: PhotonReading) -> dict[str, Any]:
    """Count for the time of the step, in as many parts as pauses make of it.

    Raises
    ------
    Interrupted
        If it was paused; the counts so far stay, without the block in which the light went off.
    StepError
        If the pulses come at another rate than before a pause.
    """
    array, clock = context.rig.spad_array, context.rig.clock
    array.set_bias(True)
    info = array.stream_info()
    counts: Counts = context.kept.setdefault("counts", Counts(info, step))
    begin_s = context.kept.setdefault("begin_s", clock.now())
    if counts.period_s != info.period_ps * 1e-12:
        raise StepError("the laser pulses come at another rate than when the count began; count again")
    left_s = step.duration_s - counts.exposed_s
    if left_s >= 1.5 * counts.period_s:
        reading.latest.put(None)
        result = reading.acquire(
            array, left_s, info, counts, None,
            stop=context.interrupt, settings=reading.stream, latest=reading.latest,
            on_error=context.rig.make_safe, on_stop=lambda: darken(context, reading),
            tick=lambda progress: context.look(None),
        )  # fmt: skip
        if result.ending is not Ending.DURATION and reading.state() is not State.STOPPING:
            raise Interrupted
    found = {**counts.values(), "time_s": begin_s}
    if context.rig.heater is not None:
        found["temperature_c"] = context.rig.heater.status().temperature_c
    return found


def darken(context: StepContext, reading: PhotonReading) -> bool:
    """Take the light off the sample if the interrupt is for a pause; return whether it is off."""
    if reading.state() is State.PAUSING:
        context.rig.make_dark()
    return reading.state() in (State.PAUSING, State.ABORTING, State.BROKEN)


def count_late_light(step: CountLateLight, context: StepContext) -> dict[str, Any]:
    """Count the late light of recorded points.

    Returns
    -------
    dict
        ``late_counts`` and ``late_pulses`` of each point, the dark one first.

    Raises
    ------
    StepError
        If there are not as many points.
    """
    if context.point < step.points:
        raise StepError(f"there are {context.point} points, and the late light of {step.points} is to be counted")
    points = range(context.point - step.points + 1, context.point + 1)
    return dict(context.services.late_light(tuple(points), step.after_ns, step.until_ns))


def store_table(step: StoreTable, context: StepContext) -> dict[str, Any]:
    """Store a table, and return where."""
    return {"table": context.services.save_table(context.table, step.title, step.columns, step.rows)}
