"""Reading photon segments back, also after a kill at any byte: what is intact is yielded, what is lost is named."""

import json
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from acquisition.analysis.recording import Calibration
from acquisition.storage.blocks import empty_block
from acquisition.storage.context import RecordingContext, context_from_plain, info_from_plain
from acquisition.storage.errors import RecordingError
from acquisition.storage.segment_decoding import Loss, LossReport, read_header_text, read_segment
from acquisition.storage.segments import segment_paths
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo

_NOTHING = 1 << 63
"""A pulse behind all that there can be."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a recording holds so far.

    Attributes
    ----------
    photons, end_pulse : int
        Number of photons, and of the pulses covered.
    gaps, lost_pulses : int
        Intervals in which photons may have been lost, and the pulses in them.
    """

    photons: int = 0
    end_pulse: int = 0
    gaps: int = 0
    lost_pulses: int = 0

    def plus(self, block: PhotonBlock) -> "Extent":
        """Return the extent with the next block."""
        lost = sum(gap.end_pulse - gap.first_pulse for gap in block.gaps)
        return Extent(self.photons + len(block), block.end_pulse, self.gaps + len(block.gaps), self.lost_pulses + lost)


class SegmentRecording:
    """A photon stream in a folder of segments, as `SegmentWriter` wrote it, in one part or several.

    It may be read while it is written: each reading ends with the last block that is complete then.
    `so_far` gives a view that stays the same at each reading.

    Parameters
    ----------
    folder : Path
    until_pulse : int, optional
        End of a block at which the recording is taken to be complete.

    Raises
    ------
    RecordingError
        If the folder holds no segment whose header is intact, or segments of different streams.
    """

    def __init__(self, folder: Path, *, until_pulse: int | None = None) -> None:
        self._folder = folder
        self._until_pulse = until_pulse
        self._from_pulse = 0
        headers = {header for path in segment_paths(folder) if (header := read_header_text(path)) is not None}
        if not headers:
            raise RecordingError(f"{folder}: holds no readable photon segment (*.seg); nothing was recorded there")
        if len(headers) > 1:
            raise RecordingError(f"{folder}: the segments belong to different recordings; keep those of one only")
        self._header = headers.pop()
        try:
            plain = json.loads(self._header)
            self._info, self._context = info_from_plain(plain["info"]), context_from_plain(plain["context"])
        except (ValueError, KeyError, TypeError) as error:
            raise RecordingError(f"{folder}: the header of the segments is not understood: {error!r}") from error

    @classmethod
    def so_far(cls, folder: Path) -> "SegmentRecording":
        """Return what is stored now, for an analysis beside a recording that goes on. Raises `RecordingError`."""
        return cls(folder, until_pulse=cls(folder).extent().end_pulse)

    def since(self, pulse: int) -> "SegmentRecording":
        """Return the same recording without the photons of blocks that end before a pulse, or there; quick to read.

        What is not read is neither there nor lost.
        """
        newer = copy(self)
        newer._from_pulse = pulse  # noqa: SLF001 - of the same class
        return newer

    @property
    def header_text(self) -> bytes:
        """The JSON text that each segment starts with."""
        return self._header

    @property
    def info(self) -> PhotonStreamInfo:
        """What holds for the whole stream."""
        return self._info

    @property
    def context(self) -> RecordingContext:
        """What is stored beside the photons."""
        return self._context

    @property
    def calibration(self) -> Calibration:
        """What is known of the detector."""
        return self._context.calibration

    @property
    def simulated(self) -> bool | None:
        """Whether the photons come from a simulator; None if not known."""
        return self._context.simulated

    @property
    def conditions(self) -> Mapping[str, float]:
        """Conditions of the measurement."""
        return self._context.conditions

    def blocks(self) -> Iterator[PhotonBlock]:
        """Yield the blocks that are intact, from pulse 0 on; lost pulses between are empty blocks with a gap.

        A part that was cut off ends with a gap without length, as nobody knows how long it went on.
        """
        return self.read(lambda loss: None)

    def losses(self) -> tuple[Loss, ...]:
        """Read everything once, and return what cannot be read; empty for a complete recording."""
        found: list[Loss] = []
        for _ in self.read(found.append):
            pass
        return tuple(found)

    def extent(self) -> Extent:
        """Read everything once, and return how much it is."""
        extent = Extent()
        for block in self.blocks():
            extent = extent.plus(block)
        return extent

    def outline(self) -> Extent:
        """Return about how much it is, from the headers of the blocks only: quick, and nothing is checked."""
        photons = end_pulse = 0
        for path in segment_paths(self._folder):
            for header, _ in read_segment(path, lambda loss: None, _NOTHING):
                if header.first_pulse >= end_pulse:
                    photons, end_pulse = photons + header.photons, header.end_pulse
        return Extent(photons, end_pulse)

    def read(self, report: LossReport) -> Iterator[PhotonBlock]:
        """Yield the blocks as `blocks` does, and call `report` with each loss when it is found."""
        end_pulse, closed, reason = 0, False, ""
        if self._until_pulse == 0:
            return

        def note(loss: Loss) -> None:
            nonlocal reason
            reason = loss.reason
            report(loss)

        for path in segment_paths(self._folder):
            for header, block in read_segment(path, note, self._from_pulse):
                if header.first_pulse < end_pulse or (closed and not (header.closing or header.opening)):
                    note(Loss(path.name, "a block repeats pulses that were read before; it is left out"))
                    continue
                if header.opening and end_pulse and not closed:
                    yield self._cut_off(end_pulse, "continued later", reason, report)
                if header.first_pulse > end_pulse:
                    yield _lost(end_pulse, header.first_pulse, reason)
                closed = header.closing or (closed and not header.opening)
                end_pulse, reason = header.end_pulse, ""
                if block is not None and not (header.closing or header.opening):
                    yield block
                if self._until_pulse is not None and end_pulse >= self._until_pulse:
                    return
        if not closed and self._until_pulse is None:
            yield self._cut_off(end_pulse, "never closed", "", report)

    def _cut_off(self, end_pulse: int, afterwards: str, cause: str, report: LossReport) -> PhotonBlock:
        """Report a part that has no proper end, and return the block without length that says so."""
        reason = f"the recording was cut off after pulse {end_pulse}; it was {afterwards}"
        report(Loss(self._folder.name, reason, unclosed=True))
        if cause:
            reason = f"{reason} ({cause})"
        return empty_block(end_pulse, end_pulse, (Gap(end_pulse, end_pulse, reason),))


def _lost(first_pulse: int, end_pulse: int, reason: str) -> PhotonBlock:
    gap = Gap(first_pulse, end_pulse, f"lost in storage: {reason or 'the blocks between are missing'}")
    return empty_block(first_pulse, end_pulse, (gap,))
