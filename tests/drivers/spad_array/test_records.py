import itertools
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.spad_array.record_kinds import Event, Loss
from drivers.spad_array.records import Decoded, Happening, RecordDecoder
from tests.drivers.spad_array.wire_bytes import (
    DWELL,
    MASTER,
    OVERFLOW,
    SLAVE,
    START,
    WRAP,
    Reference,
    record,
    stream_of,
)

TICK_PS = 1_000_000
IDENTITIES = np.tile(np.arange(256, dtype=np.uint16), (2, 1))
"""A pixel map that leaves ids as they are."""


def decoder() -> RecordDecoder:
    return RecordDecoder(IDENTITIES, TICK_PS)


def photons_of(decoded: list[Decoded], chip: int) -> list[tuple[int, int]]:
    return [
        (int(time_ps), int(pixel))
        for piece in decoded
        for time_ps, pixel in zip(piece.photons[chip].time_ps, piece.photons[chip].pixel, strict=True)
    ]


def events_of(decoded: list[Decoded]) -> list[tuple[str, int, int, int]]:
    """As the reference writes them; photons before a set-back are counted over all pieces."""
    found, before = [], [0, 0]
    for piece in decoded:
        for happening in piece.happenings:
            found.append(_plain(happening, before))
        for chip in (SLAVE, MASTER):
            before[chip] += len(piece.photons[chip])
    return found


def _plain(happening: Happening, before: list[int]) -> tuple[str, int, int, int]:
    chip, first, second = happening.chip, happening.first, happening.second
    if happening.kind is Event.LOSS:
        return ("overflow" if happening.reason is Loss.OVERFLOW else "garbage"), chip, first, second
    if happening.kind is Event.SET_BACK:
        return "set back", chip, first, second + before[chip]
    return ("late" if happening.kind is Event.LATE else "dwell"), chip, first, second


def decode_in_pieces(data: bytes, cuts: list[int]) -> tuple[list[Decoded], RecordDecoder]:
    one = decoder()
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    pieces = [one.feed(data[begin:end]) for begin, end in itertools.pairwise(edges)]
    return [*pieces, one.feed(b"", at_end=True)], one


def decode(data: bytes) -> tuple[list[Decoded], RecordDecoder]:
    return decode_in_pieces(data, [])


def messy_stream(rng: np.random.Generator, *, breaks: int) -> bytes:
    """A stream with everything that goes wrong: disorder, wraps on the wrong side, overflows, lost bytes."""
    count, end_tick = 600, 4 * 65536
    ticks = np.sort(rng.integers(0, end_tick, count))
    ticks[::7] = np.clip(ticks[::7] + rng.integers(-2, 3, len(ticks[::7])), 0, end_tick - 1)
    near_wraps = rng.integers(1, 4, 30) * 65536 + rng.integers(-3, 3, 30)
    everything = np.sort(np.concatenate([ticks, near_wraps]))
    tags = [
        (int(rng.integers(2)), int(rng.integers(150)), int(tick), int(rng.integers(TICK_PS))) for tick in everything
    ]
    pieces = _records(stream_of(tags, end_tick=end_tick, marker_ticks=10_000))
    for number in rng.integers(1, len(pieces) - 1, 40):  # neighbours change places, also across wraps
        pieces[number - 1], pieces[number] = pieces[number], pieces[number - 1]
    for number in rng.integers(1, len(pieces) - 1, 3):
        pieces[number] = record(int(rng.integers(2)), OVERFLOW, 0, 0)
    if rng.random() < 0.5:  # a loss that swallows up to two wraps
        begin = int(rng.integers(0, 2 * 65536))
        pieces = _records(_with_overflow(pieces, int(rng.integers(2)), begin, begin + int(rng.integers(1000, 150_000))))
    data = bytearray(b"".join(pieces))
    for _ in range(breaks):
        at = int(rng.integers(0, len(data)))
        data[at : at + int(rng.integers(0, 20))] = rng.integers(0, 256, int(rng.integers(0, 70)), np.uint8).tobytes()
    return bytes(data)


def _records(data: bytes) -> list[bytes]:
    return [data[begin : begin + 7] for begin in range(0, len(data), 7)]


@pytest.mark.parametrize("seed", range(12))
def test_the_compiled_pass_does_what_the_slow_reference_does(seed: int) -> None:
    data = messy_stream(np.random.default_rng(seed), breaks=seed % 4) + b"DONE"
    expected = Reference(TICK_PS).decode(data)
    decoded, one = decode(data)
    for chip in (SLAVE, MASTER):
        assert photons_of(decoded, chip) == expected.photons[chip]
    assert events_of(decoded) == expected.events
    assert asdict(one.counters) == expected.counts


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), cuts=st.lists(st.integers(0, 6000), max_size=12))
def test_any_cut_of_the_bytes_gives_the_same(seed: int, cuts: list[int]) -> None:
    data = messy_stream(np.random.default_rng(seed), breaks=2)
    whole, one = decode(data)
    pieces, other = decode_in_pieces(data, cuts)
    for chip in (SLAVE, MASTER):
        assert photons_of(pieces, chip) == photons_of(whole, chip)
    assert events_of(pieces) == events_of(whole)
    assert other.counters == one.counters


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_decoded_as_the_reference_does(data: bytes) -> None:
    decoded, one = decode(data)
    expected = Reference(TICK_PS).decode(data)
    assert photons_of(decoded, SLAVE) == expected.photons[SLAVE]
    assert photons_of(decoded, MASTER) == expected.photons[MASTER]
    assert asdict(one.counters) == expected.counts


def test_a_photon_is_chip_id_coarse_and_fine_time_in_picoseconds() -> None:
    decoded, _ = decode(bytes([1, 149, 0x12, 0x34, 0x00, 0xDB, 0x24]))
    assert photons_of(decoded, MASTER) == [(0x1234 * TICK_PS + 56_100, 149)]


def test_time_goes_on_over_the_wraps_of_each_chip() -> None:
    data = record(SLAVE, WRAP, 0, 0) * 2 + record(SLAVE, 5, 7, 3) + record(MASTER, WRAP, 0, 0) + record(MASTER, 6, 8, 4)
    decoded, _ = decode(data)
    assert photons_of(decoded, SLAVE) == [((2 * 65536 + 7) * TICK_PS + 3, 5)]
    assert photons_of(decoded, MASTER) == [((65536 + 8) * TICK_PS + 4, 6)]


def test_time_counts_from_the_start_marker() -> None:
    data = record(MASTER, START, 1000, 0) + record(SLAVE, START, 1000, 0) + record(SLAVE, 5, 1007, 3)
    assert photons_of(decode(data)[0], SLAVE) == [(7 * TICK_PS + 3, 5)]


@pytest.mark.parametrize("photons", [1, 2, 3])
def test_records_of_the_last_tick_after_the_wrap_belong_to_the_epoch_before(photons: int) -> None:
    data = record(SLAVE, 5, 60_000, 0) + record(SLAVE, WRAP, 0, 0) + photons * record(SLAVE, 5, 0xFFFF, 9)
    decoded, one = decode(data + record(SLAVE, 5, 3, 0))
    assert [time_ps // TICK_PS for time_ps, _ in photons_of(decoded, SLAVE)[1:-1]] == photons * [65_535]
    assert one.counters.epoch_repairs == photons


def test_records_of_the_last_tick_before_the_wrap_stay_where_they_are() -> None:
    data = 2 * record(SLAVE, 5, 0xFFFF, 9) + record(SLAVE, WRAP, 0, 0) + record(SLAVE, 5, 0, 0)
    decoded, one = decode(data)
    assert [time_ps // TICK_PS for time_ps, _ in photons_of(decoded, SLAVE)] == [65_535, 65_535, 65_536]
    assert one.counters.epoch_repairs == 0


def test_the_only_record_of_an_epoch_in_its_last_tick_is_left_alone_if_the_other_chip_is_there_too() -> None:
    data = record(SLAVE, WRAP, 0, 0) + record(MASTER, WRAP, 0, 0) + record(MASTER, 5, 65_000, 0)
    decoded, _ = decode(data + record(SLAVE, 5, 0xFFFF, 0))
    assert photons_of(decoded, SLAVE) == [((65_536 + 65_535) * TICK_PS, 5)]


def test_a_record_of_the_next_epoch_may_come_before_the_wrap() -> None:
    data = (
        record(SLAVE, 5, 0xFFFE, 0) + record(SLAVE, 5, 0, 1) + record(SLAVE, 5, 0xFFFF, 2) + record(SLAVE, WRAP, 0, 0)
    )
    decoded, _ = decode(data + record(SLAVE, 5, 1, 3))
    assert [time_ps // TICK_PS for time_ps, _ in photons_of(decoded, SLAVE)] == [65_534, 65_536, 65_535, 65_537]


def test_an_overflow_is_a_loss_of_its_chip_from_the_photon_before_to_the_photon_after() -> None:
    data = record(SLAVE, 5, 10, 0) + record(MASTER, 5, 12, 0) + record(SLAVE, OVERFLOW, 0, 0) + record(MASTER, 5, 13, 0)
    decoded, one = decode(data + record(SLAVE, DWELL, 20, 0) + record(SLAVE, 5, 500, 4))
    losses = [event for event in events_of(decoded) if event[0] == "overflow"]
    assert losses == [("overflow", SLAVE, 10 * TICK_PS, 500 * TICK_PS + 4)]
    assert one.counters.overflows == 1


def test_a_loss_without_a_photon_after_it_stays_open() -> None:
    one = decoder()
    one.feed(record(MASTER, 5, 10, 0) + record(MASTER, OVERFLOW, 0, 0), at_end=True)
    assert list(one.losses()) == [(MASTER, Loss.OVERFLOW, 10 * TICK_PS)]


def test_a_wrap_that_was_lost_in_an_overflow_is_found_missing() -> None:
    data = record(SLAVE, 5, 60_000, 0) + record(SLAVE, OVERFLOW, 0, 0) + record(SLAVE, 5, 100, 0)
    assert photons_of(decode(data)[0], SLAVE)[1] == ((65_536 + 100) * TICK_PS, 5)


@pytest.mark.parametrize("chip", [SLAVE, MASTER])
@pytest.mark.parametrize("lost_ticks", [30_000, 70_000, 150_000, 300_000, 1_000_000])
def test_all_wraps_that_were_lost_in_an_overflow_are_found_missing(chip: int, lost_ticks: int) -> None:
    begin, end = 100_000, 2_000_000
    tags = [(one, 5, tick, 0) for tick in range(0, end, 1000) for one in (SLAVE, MASTER)]
    data = _with_overflow(_records(stream_of(tags, end_tick=end)), chip, begin, begin + lost_ticks)
    decoded, _ = decode(data)
    ticks = [time_ps // TICK_PS for time_ps, _ in photons_of(decoded, chip)]
    assert ticks == [tick for tick in range(0, end, 1000) if not begin <= tick < begin + lost_ticks]
    (loss,) = (event for event in events_of(decoded) if event[0] == "overflow")
    assert loss == ("overflow", chip, (begin - 1000) * TICK_PS, (begin + lost_ticks) * TICK_PS)


def _with_overflow(pieces: list[bytes], chip: int, begin: int, end: int) -> bytes:
    """Leave out what a chip sent between two ticks, wraps too; it says so at the beginning."""
    kept, epochs, said = [], [0, 0], False
    for piece in pieces:
        epochs[piece[0]] += piece[1] == WRAP
        tick = epochs[piece[0]] * 65536 + (0 if piece[1] == WRAP else int.from_bytes(piece[2:4], "big"))
        if piece[0] != chip or piece[1] == START or not begin <= tick < end:
            kept.append(piece)
        elif not said:
            kept.append(record(chip, OVERFLOW, tick % 65536, 0))
            said = True
    return b"".join(kept)


def test_who_has_lost_records_too_does_not_tell_how_many_wraps_are_missing() -> None:
    both = record(SLAVE, OVERFLOW, 0, 0) + record(MASTER, OVERFLOW, 0, 0)
    data = record(SLAVE, 5, 10, 0) + record(MASTER, WRAP, 0, 0) * 3 + record(MASTER, 5, 10, 0) + both
    decoded, _ = decode(data + record(SLAVE, 5, 20, 0))
    assert photons_of(decoded, SLAVE)[1] == (20 * TICK_PS, 5)


@pytest.mark.parametrize("into_record", range(7))
def test_garbage_costs_no_more_than_the_record_that_it_falls_into(into_record: int) -> None:
    rng = np.random.default_rng(into_record)
    tags = [(k % 2, k % 150, 100 * k, int(rng.integers(TICK_PS))) for k in range(200)]
    data = stream_of(tags, end_tick=20_000)
    at = 7 * 100 + into_record
    decoded, one = decode(data[:at] + rng.integers(2, 256, 64, np.uint8).tobytes() + data[at:])
    expected = decode(data)[0]
    for chip in (SLAVE, MASTER):
        there = photons_of(decoded, chip)
        assert set(there) <= set(photons_of(expected, chip))
        assert len(there) >= len(photons_of(expected, chip)) - 2
    assert one.counters.resyncs == 1
    assert {event[0] for event in events_of(decoded)} == {"garbage"}


def test_lost_bytes_are_noticed() -> None:
    data = stream_of([(k % 2, 20 + k % 100, 1000 * k, 123_456) for k in range(60)], end_tick=60_000)
    _, one = decode(data[:203] + data[206:])
    assert one.counters.resyncs == 1


def test_a_photon_that_comes_much_too_late_is_counted_and_reported() -> None:
    data = b"".join(record(SLAVE, 5, coarse, 0) for coarse in (1000, 2000, 1500, 2001))
    decoded, one = decode(data)
    assert [time_ps // TICK_PS for time_ps, _ in photons_of(decoded, SLAVE)] == [1000, 2000, 2001]
    assert events_of(decoded) == [("late", SLAVE, 1500 * TICK_PS, 0)]
    assert one.counters.late_records == 1


def test_time_goes_back_when_one_record_was_far_ahead_of_all_others() -> None:
    data = b"".join(record(SLAVE, 5, coarse, 0) for coarse in (1000, 40_000, *range(1001, 1020)))
    decoded, _ = decode(data)
    assert ("set back", SLAVE, 1008 * TICK_PS, 2) in events_of(decoded)
    assert photons_of(decoded, SLAVE)[-1] == (1019 * TICK_PS, 5)


def test_a_fine_time_beyond_two_ticks_is_no_record() -> None:
    assert decode(record(SLAVE, 5, 10, 2 * TICK_PS))[1].counters.photons == 0


def test_done_waits_at_the_end_of_the_records() -> None:
    one = decoder()
    one.feed(record(SLAVE, 5, 10, 0) + b"DONE")
    assert one.in_step
    assert one.rest == record(SLAVE, 5, 10, 0) + b"DONE"
    assert len(one.feed(b"", at_end=True).photons[SLAVE]) == 1
    assert one.counters.garbage_bytes == 0
