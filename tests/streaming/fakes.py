"""A detector, a recorder and a live analysis that do as they are told."""

import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from drivers.interfaces.device import Identity, PlainValue
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo
from drivers.interfaces.spad_array import SpadArray

INFO = PhotonStreamInfo(period_ps=1e6, pulsed=True, delay_resolution_ps=20.0, pixel_count=320)
PULSES_PER_BLOCK = 100_000


def make_block(number: int, photons: int = 1000, gaps: tuple[Gap, ...] = ()) -> PhotonBlock:
    rng = np.random.default_rng(number)
    first = number * PULSES_PER_BLOCK
    return PhotonBlock(
        pulse=np.sort(rng.integers(first, first + PULSES_PER_BLOCK, photons)),
        pixel=rng.integers(0, 320, photons).astype(np.uint16),
        delay_ps=rng.integers(0, 1_000_000, photons).astype(np.uint32),
        first_pulse=first,
        end_pulse=first + PULSES_PER_BLOCK,
        gaps=gaps,
    )


class Tally:
    """Counts what one thread has done, for another to wait for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def up(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._count >= count, 10), f"{self._count} of {count}"


class FakeSpadArray(SpadArray):
    """Yields given blocks; `before_block` is called with the number of the block to come."""

    def __init__(
        self, blocks: Iterable[PhotonBlock] | None = None, before_block: Callable[[int], None] = lambda number: None
    ) -> None:
        super().__init__("spad_array")
        self._connected = True
        self._blocks = blocks
        self._before_block = before_block
        self.bias = False
        self.asked = Tally()
        self.closed_streams = 0
        self.closed = Tally()

    identity = Identity("cascadescope", "fake", "0", "0", True)
    pixel_count = 320

    def connect(self) -> None:
        self._connected = True

    def close(self) -> None:
        self._connected = False

    def make_safe(self) -> None:
        self.bias = False

    def settings(self) -> Mapping[str, PlainValue]:
        return {"bias": self.bias}

    def readings(self) -> Mapping[str, PlainValue]:
        return {}

    def set_bias(self, on: bool) -> None:
        self.bias = on

    def stream_info(self) -> PhotonStreamInfo:
        return INFO

    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        count = round(duration_s / (PULSES_PER_BLOCK * 1e-6))
        blocks = self._blocks if self._blocks is not None else (make_block(number) for number in range(count))
        try:
            for number, block in enumerate(blocks):
                self.asked.up()
                self._before_block(number)
                yield block
        finally:
            self.closed_streams += 1
            self.closed.up()


class FakeRecorder:
    """Keeps the blocks; `on_append` is called with their number before each is kept."""

    def __init__(self, on_append: Callable[[int], None] = lambda number: None) -> None:
        self.blocks: list[PhotonBlock] = []
        self.threads: set[str] = set()
        self.finished = False
        self.abandoned = False
        self._on_append = on_append

    def append(self, block: PhotonBlock) -> None:
        self._on_append(len(self.blocks))
        self.threads.add(threading.current_thread().name)
        self.blocks.append(block)

    def finish(self) -> None:
        self.finished = True

    def abandon(self) -> None:
        self.abandoned = True

    @property
    def photons(self) -> int:
        return sum(len(block) for block in self.blocks)


@dataclass(frozen=True)
class FakeSnapshot:
    elapsed_s: float = 0.0
    photons: int = 0
    count_rate_cps: float = 0.0
    cascades: int = 0
    charge_state: str | None = None


class FakeLive:
    """Counts photons and finds `cascades_per_block` cascades in each block."""

    def __init__(self, cascades_per_block: int = 10, on_update: Callable[[int], None] = lambda number: None) -> None:
        self.blocks: list[PhotonBlock] = []
        self.updates = Tally()
        self._cascades_per_block = cascades_per_block
        self._on_update = on_update

    def update(self, block: PhotonBlock) -> None:
        self._on_update(len(self.blocks))
        self.blocks.append(block)
        self.updates.up()

    def snapshot(self) -> FakeSnapshot:
        photons = sum(len(block) for block in self.blocks)
        elapsed_s = self.blocks[-1].end_pulse * 1e-6 if self.blocks else 0.0
        return FakeSnapshot(
            elapsed_s, photons, photons / elapsed_s if elapsed_s else 0.0, len(self.blocks) * self._cascades_per_block
        )
