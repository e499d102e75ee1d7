"""The blocks of a recording as the analysis reads them: from its first photon on, with its gaps."""

from collections.abc import Iterator

from acquisition.analysis.recording import PhotonRecording
from drivers.interfaces.photons import Gap, PhotonBlock

LATEST_START_S = 1.0
"""Time without photons at the start that is taken as measured; beyond it the stream starts with its first photon."""


class MeasuredStream:
    """Blocks of a recording, counted from its first photon if that comes late.

    A free-running pulse counter may start anywhere; the time before the first photon was not measured.
    """

    def __init__(self, recording: PhotonRecording) -> None:
        self._recording = recording
        self._start_pulse = _start_pulse(recording)
        self._gaps: tuple[Gap, ...] = ()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Gaps of the blocks that were read, as of the last complete reading."""
        return self._gaps

    def blocks(self) -> Iterator[PhotonBlock]:
        """Yield the blocks from the start on, anew at each call."""
        gaps: list[Gap] = []
        for block in self._recording.blocks():
            if block.end_pulse > self._start_pulse:
                moved = _moved(block, self._start_pulse) if self._start_pulse else block
                gaps.extend(moved.gaps)
                yield moved
        self._gaps = tuple(gaps)


def _start_pulse(recording: PhotonRecording) -> int:
    for block in recording.blocks():
        if len(block):
            first = int(block.pulse[0])
            return first if first * recording.info.period_ps > LATEST_START_S * 1e12 else 0
    return 0


def _moved(block: PhotonBlock, start_pulse: int) -> PhotonBlock:
    gaps = tuple(
        Gap(max(gap.first_pulse - start_pulse, 0), gap.end_pulse - start_pulse, gap.reason)
        for gap in block.gaps
        if gap.end_pulse > start_pulse
    )
    first = max(block.first_pulse - start_pulse, 0)
    return PhotonBlock(
        block.pulse - start_pulse, block.pixel, block.delay_ps, first, block.end_pulse - start_pulse, gaps
    )
