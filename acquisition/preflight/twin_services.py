"""What the engine gets on a twin: nothing is recorded, analyses give what is expected, and nobody is asked."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from acquisition.rig.expected import Expected
from acquisition.rig.twin import Conditions, TwinRig
from acquisition.sequence import AcquirePhotons, AcquireSpectra, FrameRecording, PartRecording, Point
from acquisition.streaming import AcquisitionResult
from drivers.interfaces.camera import Frame
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo


@dataclass(frozen=True, slots=True)
class ForeseenPoint:
    """An acquisition on the twin.

    Attributes
    ----------
    number, label
        Of the point.
    expected : Expected
        Its counts, for the time that it took.
    results : mapping
        Values and errors that its analysis will give.
    conditions : Conditions
        Under which it took place.
    goal : str
        What it waited for, in words; empty if for nothing.
    reached : bool
        Whether that will come before the time is over.
    intensity_percent : float
        Of the laser on the sample.
    repetition_rate_hz : float
    temperature_c : float or None
    background : str or None
        ``dark`` or ``off_dot`` if it is no measurement of an emitter.
    """

    number: int
    label: str
    expected: Expected
    results: Mapping[str, Any]
    conditions: Conditions
    goal: str
    reached: bool
    intensity_percent: float
    repetition_rate_hz: float
    temperature_c: float | None
    background: str | None = None


class NothingRecorded:
    """A recorder for an acquisition without photons."""

    def append(self, block: PhotonBlock) -> None:
        """Take nothing."""

    def finish(self) -> None:
        """Do nothing."""

    def abandon(self) -> None:
        """Do nothing."""


class CountedFrames:
    """Takes frames of the simulated camera of a twin, and keeps only what later steps decide by."""

    def __init__(self) -> None:
        self.signals: list[float] = []
        self.saturated_frames = 0

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.signals)

    def append(self, frame: Frame) -> None:
        """Count a frame."""
        self.signals.append(float((frame.counts - np.median(frame.counts)).sum()))
        self.saturated_frames += frame.saturated


class ExpectedSnapshot:
    """Live numbers of an acquisition that took place on average; also a live analysis that is given no photons."""

    charge_state: str | None = None

    def __init__(self, elapsed_s: float = 0.0, photons: int = 0, cascades: int = 0) -> None:
        self.elapsed_s, self.photons, self.cascades = elapsed_s, photons, cascades

    @property
    def count_rate_cps(self) -> float:
        """Mean count rate."""
        return self.photons / self.elapsed_s if self.elapsed_s > 0 else 0.0

    def update(self, block: PhotonBlock) -> None:
        """Take nothing."""

    def snapshot(self) -> "ExpectedSnapshot":
        """Return the numbers."""
        return self


def why_dark(twin: TwinRig) -> str | None:
    """Return why no light of the laser falls on the sample of a twin now; None if some does."""
    if twin.light_on_sample_percent > 0:
        return None
    laser = twin.laser.status()
    if not laser.emission:
        return "the laser is not switched on (set_laser with emission)"
    if laser.intensity_percent <= 0:
        return "the intensity of the laser is 0 % (set_laser with intensity)"
    if twin.shutter is not None and not twin.shutter.is_open():
        return "the shutter is closed (set_shutter with open)"
    return "what stands in the light lets nothing through (shutter, attenuator)"


class TwinServices:
    """The services of a run on a twin.

    Parameters
    ----------
    twin : TwinRig

    Attributes
    ----------
    points : dict of ForeseenPoint
        What was acquired, by its number.
    darkness : dict of str
        Why no light of the laser falls on the sample, by the numbers of points that are to show an emitter.
    measured : int
        Number of points that are to show an emitter.
    asked : list of str
        What a person would be asked.
    """

    def __init__(self, twin: TwinRig) -> None:
        self._twin = twin
        self._begun: tuple[int, AcquirePhotons] | None = None
        self.points: dict[int, ForeseenPoint] = {}
        self.darkness: dict[int, str] = {}
        self.measured = 0
        self.asked: list[str] = []

    def begin_part(self, point: int, step: AcquirePhotons, info: PhotonStreamInfo) -> PartRecording:
        """Take note of the step, and whether there is light for it."""
        self._begun = point, step
        if step.background is None:
            self._look_for_light(point)
        return PartRecording(NothingRecorded(), ExpectedSnapshot())

    def _look_for_light(self, point: int) -> None:
        self.measured += 1
        if (why := why_dark(self._twin)) is not None:
            self.darkness[point] = why

    def take_begun(self) -> tuple[int, AcquirePhotons] | None:
        """Return number and step of the point that has just begun; None if photons are read for something else."""
        begun, self._begun = self._begun, None
        return begun

    def recorded(self, point: int) -> AcquisitionResult | None:
        """Know of nothing."""
        return None

    def end_point(self, point: Point) -> None:
        """Do nothing."""

    def analyze(self, point: int) -> Mapping[str, Any]:
        """Return what the analysis of a point is expected to give."""
        return self.points[point].results if point in self.points else {}

    def begin_frames(self, point: int, step: AcquireSpectra, interruption: str) -> FrameRecording:
        """Store no frames, but count them, and take note whether there is light for them."""
        self._look_for_light(point)
        return FrameRecording(CountedFrames())

    def end_frames(self, point: int, step: AcquireSpectra, *, complete: bool) -> None:
        """Do nothing."""

    def late_light(self, points: Sequence[int], after_ns: float, until_ns: float) -> dict[str, Any]:
        """Return what points are expected to hold between two delays, in the region of the brightest of them."""
        found = [self.points[number] for number in points]
        brightest = max(found, key=lambda point: point.expected.signal_photons)
        region = self._twin.light(brightest.conditions).selected.used
        zero_ns = self._twin.light(brightest.conditions).stream.time_zero_ns
        counts, pulses = [], []
        for point in found:
            light = self._twin.light(point.conditions)
            middle_ns = 0.5 * (light.stream.edges_ns[1:] + light.stream.edges_ns[:-1]) - zero_ns
            late = (middle_ns >= after_ns) & (middle_ns < until_ns)
            seen = light.expectation.signal + light.expectation.glow + light.expectation.dark
            pulses.append(round(1e9 * point.expected.duration_s / light.stream.period_ns))
            counts.append(round(pulses[-1] * float(seen[region][:, late].sum())))
        return {"late_counts": counts, "late_pulses": pulses}

    def save_table(
        self, number: int, title: str, columns: Sequence[str], rows: Sequence[Sequence[float | None]]
    ) -> str:
        """Store nothing; return where a run would."""
        return f"scans/{number:04d}.csv"

    def learn(self, values: Mapping[str, Any]) -> None:
        """Do nothing."""

    def ask(
        self,
        question: str,
        choices: Sequence[str],
        timeout_s: float | None,
        interrupt: threading.Event,
        tick: Callable[[], None],
    ) -> str | None:
        """Take note of the question and choose the first answer."""
        self.asked.append(question)
        return choices[0]
