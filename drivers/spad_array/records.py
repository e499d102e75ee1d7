"""From the bytes of a SPAD Lambda's stream to photons of each chip and what has happened between them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivers.spad_array import record_kernel as kernel
from drivers.spad_array.record_kinds import FINE_VALUES, MASTER, RECORD_BYTES, SLAVE, Event, Loss, kind_table

DONE = b"DONE"
"""What lSPAD sends after the last record."""

EVENTS_PER_PASS = 4096
WARM_UP = bytes([1, 239, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 0, 9, 1, 225, 0, 1, 0, 0, 9])


@dataclass(frozen=True, slots=True, eq=False)
class ChipPhotons:
    """Photons of one chip in the order of the stream, which is nearly that of time.

    Attributes
    ----------
    time_ps : int64 array, shape (n,)
        Time since the start of the stream, on the clock of the chip.
    pixel : uint16 array, shape (n,)
        Physical position.
    """

    time_ps: NDArray[np.int64]
    pixel: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.time_ps)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something besides photons: `first` and `second` mean what `Event` says."""

    kind: Event
    chip: int
    first: int
    second: int
    reason: Loss


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was in some bytes: photons of slave and master, and what happened, in order."""

    photons: tuple[ChipPhotons, ChipPhotons]
    happenings: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class Counters:
    """What the decoder has counted since the start of the stream."""

    records: int
    photons: int
    overflows: int
    resyncs: int
    epoch_repairs: int
    late_records: int
    garbage_bytes: int


class RecordDecoder:
    """Decodes one stream; any cut of its bytes into pieces gives the same.

    Parameters
    ----------
    positions : uint16 array, shape (2, 256)
        Physical position by chip and wire id.
    tick_ps : int
        Length of a tick of the coarse counters.
    """

    def __init__(self, positions: NDArray[np.uint16], tick_ps: int) -> None:
        self.tick_ps = tick_ps
        self._positions, self._kinds = np.array(positions), kind_table()
        self._fine_limit = min(2 * tick_ps, FINE_VALUES)
        self._chips = np.zeros((2, kernel.CHIP_FIELDS), dtype=np.int64)
        self._chips[:, kernel.LAST] = -1
        self._stream = np.zeros(kernel.STREAM_FIELDS, dtype=np.int64)
        self._stream[kernel.SYNCED] = 1
        self._rest = b""

    @property
    def rest(self) -> bytes:
        """Bytes that wait for what follows them: in step, at most one whole record and the beginning of the next."""
        return self._rest

    @property
    def in_step(self) -> bool:
        """Whether the next byte is known to begin a record."""
        return bool(self._stream[kernel.SYNCED])

    @property
    def counters(self) -> Counters:
        """What has been counted."""
        names = ("RECORDS", "PHOTONS", "OVERFLOWS", "RESYNCS", "REPAIRS", "LATE", "GARBAGE")
        return Counters(*(int(self._stream[getattr(kernel, name)]) for name in names))

    def reached_ps(self, chip: int) -> int | None:
        """Return the time up to which the records of a chip have come, short of its disorder; None if none came."""
        last = int(self._chips[chip, kernel.LAST])
        if last < 0:
            return None
        return (last - int(self._stream[kernel.ORIGIN]) - kernel.WINDOW - 1) * self.tick_ps

    def last_record_ps(self, chip: int) -> int:
        """Return the time of the latest record of a chip; 0 or less if none came."""
        return (int(self._chips[chip, kernel.LAST]) - int(self._stream[kernel.ORIGIN])) * self.tick_ps

    def last_photon_ps(self, chip: int) -> int:
        """Return when the tick of the latest photon of a chip began; 0 if none came."""
        return (int(self._chips[chip, kernel.LAST_PHOTON]) - int(self._stream[kernel.ORIGIN])) * self.tick_ps

    def open_loss(self, chip: int) -> tuple[Loss, int] | None:
        """Return why photons of a chip may be missing now, and since when in ps; None if none is."""
        reason = int(self._chips[chip, kernel.LOSS])
        if not reason:
            return None
        since = int(self._chips[chip, kernel.LOSS_FROM]) - int(self._stream[kernel.ORIGIN])
        return Loss(reason), since * self.tick_ps

    def feed(self, data: bytes | bytearray | memoryview, *, at_end: bool = False) -> Decoded:
        """Decode the next bytes; `at_end` says that nothing follows.

        What then is left is forgotten, and counted as bytes that are no record unless it is `DONE`.
        """
        piece = np.frombuffer(bytearray(self._rest) + data, dtype=np.uint8)
        room = len(piece) // RECORD_BYTES + 1
        time_ps, pixel = np.empty((2, room), dtype=np.int64), np.empty((2, room), dtype=np.uint16)
        counts = np.zeros(2, dtype=np.int64)
        events = np.empty((EVENTS_PER_PASS, kernel.EVENT_COLUMNS), dtype=np.int64)
        happenings: list[Happening] = []
        begin, found = 0, EVENTS_PER_PASS
        while found > EVENTS_PER_PASS - 3:
            begin, found = kernel.decode(
                piece, begin, len(piece), at_end, self._kinds, self._positions, self.tick_ps, self._fine_limit,
                self._chips, self._stream, time_ps, pixel, counts, events,
            )  # fmt: skip
            happenings += _happenings(events[:found])
        self._rest = piece[begin:].tobytes()
        if at_end:
            self._stream[kernel.GARBAGE] += 0 if self._rest.strip() == DONE else len(self._rest)
            self._rest = b""
        slave, master = (ChipPhotons(time_ps[chip, : counts[chip]], pixel[chip, : counts[chip]]) for chip in (0, 1))
        return Decoded((slave, master), tuple(happenings))

    def losses(self) -> Iterator[tuple[int, Loss, int]]:
        """Yield the losses that have not ended: chip, reason, since when in ps."""
        for chip in (SLAVE, MASTER):
            if (loss := self.open_loss(chip)) is not None:
                yield chip, *loss


def _happenings(events: NDArray[np.int64]) -> list[Happening]:
    return [Happening(Event(kind), chip, a, b, Loss(reason)) for kind, chip, a, b, reason in events.tolist()]


def warm_up() -> None:
    """Compile the decoder before photons wait for it."""
    RecordDecoder(np.zeros((2, 256), dtype=np.uint16), 1_000_000).feed(WARM_UP, at_end=True)
