"""Runs the live analysis beside the recorder; it may lag, lose blocks or fail without harm to the raw data."""

import threading
import time

from acquisition.streaming.block_queue import BlockQueue
from acquisition.streaming.parts import dark_pulses
from acquisition.streaming.types import Goal, LiveConsumer, LiveSnapshot
from acquisition.streaming.worker import Worker
from drivers.interfaces.photons import PhotonBlock

SNAPSHOT_INTERVAL_S = 0.04
GOAL_LAG_BLOCKS = 2


class LiveWorker:
    """The thread of the live analysis, and the question whether it has reached the goal.

    Without shedding, the goal is judged on the snapshot `GOAL_LAG_BLOCKS` blocks before the block to
    be read: the end of an acquisition then depends on the photons only, not on how fast the threads are.
    """

    def __init__(self, consumer: LiveConsumer | None, queue: BlockQueue, goal: Goal | None, period_s: float) -> None:
        self._consumer = consumer
        self._goal = goal
        self._period_s = period_s
        self._changed = threading.Condition()
        self._analysed = 0
        self._reached_after: int | None = None
        self._ended = consumer is None
        self._snapshot: LiveSnapshot | None = None
        self._snapshot_time = -SNAPSHOT_INTERVAL_S
        self.queue = queue
        self.worker = Worker("live analysis", self._analyse, daemon=True)
        self.shed_blocks = 0
        self.shed_photons = 0
        self.reason = ""

    @property
    def snapshot(self) -> LiveSnapshot | None:
        """The newest numbers; None before the first block."""
        return self._snapshot

    def give(self, block: PhotonBlock, *, shed: bool) -> None:
        """Queue a block for analysis; with `shed`, lose it (and count that) rather than wait."""
        if self._consumer is None:
            return
        taken = self.queue.offer(block) if shed else self.queue.put(block)
        if not taken:
            self.shed_blocks += 1
            self.shed_photons += len(block)

    def goal_reached(self, blocks_read: int, *, shed: bool) -> bool:
        """Return whether the goal was reached, so that the stream ends before the next block.

        Parameters
        ----------
        blocks_read : int
            Blocks that were given so far.
        shed : bool
            Whether to judge by the newest snapshot rather than by that of a fixed block.
        """
        if self._goal is None:
            return False
        with self._changed:
            if shed:
                return self._reached_after is not None
            judged = blocks_read - GOAL_LAG_BLOCKS
            self._changed.wait_for(lambda: self._ended or self._analysed >= judged)
            return self._reached_after is not None and self._reached_after <= judged

    def give_up(self) -> None:
        """Let nobody wait for the analysis any more."""
        self.queue.cancel()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _analyse(self) -> None:
        if self._consumer is None:
            return
        try:
            for block in self.queue:
                self._update(self._consumer, block)
            if self._analysed:
                self._snapshot = self._consumer.snapshot()
        finally:
            self.give_up()

    def _update(self, consumer: LiveConsumer, block: PhotonBlock) -> None:
        with self.worker.busy():
            consumer.update(block)
            due = time.monotonic() - self._snapshot_time >= SNAPSHOT_INTERVAL_S
            if due or self._goal is not None:
                self._snapshot = consumer.snapshot()
                self._snapshot_time = time.monotonic()
            reason = self._judge(block)
        with self._changed:
            self._analysed += 1
            if reason is not None:
                self._reached_after, self.reason = self._analysed, reason
            self._changed.notify_all()

    def _judge(self, block: PhotonBlock) -> str | None:
        """Return the goal in words if this block reaches it."""
        if self._goal is None or self._snapshot is None or self._reached_after is not None or dark_pulses(block):
            return None
        return self._goal.reached(block.end_pulse * self._period_s, self._snapshot)
