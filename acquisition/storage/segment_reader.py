"""Reading photon segments back, also after a kill at any byte: what is intact is yielded, what is lost is named."""

import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from acquisition.analysis.recording import Calibration
from acquisition.storage.blocks import empty_block
from acquisition.storage.context import RecordingContext, context_from_plain, info_from_plain
from acquisition.storage.errors import RecordingError
from acquisition.storage.segments import (
    BLOCK_HEADER,
    BLOCK_MAGIC,
    BYTES_PER_PHOTON,
    CLOSING_MAGIC,
    CRC,
    FILE_HEADER,
    FILE_MAGIC,
    VERSION,
    segment_paths,
)
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo


@dataclass(frozen=True, slots=True)
class Loss:
    """A part of a segment that cannot be read.

    Attributes
    ----------
    segment : str
        Name of the file, or of the folder where the end of the stream is missing.
    reason : str
        What was found there.
    first_pulse, end_pulse : int or None
        The pulses that are lost, end excluded; None where not known.
    unclosed : bool
        Whether only the closing mark is missing: all that was written is there.
    """

    segment: str
    reason: str
    first_pulse: int | None = None
    end_pulse: int | None = None
    unclosed: bool = False

    def __str__(self) -> str:
        if self.first_pulse is None:
            return f"{self.segment}: {self.reason}"
        end = "the end" if self.end_pulse is None else f"{self.end_pulse}"
        return f"{self.segment}: {self.reason}; pulses {self.first_pulse} to {end} are lost"


LossReport = Callable[[Loss], None]


class _DamageError(Exception):
    """A part of a segment is not as it was written."""


@dataclass(frozen=True, slots=True)
class _BlockHeader:
    first_pulse: int
    end_pulse: int
    photons: int
    gaps_length: int
    crc: int
    closing: bool

    @property
    def length(self) -> int:
        return self.gaps_length + self.photons * BYTES_PER_PHOTON


class SegmentRecording:
    """A photon stream in a folder of segments, as `SegmentWriter` wrote it.

    Raises
    ------
    RecordingError
        If the folder holds no segment whose header is intact, or segments of different streams.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        headers = {header for path in segment_paths(folder) if (header := _read_file_header(path)) is not None}
        if not headers:
            raise RecordingError(f"{folder}: holds no readable photon segment (*.seg); nothing was recorded there")
        if len(headers) > 1:
            raise RecordingError(f"{folder}: the segments belong to different recordings; keep those of one only")
        try:
            plain = json.loads(headers.pop())
            self._info, self._context = info_from_plain(plain["info"]), context_from_plain(plain["context"])
        except (ValueError, KeyError, TypeError) as error:
            raise RecordingError(f"{folder}: the header of the segments is not understood: {error!r}") from error

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

        A stream that was cut off ends with a gap without length, as nobody knows how long it went on.
        """
        return self.read(lambda loss: None)

    def losses(self) -> tuple[Loss, ...]:
        """Read everything once, and return what cannot be read; empty for a complete recording."""
        found: list[Loss] = []
        for _ in self.read(found.append):
            pass
        return tuple(found)

    def read(self, report: LossReport) -> Iterator[PhotonBlock]:
        """Yield the blocks as `blocks` does, and call `report` with each loss when it is found."""
        end_pulse, closed, reason = 0, False, "the blocks between are missing"

        def note(loss: Loss) -> None:
            nonlocal reason
            reason = loss.reason
            report(loss)

        for path in segment_paths(self._folder):
            for header, block in _read_segment(path, note):
                if header.first_pulse < end_pulse or (closed and not header.closing):
                    note(Loss(path.name, "a block repeats pulses that were read before; it is left out"))
                    continue
                if header.first_pulse > end_pulse:
                    gap = Gap(end_pulse, header.first_pulse, f"lost in storage: {reason}")
                    yield empty_block(end_pulse, header.first_pulse, (gap,))
                closed = closed or header.closing
                end_pulse, reason = header.end_pulse, "the blocks between are missing"
                if not header.closing:
                    yield block
        if not closed:
            reason = f"the recording was cut off after pulse {end_pulse}; it was never closed"
            report(Loss(self._folder.name, reason, unclosed=True))
            yield empty_block(end_pulse, end_pulse, (Gap(end_pulse, end_pulse, reason),))


def _read_file_header(path: Path) -> bytes | None:
    """Return the JSON text of a segment's header, or None if the header is damaged."""
    try:
        with path.open("rb") as file:
            return _take_file_header(file)
    except (OSError, _DamageError):
        return None


def _take_file_header(file: BinaryIO) -> bytes:
    head = _take(file, FILE_HEADER.size)
    magic, version, length = FILE_HEADER.unpack(head)
    if magic != FILE_MAGIC:
        raise _DamageError("it does not start as a photon segment")
    text = _take(file, length)
    if CRC.unpack(_take(file, CRC.size))[0] != zlib.crc32(head + text):
        raise _DamageError("its header is damaged")
    if version != VERSION:
        raise _DamageError(f"it has version {version}; version {VERSION} can be read")
    return text


def _take(file: BinaryIO, length: int) -> bytes:
    """Return the next `length` bytes; asks for no memory that the file could not fill."""
    if length > _bytes_left(file):
        raise _DamageError("it ends in the middle")
    data = file.read(length)
    if len(data) != length:
        raise _DamageError("it ends in the middle")
    return data


def _bytes_left(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size - file.tell()


def _read_segment(path: Path, report: LossReport) -> Iterator[tuple[_BlockHeader, PhotonBlock]]:
    """Yield the intact blocks of one segment; after a damaged block header nothing more can be found in it."""
    try:
        with path.open("rb", buffering=2**20) as file:
            _take_file_header(file)
            while _bytes_left(file):
                header = _take_block_header(file)
                payload = _take(file, header.length)
                try:
                    block = _decode(header, payload)
                except _DamageError as damage:
                    report(Loss(path.name, str(damage), header.first_pulse, header.end_pulse))
                else:
                    yield header, block
    except _DamageError as damage:
        report(Loss(path.name, str(damage)))
    except OSError as error:
        report(Loss(path.name, f"it cannot be read ({error.strerror or error})"))


def _take_block_header(file: BinaryIO) -> _BlockHeader:
    head = _take(file, BLOCK_HEADER.size)
    if CRC.unpack(_take(file, CRC.size))[0] != zlib.crc32(head):
        raise _DamageError("the header of a block is damaged; what follows in this segment cannot be found")
    magic, first_pulse, end_pulse, photons, gaps_length, crc = BLOCK_HEADER.unpack(head)
    if magic not in (BLOCK_MAGIC, CLOSING_MAGIC) or not 0 <= first_pulse <= end_pulse:
        raise _DamageError("the header of a block makes no sense")
    return _BlockHeader(first_pulse, end_pulse, photons, gaps_length, crc, magic == CLOSING_MAGIC)


def _decode(header: _BlockHeader, payload: bytes) -> PhotonBlock:
    if zlib.crc32(payload) != header.crc:
        raise _DamageError("the photons of a block are damaged")
    n, start = header.photons, header.gaps_length
    offset = np.frombuffer(payload, "<u4", n, start)
    delay_ps = np.frombuffer(payload, "<u4", n, start + 4 * n)
    pixel = np.frombuffer(payload, "<u2", n, start + 8 * n)
    try:
        gaps = tuple(Gap(int(first), int(end), str(why)) for first, end, why in json.loads(payload[:start] or b"[]"))
        return PhotonBlock(
            offset + np.int64(header.first_pulse), pixel, delay_ps, header.first_pulse, header.end_pulse, gaps
        )
    except (ValueError, TypeError) as error:
        raise _DamageError(f"a block holds no valid photons: {error}") from error
