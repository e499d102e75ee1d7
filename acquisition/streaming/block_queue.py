"""A bounded queue of photon blocks between two threads, which either end can close."""

import threading
import time
from collections import deque
from collections.abc import Iterator

from drivers.interfaces.photons import PhotonBlock


class BlockQueue:
    """Blocks in their order, at most `max_blocks` of them and at most `max_photons` photons.

    A block that is larger than `max_photons` by itself is taken when the queue is empty. The
    producer ends the stream with `close`; the consumer leaves with `cancel`.
    """

    def __init__(self, max_blocks: int, max_photons: int) -> None:
        if max_blocks < 1 or max_photons < 1:
            raise ValueError(f"a queue needs room: max_blocks = {max_blocks}, max_photons = {max_photons}")
        self._max_blocks = max_blocks
        self._max_photons = max_photons
        self._blocks: deque[PhotonBlock] = deque()
        self._photons = 0
        self._most_photons = 0
        self._waited_s = 0.0
        self._closed = False
        self._cancelled = False
        self._changed = threading.Condition()

    @property
    def most_photons(self) -> int:
        """Largest number of photons that have waited at one time."""
        return self._most_photons

    @property
    def waited_s(self) -> float:
        """How long the producer has waited for room, in s of wall time."""
        return self._waited_s

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called: blocks may have been dropped."""
        return self._cancelled

    def put(self, block: PhotonBlock) -> bool:
        """Wait for room and append; return False, without appending, once either end has closed the queue."""
        with self._changed:
            begin_s = time.monotonic()
            self._changed.wait_for(lambda: self._ended or self._has_room(block))
            self._waited_s += time.monotonic() - begin_s
            return self._append(block)

    def offer(self, block: PhotonBlock) -> bool:
        """Append if there is room now; return whether the block was taken."""
        with self._changed:
            return self._has_room(block) and self._append(block)

    def close(self) -> None:
        """End the stream: what waits is still delivered, nothing more is taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def cancel(self) -> None:
        """End the stream at once and drop what waits; a waiting producer or consumer goes on."""
        with self._changed:
            self._cancelled = True
            self._blocks.clear()
            self._photons = 0
            self._changed.notify_all()

    def __iter__(self) -> Iterator[PhotonBlock]:
        """Yield the blocks, waiting for each, until the queue is closed and empty or cancelled."""
        while (block := self._next()) is not None:
            yield block

    @property
    def _ended(self) -> bool:
        return self._closed or self._cancelled

    def _has_room(self, block: PhotonBlock) -> bool:
        if not self._blocks:
            return True
        return len(self._blocks) < self._max_blocks and self._photons + len(block) <= self._max_photons

    def _append(self, block: PhotonBlock) -> bool:
        if self._ended:
            return False
        self._blocks.append(block)
        self._photons += len(block)
        self._most_photons = max(self._most_photons, self._photons)
        self._changed.notify_all()
        return True

    def _next(self) -> PhotonBlock | None:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or bool(self._blocks))
            if not self._blocks:
                return None
            block = self._blocks.popleft()
            self._photons -= len(block)
            self._changed.notify_all()
            return block
