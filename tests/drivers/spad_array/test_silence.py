"""A stream over a wire in memory in which something does not come: pulses or records at the end, or photons."""

from collections.abc import Callable

import pytest

from drivers.interfaces.errors import CommunicationError, DeviceError, FaultError
from drivers.interfaces.photons import PhotonBlock
from drivers.spad_array import lspad_stream
from drivers.spad_array.device_calibration import load_device_calibration
from drivers.spad_array.lspad_stream import LspadStream
from drivers.spad_array.silence import NO_PHOTONS, NO_RECORDS, ChipsTogether, longest_chance_s
from drivers.spad_array.time_scale import time_scale
from tests.drivers.spad_array.streams import Tag, cover, gaps, lost, photons
from tests.drivers.spad_array.wire_bytes import MASTER, SLAVE, stream_of

STEP = 1000
PIECE = 7 * 50


class WireInMemory:
    """Gives out some bytes, then is silent."""

    def __init__(self, data: bytes) -> None:
        self._pieces = [data[begin : begin + PIECE] for begin in range(0, len(data), PIECE)]

    def send(self, *commands: str) -> None:
        """Take commands."""

    def receive(self, timeout_s: float) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


Streamed = Callable[..., tuple[list[PhotonBlock], DeviceError | None]]


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> Streamed:
    """What becomes of bytes; the silence in memory after them is at once."""
    monkeypatch.setattr(lspad_stream, "QUIET_S", -1.0)
    calibration = load_device_calibration("spad_lambda_device.yaml").values
    scale = time_scale("spad_array", calibration, 1e6)

    def run(data: bytes, duration_s: float, **options: bool) -> tuple[list[PhotonBlock], DeviceError | None]:
        wire = WireInMemory(data + b"DONE")
        stream = LspadStream(
            "spad_array", wire, scale, calibration, duration_s, silence_s=5.0, stopped=lambda: False, **options
        )
        blocks: list[PhotonBlock] = []
        try:
            for block in stream.blocks():
                blocks.append(block)
        except DeviceError as error:
            return blocks, error
        return blocks, None

    return run


def tags_until(end: int, begin: int = 0) -> list[Tag]:
    return [(chip, 3, tick, 5) for tick in range(begin, end, STEP) for chip in (SLAVE, MASTER)]


def reasons(blocks: list[PhotonBlock]) -> set[str]:
    return {gap.reason for gap in gaps(blocks)}


def test_a_stream_that_ends_when_it_should_has_no_gap(streamed: Streamed) -> None:
    blocks, error = streamed(stream_of(tags_until(2_000_000), end_tick=2_000_000), 2.0)
    assert error is None
    assert gaps(blocks) == []


def test_pulses_that_are_missing_at_the_end_are_a_gap_from_the_last_record_on(streamed: Streamed) -> None:
    blocks, error = streamed(stream_of(tags_until(1_950_000), end_tick=1_950_000), 2.0)
    assert error is None
    assert cover(blocks) == (0, 2_000_000)
    assert NO_RECORDS in reasons(blocks)
    assert lost(blocks) == set(range(1_949_000, 2_000_000))


def test_a_chip_that_ends_before_the_other_leaves_a_gap(streamed: Streamed) -> None:
    tags = [tag for tag in tags_until(2_000_000) if tag[0] == MASTER or tag[2] < 1_970_000]
    blocks, error = streamed(stream_of(tags, end_tick=2_000_000), 2.0)
    assert error is None
    assert reasons(blocks) == {NO_RECORDS}
    assert lost(blocks) == set(range(1_969_000, 2_000_000))


@pytest.mark.parametrize("end", [1_850_000, 1_900_000, 1_930_000])
def test_more_than_a_wrap_and_what_clocks_differ_by_is_missing_pulses(streamed: Streamed, end: int) -> None:
    blocks, error = streamed(stream_of(tags_until(end), end_tick=end), 2.0)
    assert isinstance(error, CommunicationError)
    assert "laser pulses are missing: 9" in str(error)
    assert cover(blocks)[1] <= end


def test_no_photons_for_a_second_mean_that_the_bias_is_off_and_all_since_the_last_one_is_marked(
    streamed: Streamed,
) -> None:
    tags = tags_until(1_500_000)
    blocks, error = streamed(stream_of(tags, end_tick=4_000_000, marker_ticks=10_000), 4.0)
    assert isinstance(error, FaultError)
    assert str(error).startswith("spad_array")
    assert "the bias may be off (switched off by another program" in str(error)
    assert "from 1.499 s" in str(error)
    assert len(photons(blocks)) == len(tags)
    assert reasons(blocks) == {NO_PHOTONS}
    first, end = min(lost(blocks)), max(lost(blocks)) + 1
    assert first == 1_499_000
    assert cover(blocks) == (0, end)
    assert end > 2_499_000


def test_an_array_without_a_single_photon_from_the_start_is_told_too(streamed: Streamed) -> None:
    blocks, error = streamed(stream_of([], end_tick=3_000_000, marker_ticks=10_000), 3.0)
    assert isinstance(error, FaultError)
    assert lost(blocks) == set(range(cover(blocks)[1]))


def test_no_photons_shortly_before_the_end_are_a_gap(streamed: Streamed) -> None:
    blocks, error = streamed(stream_of(tags_until(1_500_000), end_tick=2_000_000, marker_ticks=10_000), 2.0)
    assert error is None
    assert reasons(blocks) == {NO_PHOTONS}
    assert lost(blocks) == set(range(1_499_000, 2_000_000))


def test_nothing_is_given_out_before_a_photon_has_shown_that_the_bias_was_on(streamed: Streamed) -> None:
    tags = tags_until(500_000) + tags_until(3_000_000, begin=1_300_000)
    blocks, error = streamed(stream_of(tags, end_tick=3_000_000, marker_ticks=10_000), 3.0)
    assert error is None
    assert gaps(blocks) == []
    assert len(photons(blocks)) == len(tags)


def test_an_array_of_which_no_dark_counts_are_expected_may_be_dark(streamed: Streamed) -> None:
    data = stream_of(tags_until(500_000), end_tick=3_000_000, marker_ticks=10_000)
    blocks, error = streamed(data, 3.0, expects_dark_counts=False)
    assert error is None
    assert gaps(blocks) == []
    assert cover(blocks) == (0, 3_000_000)


def test_a_chip_that_has_missed_a_wrap_unnoticed_ends_the_stream(streamed: Streamed) -> None:
    pieces = stream_of(tags_until(3_000_000), end_tick=3_000_000)
    wrap = bytes([MASTER, 234, 0, 0, 0, 0, 0])
    at = pieces.index(wrap)
    _, error = streamed(pieces[:at] + pieces[at + 7 :], 3.0)
    assert isinstance(error, CommunicationError)
    assert "counters of the two chips differ" in str(error)


def test_silence_by_chance_is_shorter_where_there_are_many_photons() -> None:
    assert longest_chance_s(0, 10.0, 1.0) == 1.0
    assert longest_chance_s(10_000, 10.0, 1.0) == pytest.approx(0.02)
    assert longest_chance_s(10**8, 10.0, 1.0) == 1e-3


def test_chips_may_be_apart_for_a_while_but_not_for_good() -> None:
    together = ChipsTogether(most_ps=100, patience_ps=1000)
    for at_ps in range(0, 3000, 10):
        together.see(at_ps, at_ps + (150 if at_ps % 900 else 0), None)
    assert together.agree
    for at_ps in range(3000, 4500, 10):
        together.see(at_ps, at_ps + 150, None)
    assert not together.agree


def test_chips_whose_markers_are_the_same_agree_however_far_apart_they_are_sent() -> None:
    together = ChipsTogether(most_ps=100, patience_ps=1000)
    for at_ps in range(0, 5000, 10):
        together.see(at_ps + 150, at_ps, at_ps - 5)
    assert together.agree


def test_a_chip_that_sends_nothing_is_not_taken_for_one_that_has_lost_wraps() -> None:
    together = ChipsTogether(most_ps=100, patience_ps=1000)
    for at_ps in range(0, 9000, 10):
        together.see(at_ps, 0, None)
    assert together.agree
