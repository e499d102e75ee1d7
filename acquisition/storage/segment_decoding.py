"""Decoding a segment: its header, and the blocks that are intact; what is not as it was written is named."""

import io
import json
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from acquisition.storage.segments import (
    BLOCK_HEADER,
    BLOCK_MAGIC,
    BYTES_PER_PHOTON,
    CLOSING_MAGIC,
    CRC,
    FILE_HEADER,
    FILE_MAGIC,
    PART_MAGIC,
    VERSION,
)
from drivers.interfaces.photons import Gap, PhotonBlock


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
class BlockHeader:
    """What stands before the photons of a block; a mark is a header without photons.

    `closing` marks the end of a part, `opening` the beginning of one that continues the parts before.
    """

    first_pulse: int
    end_pulse: int
    photons: int
    gaps_length: int
    crc: int
    closing: bool
    opening: bool

    @property
    def length(self) -> int:
        """Bytes that follow the header."""
        return self.gaps_length + self.photons * BYTES_PER_PHOTON


def read_header_text(path: Path) -> bytes | None:
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


def read_segment(
    path: Path, report: LossReport, from_pulse: int = 0
) -> Iterator[tuple[BlockHeader, PhotonBlock | None]]:
    """Yield the intact blocks of one segment; after a damaged block header nothing more can be found in it.

    Of blocks that end before `from_pulse`, or there, only the headers are read.
    """
    try:
        with path.open("rb", buffering=2**20) as file:
            _take_file_header(file)
            while _bytes_left(file):
                header = _take_block_header(file)
                if header.length and header.end_pulse <= from_pulse and header.length <= _bytes_left(file):
                    file.seek(header.length, io.SEEK_CUR)
                    yield header, None
                    continue
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


def _take_block_header(file: BinaryIO) -> BlockHeader:
    head = _take(file, BLOCK_HEADER.size)
    if CRC.unpack(_take(file, CRC.size))[0] != zlib.crc32(head):
        raise _DamageError("the header of a block is damaged; what follows in this segment cannot be found")
    magic, first_pulse, end_pulse, photons, gaps_length, crc = BLOCK_HEADER.unpack(head)
    if magic not in (BLOCK_MAGIC, CLOSING_MAGIC, PART_MAGIC) or not 0 <= first_pulse <= end_pulse:
        raise _DamageError("the header of a block makes no sense")
    return BlockHeader(first_pulse, end_pulse, photons, gaps_length, crc, magic == CLOSING_MAGIC, magic == PART_MAGIC)


def _decode(header: BlockHeader, payload: bytes) -> PhotonBlock:
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
