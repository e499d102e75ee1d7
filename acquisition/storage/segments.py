"""Photon segments: append-only files that stay readable after a kill at any byte.

A segment is a file header (what holds for the whole stream) and then blocks; each part carries its CRC-32.
All numbers are little-endian. A closed acquisition ends with a closing mark. An acquisition that was interrupted
and continued has several parts: each but the first begins with a new segment, whose header is that of the others,
and an opening mark. A mark is a block header without pulses and photons.

- file header: magic (8 bytes), version and length of the JSON text (uint32), JSON text, CRC-32 of all this (uint32)
- block header: magic (4 bytes), first pulse and end pulse (int64), number of photons, length of the gaps' JSON text
  and CRC-32 of the payload (uint32), CRC-32 of the header before it (uint32)
- payload: gaps as JSON, padded with blanks to a multiple of 8 bytes; pulse minus first pulse (uint32), delay in ps
  (uint32) and pixel (uint16) of all photons, column by column
"""

import contextlib
import errno
import json
import os
import struct
import time
import zlib
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from acquisition.file_lock import hold
from acquisition.storage.blocks import empty_block, split_block
from acquisition.storage.context import RecordingContext, check_context, context_to_plain, info_to_plain
from acquisition.storage.disk import before_writing
from acquisition.storage.errors import StorageError
from acquisition.storage.files import make_folder, sync_folder
from acquisition.storage.locking import held
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

FILE_MAGIC = b"CSCOPE\r\n"
BLOCK_MAGIC = b"BLCK"
CLOSING_MAGIC = b"CLSD"
PART_MAGIC = b"PART"
VERSION = 1
FILE_HEADER = struct.Struct("<8sII")
BLOCK_HEADER = struct.Struct("<4sqqIII")
CRC = struct.Struct("<I")
BYTES_PER_PHOTON = 10
MAX_PULSES = 2**32 - 1


def segment_path(folder: Path, number: int) -> Path:
    """Return the file of segment `number`, counted from 0."""
    return folder / f"{number:06d}.seg"


def segment_paths(folder: Path) -> list[Path]:
    """Return the segments of a folder in order."""
    return sorted(folder.glob("*.seg"))


def header_text(info: PhotonStreamInfo, context: RecordingContext) -> bytes:
    """Return the JSON text that each segment of a stream starts with."""
    plain = {"info": info_to_plain(info), "context": context_to_plain(context)}
    return json.dumps(plain, allow_nan=False).encode()


def encode_file_header(text: bytes) -> bytes:
    """Return the header with the JSON text of `header_text`."""
    head = FILE_HEADER.pack(FILE_MAGIC, VERSION, len(text)) + text
    return head + CRC.pack(zlib.crc32(head))


def encode_block(block: PhotonBlock) -> bytes:
    """Return a block as it is stored; it may cover at most 2**32 - 1 pulses."""
    gaps = _encode_gaps(block)
    offset = (block.pulse - block.first_pulse).astype("<u4")
    delay_ps, pixel = block.delay_ps.astype("<u4", copy=False), block.pixel.astype("<u2", copy=False)
    payload = b"".join((gaps, offset.tobytes(), delay_ps.tobytes(), pixel.tobytes()))
    return _encode_block_header(BLOCK_MAGIC, block, len(gaps), zlib.crc32(payload)) + payload


def _encode_gaps(block: PhotonBlock) -> bytes:
    if not block.gaps:
        return b""
    text = json.dumps([[gap.first_pulse, gap.end_pulse, gap.reason] for gap in block.gaps]).encode()
    return text.ljust(-(-len(text) // 8) * 8)


def _encode_block_header(magic: bytes, block: PhotonBlock, gaps_length: int, payload_crc: int) -> bytes:
    head = BLOCK_HEADER.pack(magic, block.first_pulse, block.end_pulse, len(block), gaps_length, payload_crc)
    return head + CRC.pack(zlib.crc32(head))


def encode_closing_mark(end_pulse: int) -> bytes:
    """Return the mark that tells a complete stream from one that was cut off between two blocks."""
    return _encode_block_header(CLOSING_MAGIC, empty_block(end_pulse, end_pulse), 0, 0)


def encode_opening_mark(first_pulse: int) -> bytes:
    """Return the mark with which a part begins that continues those before."""
    return _encode_block_header(PART_MAGIC, empty_block(first_pulse, first_pulse), 0, 0)


@dataclass(frozen=True, slots=True)
class Continuation:
    """What a writer must know to continue the segments of a folder.

    Attributes
    ----------
    header_text : bytes
        JSON text of their header.
    end_pulse : int
        End of the pulses that can be read.
    """

    header_text: bytes
    end_pulse: int


class SegmentWriter:
    """Appends photon blocks to a folder of segments, and flushes them to the disk every `sync_interval_s`.

    The last segment is locked until the writer is closed or its program ends.

    Parameters
    ----------
    folder : Path
        Is made if it is not there; must not hold segments yet, unless they are continued.
    info, context
        What holds for the whole stream; goes into each segment.
    segment_bytes : int
        A new segment is begun when one has reached this size.
    sync_interval_s : float
        Wall time between two flushes to the disk, in s.
    after : Continuation, optional
        The segments that are there, of which this is a further part; their header is kept, `info` and
        `context` are not written.

    Raises
    ------
    StorageError
        If the folder holds segments that are not to be continued or are still being written, cannot be
        written, or the context is not usable.
    """

    def __init__(
        self,
        folder: Path,
        info: PhotonStreamInfo,
        context: RecordingContext | None = None,
        *,
        segment_bytes: int = 256 * 2**20,
        sync_interval_s: float = 0.5,
        after: Continuation | None = None,
    ) -> None:
        context = context or RecordingContext()
        check_context(context, info.pixel_count)
        self._folder = folder
        self._header = encode_file_header(after.header_text if after else header_text(info, context))
        self._opening = encode_opening_mark(after.end_pulse) if after else b""
        self._segment_bytes = segment_bytes
        self._sync_interval_s = sync_interval_s
        self._photons = 0
        self._end_pulse = after.end_pulse if after else 0
        self._closed = False
        try:
            make_folder(folder)
            self._number = self._first_number(may_continue=after is not None)
            self._file = self._open()
        except OSError as error:
            raise self._failure(error) from error

    @property
    def photons(self) -> int:
        """Photons appended by this writer."""
        return self._photons

    @property
    def end_pulse(self) -> int:
        """End of the pulses covered so far, earlier parts included."""
        return self._end_pulse

    def append(self, block: PhotonBlock) -> None:
        """Store a block. It may start later than the last ended; the pulses between are then read as a gap.

        Raises
        ------
        StorageError
            If the disk is full or fails, the block overlaps the last, or the writer is closed. After a
            failure of the disk the writer is closed; all blocks before stay readable.
        """
        if self._closed:
            raise StorageError(f"{self._folder}: is closed; nothing can be appended")
        if block.first_pulse < self._end_pulse:
            raise StorageError(
                f"{self._folder}: the block starts at pulse {block.first_pulse}, but {self._end_pulse} pulses are "
                "stored; each block must start where the last ended"
            )
        for part in split_block(block, MAX_PULSES):
            self._write(encode_block(part))
            self._photons += len(part)
            self._end_pulse = part.end_pulse

    def close(self) -> None:
        """Mark the stream as complete and wait until all is on the disk; no effect if closed. Raises `StorageError`."""
        if not self._closed:
            self._write(encode_closing_mark(self._end_pulse))
            self.abandon()

    def abandon(self) -> None:
        """Close the files without marking the stream as complete; no effect if closed. Raises `StorageError`."""
        if self._closed:
            return
        self._closed = True
        try:
            with self._file:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise self._failure(error) from error

    def _first_number(self, *, may_continue: bool) -> int:
        """Return the number of the first segment to write, which follows those that are there."""
        there = segment_paths(self._folder)
        if not there:
            return 0
        if not may_continue:
            raise StorageError(f"{self._folder}: holds photon segments already; a recording never overwrites another")
        with held(there[-1], f"{self._folder}: is still being recorded; end that first"):
            return 1 + max((int(path.stem) for path in there if path.stem.isdecimal()), default=-1)

    def _open(self) -> FileIO:
        file = FileIO(segment_path(self._folder, self._number), "xb")
        try:
            hold(file)
            _write_all(file, self._header + self._opening)
            os.fsync(file.fileno())
            sync_folder(self._folder)
        except OSError:
            file.close()
            segment_path(self._folder, self._number).unlink(missing_ok=True)
            raise
        self._size = self._empty_size = len(self._header) + len(self._opening)
        self._opening = b""
        self._synced_at = time.monotonic()
        return file

    def _write(self, data: bytes) -> None:
        try:
            if self._size > self._empty_size and self._size + len(data) > self._segment_bytes:
                self._next_segment()
            before_writing(self._folder)
            _write_all(self._file, data)
            self._size += len(data)
            if time.monotonic() - self._synced_at >= self._sync_interval_s:
                os.fsync(self._file.fileno())
                self._synced_at = time.monotonic()
        except OSError as error:
            self._give_up()
            raise self._failure(error) from error

    def _next_segment(self) -> None:
        with self._file:
            os.fsync(self._file.fileno())
            self._number += 1
            self._file = self._open()

    def _give_up(self) -> None:
        """Close after a failure, without the half of a block that may have been written."""
        self._closed = True
        with contextlib.suppress(OSError, ValueError), self._file:
            self._file.truncate(self._size)
            os.fsync(self._file.fileno())

    def _failure(self, error: OSError) -> StorageError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return StorageError(
                f"{self._folder}: the disk is full; everything up to pulse {self._end_pulse} is stored. "
                "Free space, then continue with a new acquisition"
            )
        return StorageError(
            f"{self._folder}: cannot be written ({error.strerror or error}); everything up to pulse "
            f"{self._end_pulse} is stored. Check the disk and the rights of the folder"
        )


def _write_all(file: FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        written = file.write(view)
        if not written:
            raise OSError(errno.EIO, "the disk takes no data")
        view = view[written:]
