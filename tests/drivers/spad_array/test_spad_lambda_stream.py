"""Streams of the driver over a server that sends bytes that a test has written down."""

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, FaultError, StateError
from drivers.interfaces.photons import Gap, PhotonBlock
from drivers.spad_array.device_calibration import load_device_calibration
from drivers.spad_array.spad_lambda import SpadLambda
from tests.drivers.spad_array.scripted_lspad import REPLIES, ScriptedLspad, driver
from tests.drivers.spad_array.wire_bytes import MASTER, OVERFLOW, SLAVE, WRAP, record, stream_of

PULSES = 500_000
"""Half a second at 1 MHz."""

MARKER_TICKS = 10_000

Tag = tuple[int, int, int, int]


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


@pytest.fixture
def server() -> Iterator[ScriptedLspad]:
    with ScriptedLspad() as scripted:
        yield scripted


@pytest.fixture
def array(server: ScriptedLspad) -> Iterator[SpadLambda]:
    with driver(server) as connected:
        connected.set_bias(True)
        yield connected


def whole(tags: list[Tag], end: int = PULSES) -> bytes:
    return stream_of(tags, end_tick=end, marker_ticks=MARKER_TICKS)


def test_photons_come_by_pulse_position_and_delay(server: ScriptedLspad, array: SpadLambda) -> None:
    tags = some_tags()
    server.stream = [whole(tags), b"DONE"]
    blocks, error = run(array)
    assert error is None
    assert photons(blocks) == expected(tags)
    assert cover(blocks) == (0, PULSES)
    assert gaps(blocks) == []


def test_a_start_is_prepared_by_stop_tdc_check_markers_and_the_laser_rate(
    server: ScriptedLspad, array: SpadLambda
) -> None:
    server.stream = [whole([]), b"DONE"]
    before = len(server.commands)
    run(array)
    sent = [command for command in server.commands[before:] if command != "R"]
    assert sent[:4] == ["STOP", "T,v,1", "N,1", "SB,500"]


@pytest.mark.parametrize("piece", [1, 13])
def test_records_may_be_split_anywhere(server: ScriptedLspad, array: SpadLambda, piece: int) -> None:
    tags = some_tags(200)
    data = whole(tags) + b"DONE"
    server.stream = [data[begin : begin + piece] for begin in range(0, len(data), piece)]
    blocks, error = run(array)
    assert error is None
    assert photons(blocks) == expected(tags)


def test_a_dark_array_covers_the_whole_time(server: ScriptedLspad, array: SpadLambda) -> None:
    server.stream = [stream_of([], end_tick=PULSES), b"DONE"]
    blocks, error = run(array)
    assert error is None
    assert cover(blocks) == (0, PULSES)


def test_done_in_the_middle_of_the_data_is_data(server: ScriptedLspad, array: SpadLambda) -> None:
    server.replies["R"] = REPLIES["R"].replace(b"1000000", b"100000")
    tags: list[Tag] = [(k % 2, 3, 100 * k, 5) for k in range(203)]
    tags += [(SLAVE, ord("D"), 0x4F4E, 0x450102), *[(k % 2, 3, 100 * k, 5) for k in range(204, 500)]]
    data = stream_of(tags, end_tick=50_000, marker_ticks=1000)
    at = data.index(b"DONE") + 4
    pause = threading.Event()
    server.stream = [data[:at], lambda one: pause.wait(0.5) and None, data[at:], b"DONE"]
    blocks, error = run(array)
    assert error is None
    assert photons(blocks) == expected(tags)
    assert cover(blocks) == (0, 50_000)


def test_an_error_text_ends_the_stream_with_that_text(server: ScriptedLspad, array: SpadLambda) -> None:
    tags = some_tags(2000, 300_000)
    server.stream = [whole(tags, 300_000), b"USB bandwidth exceeded ERROR"]
    blocks, error = run(array)
    assert isinstance(error, FaultError)
    assert "USB bandwidth exceeded ERROR" in str(error)
    assert set(photons(blocks)) <= set(expected(tags))
    assert cover(blocks)[1] > 280_000


def test_a_short_error_text_is_seen_too(server: ScriptedLspad, array: SpadLambda) -> None:
    server.stream = [whole(some_tags(100, 100_000), 100_000), b"ERROR"]
    assert isinstance(run(array)[1], FaultError)


def test_silence_is_told_and_what_came_before_stays(server: ScriptedLspad, array: SpadLambda) -> None:
    tags = some_tags(3000, 300_000)
    server.stream = [whole(tags, 300_000)]
    blocks, error = run(array)
    assert isinstance(error, DeviceTimeoutError)
    assert "has sent nothing for 1 s" in str(error)
    first, end = cover(blocks)
    assert first == 0
    assert end > 280_000
    assert photons(blocks) == [tag for tag in expected(tags) if tag[0] < end]


def test_silence_without_laser_pulses_is_told_as_missing_pulses(server: ScriptedLspad, array: SpadLambda) -> None:
    def stop_laser(one: ScriptedLspad) -> None:
        one.replies["R"] = REPLIES["R"].replace(b"1000000", b"0")

    server.stream = [whole(some_tags(3000, 300_000), 300_000), stop_laser]
    _, error = run(array)
    assert isinstance(error, CommunicationError)
    assert "laser pulses are missing" in str(error)


def test_a_chip_that_says_nothing_is_told(server: ScriptedLspad, array: SpadLambda) -> None:
    only_slave = b"".join(record(SLAVE, 5, k % 65536, 0) for k in range(0, 60_000, 100))
    more = threading.Event()
    server.stream = [only_slave, lambda one: more.wait(0.7) and None, record(SLAVE, WRAP, 0, 0) * 2] * 3
    _, error = run(array)
    assert isinstance(error, DeviceTimeoutError)


def test_a_lost_connection_is_told_and_what_came_before_stays(server: ScriptedLspad, array: SpadLambda) -> None:
    tags = some_tags(3000, 300_000)
    server.stream = [whole(tags, 300_000), lambda one: one.hang_up()]
    blocks, error = run(array)
    assert isinstance(error, CommunicationError)
    assert cover(blocks)[1] > 280_000
    assert not array.connected
    array.connect()
    array.set_bias(True)
    server.stream = [whole(tags), b"DONE"]
    assert run(array)[1] is None


def test_too_few_pulses_at_the_end_are_told(server: ScriptedLspad, array: SpadLambda) -> None:
    server.stream = [whole(some_tags(3000, 800_000), 800_000), b"DONE"]
    blocks, error = run(array, 1.0)
    assert isinstance(error, CommunicationError)
    assert "laser pulses are missing: 80" in str(error)
    assert cover(blocks)[1] <= 800_000


def test_an_overflow_is_a_gap_from_the_last_photon_of_its_chip_to_the_next(
    server: ScriptedLspad, array: SpadLambda
) -> None:
    tags: list[Tag] = [(k % 2, 3, 100 * k, 5) for k in range(5000) if not (1001 <= k < 1200 and k % 2 == MASTER)]
    data = whole(tags)
    at = data.index(record(MASTER, 3, 119_900 % 65536 + 200, 5))
    server.stream = [data[:at] + record(MASTER, OVERFLOW, 0, 0) + data[at:], b"DONE"]
    blocks, error = run(array)
    assert error is None
    assert photons(blocks) == expected(tags)
    assert {gap.reason for gap in gaps(blocks)} == {"FIFO of the master chip overflowed"}
    assert lost(blocks) == set(range(99_900, 120_101))
    assert array.readings()["stream_overflows"] == 1


def test_garbage_is_marked_and_the_stream_goes_on(server: ScriptedLspad, array: SpadLambda) -> None:
    tags = some_tags(5000)
    data, rng = whole(tags), np.random.default_rng(2)
    at = 7 * 2500 + 3
    server.stream = [data[:at] + rng.integers(2, 256, 64, np.uint8).tobytes() + data[at:], b"DONE"]
    blocks, error = run(array)
    assert error is None
    there, all_tags = photons(blocks), expected(tags)
    assert set(there) <= set(all_tags)
    assert {tag[0] for tag in set(all_tags) - set(there)} <= lost(blocks)
    assert {gap.reason for gap in gaps(blocks)} == {"bytes in the stream that are no records"}
    assert len(lost(blocks)) < 5000
    assert array.readings()["stream_resyncs"] == 1


def test_a_stream_of_garbage_is_given_up(server: ScriptedLspad, array: SpadLambda) -> None:
    server.stream = [np.random.default_rng(3).integers(0, 256, 400_000, np.uint8).tobytes()]
    _, error = run(array)
    assert isinstance(error, CommunicationError)
    assert "no stream of time tags" in str(error)


def test_a_jump_of_the_masters_clock_is_marked_and_corrected(server: ScriptedLspad, array: SpadLambda) -> None:
    tags: list[Tag] = [(k % 2, 3, 100 * k, 500_000) for k in range(5000)]
    jump_tick, data = 205_000, bytearray(whole(tags))
    epochs = [0, 0]
    for begin in range(0, len(data), 7):
        chip, identity = data[begin], data[begin + 1]
        if identity == WRAP:
            epochs[chip] += 1
            continue
        tick = epochs[chip] * 65536 + int.from_bytes(data[begin + 2 : begin + 4], "big")
        if chip == MASTER and tick > jump_tick:
            fine = int.from_bytes(data[begin + 4 : begin + 7], "big") + 100_000
            data[begin + 4 : begin + 7] = fine.to_bytes(3, "big")
    server.stream = [bytes(data), b"DONE"]
    blocks, error = run(array)
    assert error is None
    assert lost(blocks) == set(range(200_000, 210_001))
    assert {gap.reason for gap in gaps(blocks)} == {"clock of the master chip jumped by 100 ns"}
    marked = lost(blocks)
    outside = [tag for tag in photons(blocks) if tag[0] not in marked]
    assert outside == [tag for tag in expected(tags) if tag[0] not in marked]
    assert array.readings()["stream_chip_jumps"] == 1


def test_without_pulses_time_is_told_by_the_internal_clock(server: ScriptedLspad, array: SpadLambda) -> None:
    server.replies["R"] = REPLIES["R"].replace(b"1000000", b"0")
    tags: list[Tag] = [(SLAVE, 3, 25, 1234), (MASTER, 4, 47, 70_000)]
    server.stream = [stream_of(tags, end_tick=5_000_000, marker_ticks=100_000), b"DONE"]
    assert not array.stream_info().pulsed
    blocks, error = run(array)
    assert error is None
    assert [(pulse, delay_ps) for pulse, _, delay_ps in photons(blocks)] == [(2, 501_234), (4, 770_000)]
    assert cover(blocks) == (0, 500_000)


def test_made_safe_from_another_thread_stops_at_once_and_the_stream_ends(
    server: ScriptedLspad, array: SpadLambda
) -> None:
    safe = threading.Event()
    tags = some_tags(3000, 300_000)
    server.stream = [whole(tags, 300_000), lambda one: safe.wait(10) and None]
    stream = array.photons(60.0)
    next(stream)
    count = len(server.commands)
    thread = threading.Thread(target=array.make_safe)
    thread.start()
    thread.join(10)
    server.wait_for("POW,0", 2)
    safe.set()
    assert list(stream) == []
    assert server.commands[count : count + 2] == ["STOP", "POW,0"]
    with pytest.raises(StateError, match="bias off"):
        next(array.photons(1.0))


def test_a_closed_stream_leaves_the_array_idle_with_its_bias_on(server: ScriptedLspad, array: SpadLambda) -> None:
    server.stream = [whole(some_tags(3000, 300_000), 300_000)]
    stream = array.photons(60.0)
    next(stream)
    count = len(server.commands)
    stream.close()
    assert server.commands[count] == "STOP"
    assert array.settings()["bias"] is True
    server.stream = [whole([]), b"DONE"]
    assert run(array)[1] is None


def test_nothing_is_asked_during_a_stream(server: ScriptedLspad, array: SpadLambda) -> None:
    server.stream = [whole(some_tags(3000, 300_000), 300_000)]
    stream = array.photons(60.0)
    next(stream)
    count = len(server.commands)
    found = array.readings()
    assert found["laser_rate_hz"] == 1e6
    assert found["stream_photons"] == array.readings()["stream_photons"] > 0
    assert array.stream_info().pulsed
    assert len(server.commands) == count
    stream.close()


def test_the_bytes_of_the_wire_are_recorded_on_request(server: ScriptedLspad, tmp_path: Path) -> None:
    data = whole(some_tags(500))
    server.stream = [data, b"DONE"]
    with driver(server, record_wire=str(tmp_path / "wire")) as array:
        array.set_bias(True)
        assert run(array)[1] is None
        (path,) = (tmp_path / "wire").iterdir()
        assert path.read_bytes() == data + b"DONE"
        assert array.readings()["wire_recording_failed"] is False


def test_a_folder_that_cannot_be_written_refuses_the_start(server: ScriptedLspad, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="ascii")
    with driver(server, record_wire=str(tmp_path / "file")) as array:
        array.set_bias(True)
        with pytest.raises(StateError, match="record_wire"):
            next(array.photons(1.0))
