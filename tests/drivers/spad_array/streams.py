"""Streams that tests write down, and what came of them."""

import itertools

import numpy as np

from drivers.interfaces.errors import DeviceError
from drivers.interfaces.photons import Gap, PhotonBlock
from drivers.spad_array.device_calibration import load_device_calibration
from drivers.spad_array.spad_lambda import SpadLambda
from tests.drivers.spad_array.wire_bytes import stream_of

PULSES = 500_000
"""Half a second at 1 MHz."""

MARKER_TICKS = 10_000

Tag = tuple[int, int, int, int]
"""Chip, id, tick, fine time in ps."""


def some_tags(count: int = 4000, end: int = PULSES) -> list[Tag]:
    rng = np.random.default_rng(1)
    ticks = np.sort(rng.integers(0, end, count))
    return [(int(tick) % 2, int(rng.integers(150)), int(tick), int(rng.integers(1_000_000))) for tick in ticks]


def expected(tags: list[Tag]) -> list[tuple[int, int, int]]:
    positions = load_device_calibration("spad_lambda_device.yaml").values.positions
    return sorted((tick, int(positions[chip, identity]), fine) for chip, identity, tick, fine in tags)


def photons(blocks: list[PhotonBlock]) -> list[tuple[int, int, int]]:
    return sorted(
        (int(pulse), int(pixel), int(delay_ps))
        for block in blocks
        for pulse, pixel, delay_ps in zip(block.pulse, block.pixel, block.delay_ps, strict=True)
    )


def gaps(blocks: list[PhotonBlock]) -> list[Gap]:
    return [gap for block in blocks for gap in block.gaps]


def lost(blocks: list[PhotonBlock]) -> set[int]:
    """Pulses that are marked."""
    return {pulse for gap in gaps(blocks) for pulse in range(gap.first_pulse, gap.end_pulse)}


def cover(blocks: list[PhotonBlock]) -> tuple[int, int]:
    assert all(one.end_pulse == other.first_pulse for one, other in itertools.pairwise(blocks))
    return blocks[0].first_pulse, blocks[-1].end_pulse


def run(array: SpadLambda, duration_s: float = 0.5) -> tuple[list[PhotonBlock], DeviceError | None]:
    blocks: list[PhotonBlock] = []
    try:
        for block in array.photons(duration_s):
            blocks.append(block)
    except DeviceError as error:
        return blocks, error
    return blocks, None


def whole(tags: list[Tag], end: int = PULSES) -> bytes:
    return stream_of(tags, end_tick=end, marker_ticks=MARKER_TICKS)
