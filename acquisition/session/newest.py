"""The newest part of a recording, as if it had begun there."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from acquisition.analysis.recording import Calibration, PhotonRecording
from acquisition.storage import SegmentRecording
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo


class Newest:
    """A recording from a pulse on; its pulses are counted from the beginning of the block that holds that one.

    Parameters
    ----------
    recording : PhotonRecording
        May grow while it is read.
    from_pulse : int
        What ends before is left out, and of segments not even read.
    """

    def __init__(self, recording: PhotonRecording, from_pulse: int) -> None:
        self._recording = recording.since(from_pulse) if isinstance(recording, SegmentRecording) else recording
        self._from_pulse = from_pulse

    @property
    def info(self) -> PhotonStreamInfo:
        """What holds for the whole stream."""
        return self._recording.info

    @property
    def calibration(self) -> Calibration:
        """What is known of the detector."""
        return self._recording.calibration

    @property
    def simulated(self) -> bool | None:
        """Whether the photons come from a simulator."""
        return self._recording.simulated

    @property
    def conditions(self) -> Mapping[str, float]:
        """Conditions of the measurement."""
        return self._recording.conditions

    def blocks(self) -> Iterator[PhotonBlock]:
        """Yield the blocks that end behind the first pulse, counted from where the first of them begins."""
        begin: int | None = None
        for block in self._recording.blocks():
            if block.end_pulse > self._from_pulse:
                begin = block.first_pulse if begin is None else begin
                yield _moved(block, begin) if begin else block


def _moved(block: PhotonBlock, by_pulses: int) -> PhotonBlock:
    gaps = tuple(
        replace(gap, first_pulse=gap.first_pulse - by_pulses, end_pulse=gap.end_pulse - by_pulses) for gap in block.gaps
    )
    return PhotonBlock(
        block.pulse - by_pulses,
        block.pixel,
        block.delay_ps,
        block.first_pulse - by_pulses,
        block.end_pulse - by_pulses,
        gaps,
    )
