"""A stream over a wire in memory: what random bytes between the records can and cannot do."""

import numpy as np
import pytest

from drivers.spad_array import lspad_stream
from drivers.spad_array.device_calibration import load_device_calibration
from drivers.spad_array.lspad_stream import LspadStream
from drivers.spad_array.time_scale import time_scale
from tests.drivers.spad_array.streams import expected, lost, photons, some_tags, whole


class WireInMemory:
    """Gives out some bytes, then is silent."""

    def __init__(self, data: bytes) -> None:
        self._pieces = [data[:1000], data[1000:]]
        self.sent: list[str] = []

    def send(self, *commands: str) -> None:
        self.sent += commands

    def receive(self, timeout_s: float) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


@pytest.mark.parametrize("seed", range(20))
def test_outside_of_the_marked_gaps_all_photons_are_right_whatever_bytes_come_between(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lspad_stream, "QUIET_S", -1.0)  # silence in memory is at once
    rng, tags = np.random.default_rng(seed), some_tags(2000)
    data = whole(tags)
    for at in sorted(rng.integers(50, len(data) - 100, 3), reverse=True):
        data = data[:at] + rng.integers(0, 256, int(rng.integers(1, 80)), np.uint8).tobytes() + data[at:]
    wire, calibration = WireInMemory(data + b"DONE"), load_device_calibration("spad_lambda_device.yaml").values
    scale = time_scale("spad_array", calibration, 1e6)
    stream = LspadStream("spad_array", wire, scale, calibration, 0.5, silence_s=5.0, stopped=lambda: False)
    blocks = list(stream.blocks())
    gone = lost(blocks)
    assert wire.sent == ["SB,500"]
    assert [tag for tag in photons(blocks) if tag[0] not in gone] == [
        tag for tag in expected(tags) if tag[0] not in gone
    ]
    assert len(gone) < 20_000
