"""What the engine gets on a twin: nothing is recorded, analyses give what is expected, and nobody is asked."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from acquisition.sequence import AcquirePhotons, PartRecording, Point
from acquisition.streaming import AcquisitionResult
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo


class NothingRecorded:
    """A recorder for an acquisition without photons."""

    def append(self, block: PhotonBlock) -> None:
        """Take nothing."""

    def finish(self) -> None:
        """Do nothing."""

    def abandon(self) -> None:
        """Do nothing."""


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


class TwinServices:
    """The services of a run on a twin.

    Attributes
    ----------
    step : AcquirePhotons or None
        The present or last acquisition.
    results : dict
        Expected results of each point, by its number.
    asked : list of str
        What a person would be asked.
    """

    def __init__(self) -> None:
        self.step: AcquirePhotons | None = None
        self.point = 0
        self.results: dict[int, Mapping[str, Any]] = {}
        self.asked: list[str] = []

    def begin_part(self, point: int, step: AcquirePhotons, info: PhotonStreamInfo) -> PartRecording:
        """Take note of the step."""
        self.point, self.step = point, step
        return PartRecording(NothingRecorded(), ExpectedSnapshot())

    def recorded(self, point: int) -> AcquisitionResult | None:
        """Know of nothing."""
        return None

    def end_point(self, point: Point) -> None:
        """Do nothing."""

    def analyze(self, point: int) -> Mapping[str, Any]:
        """Return what the analysis of a point is expected to give."""
        return self.results.get(point, {})

    def ask(
        self, question: str, choices: Sequence[str], timeout_s: float | None, interrupt: threading.Event
    ) -> str | None:
        """Take note of the question and choose the first answer."""
        self.asked.append(question)
        return choices[0]
