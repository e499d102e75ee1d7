"""What breaks a stream or takes photons from it: what is said, what data remain, and how a loss is marked."""

import threading

import numpy as np

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, FaultError
from drivers.spad_array.spad_lambda import SpadLambda
from tests.drivers.spad_array.scripted_lspad import REPLIES, ScriptedLspad
from tests.drivers.spad_array.streams import Tag, cover, expected, gaps, lost, photons, run, some_tags, whole
from tests.drivers.spad_array.wire_bytes import MASTER, OVERFLOW, SLAVE, WRAP, record


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
