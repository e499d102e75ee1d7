"""Streams of the driver over a server that sends bytes that a test has written down."""

import threading
from pathlib import Path

import pytest

from drivers.interfaces.errors import FaultError, RangeError, StateError
from drivers.spad_array.spad_lambda import SpadLambda
from tests.drivers.spad_array.scripted_lspad import REPLIES, ScriptedLspad, driver
from tests.drivers.spad_array.streams import PULSES, Tag, cover, expected, gaps, photons, run, some_tags, whole
from tests.drivers.spad_array.wire_bytes import MASTER, SLAVE, stream_of


def test_photons_come_by_pulse_position_and_delay(server: ScriptedLspad, array: SpadLambda) -> None:
    tags = some_tags()
    server.stream = [whole(tags), b"DONE"]
    blocks, error = run(array)
    assert error is None
    assert photons(blocks) == expected(tags)
    assert cover(blocks) == (0, PULSES)
    assert gaps(blocks) == []


def test_a_start_is_prepared_by_stop_tdc_check_markers_the_bias_anew_and_the_laser_rate(
    server: ScriptedLspad, array: SpadLambda
) -> None:
    server.stream = [whole([]), b"DONE"]
    before = len(server.commands)
    run(array)
    sent = [command for command in server.commands[before:] if command != "R"]
    assert sent[:7] == ["STOP", "T,v,1", "N,1", "V,6", "V", "POW,1", "SB,500"]


def test_a_bias_that_is_refused_before_a_stream_is_off_and_told(server: ScriptedLspad, array: SpadLambda) -> None:
    server.replies["V"] = b"4.2\n"
    with pytest.raises(FaultError, match=r"4\.2 V is read back; the bias is off"):
        next(array.photons(0.5))
    assert array.settings()["bias"] is False
    assert server.commands[-3:-1] == ["STOP", "POW,0"]
    assert not any(command.startswith("SB,") for command in server.commands)


def test_a_bias_that_is_made_safe_while_a_stream_is_prepared_stays_off(
    server: ScriptedLspad, array: SpadLambda
) -> None:
    server.held, count = "N,1", server.commands.count("POW,1")

    def make_safe() -> None:
        server.wait_for("N,1")
        array.make_safe()
        server.release.set()

    thread = threading.Thread(target=make_safe)
    thread.start()
    with pytest.raises(StateError):
        next(array.photons(0.5))
    thread.join(10)
    assert array.settings()["bias"] is False
    assert server.commands.count("POW,1") == count


def test_streams_are_bounded_because_lspad_would_go_on_alone(server: ScriptedLspad, array: SpadLambda) -> None:
    with pytest.raises(RangeError, match="above 0 and at most 3600"):
        next(array.photons(3601.0))
    assert not any(command.startswith("SB,") for command in server.commands)


def test_a_second_without_photons_ends_the_stream(server: ScriptedLspad, array: SpadLambda) -> None:
    tags = some_tags(3000, 500_000)
    server.stream = [stream_of(tags, end_tick=2_500_000, marker_ticks=10_000)]
    blocks, error = run(array, 60.0)
    assert isinstance(error, FaultError)
    assert "the bias may be off" in str(error)
    assert photons(blocks) == expected(tags)
    assert {gap.reason for gap in gaps(blocks)} == {"no photons, not even dark counts: was the bias off?"}


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
