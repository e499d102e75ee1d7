import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.interfaces.errors import CommunicationError, DeviceError, FaultError, StateError
from drivers.spad_array.lspad_replies import (
    Answer,
    check_success,
    check_tdc,
    find_answer,
    find_serial,
    leading_text,
    parse_status,
    parse_voltage,
    trailing_text,
)

EIGHT = "41.2,40.6,35.8,31.4,1000000,0,0,100"
TEN = "41.2,40.6,35.8,35.1,31.4,22.5,1000000,0,0,100"


def test_r_tells_temperatures_and_clock_rates() -> None:
    status = parse_status("spad_array", EIGHT)
    assert (status.fpga_master_c, status.chip_board_c, status.laser_hz, status.dwell_hz) == (41.2, 31.4, 1e6, 100)
    assert status.humidity_percent is None


def test_r_of_a_unit_with_a_humidity_sensor_has_ten_numbers() -> None:
    status = parse_status("spad_array", TEN)
    assert (status.chip_board_c, status.humidity_percent, status.laser_hz) == (31.4, 22.5, 1e6)


def test_a_reply_to_r_that_was_cut_off_is_not_taken_for_one_without_humidity() -> None:
    cut = ",".join(TEN.split(",")[:8])
    with pytest.raises(CommunicationError, match=r"spad_array.*10 numbers were expected"):
        parse_status("spad_array", cut, field_count=10)


@pytest.mark.parametrize(
    "reply",
    ["", "R", "41.2,40.6", EIGHT + ",1", f"{EIGHT}\n{EIGHT}", EIGHT.replace("41.2", "412"), EIGHT.replace("100", "-1")],
)
def test_other_replies_to_r_are_errors_with_the_reply(reply: str) -> None:
    with pytest.raises(CommunicationError, match=r"spad_array.* to R"):
        parse_status("spad_array", reply)


@given(st.text(max_size=60))
def test_no_reply_to_r_makes_another_error(reply: str) -> None:
    laser_hz, told = 0.0, "spad_array"
    try:
        laser_hz = parse_status("spad_array", reply).laser_hz
    except DeviceError as error:
        told = error.device
    assert 0 <= laser_hz <= 1e9
    assert told == "spad_array"


def test_the_status_ends_the_replies_to_what_was_sent_before_it() -> None:
    assert find_answer(f"TDC calibration\nis valid\n{EIGHT}\n", 1) == Answer("TDC calibration\nis valid", EIGHT)
    assert find_answer("TDC calibration is valid\n", 1) is None


def test_what_stands_before_an_older_status_is_not_the_reply() -> None:
    text = f"stopped\n{EIGHT}\n6.0\n{EIGHT}\nVDD off\n"
    assert find_answer(text, 2) == Answer("6.0", EIGHT)
    assert find_answer(text, 3) is None


@pytest.mark.parametrize("reply", ["TDC calibration is valid", "calibration: valid", "TDC calibrated"])
def test_a_calibrated_tdc_is_all_right(reply: str) -> None:
    check_tdc("spad_array", reply)


@pytest.mark.parametrize("reply", ["TDC calibration is invalid", "TDC is not calibrated"])
def test_a_tdc_that_is_not_calibrated_is_told_with_what_to_do(reply: str) -> None:
    with pytest.raises(StateError, match="calibrate the TDC"):
        check_tdc("spad_array", reply)


def test_a_reply_that_says_nothing_about_the_tdc_is_an_error() -> None:
    with pytest.raises(CommunicationError, match="says nothing about the TDC"):
        check_tdc("spad_array", "ok")


def test_text_that_ends_with_error_is_a_failure() -> None:
    assert check_success("spad_array", "M", "mask successful") == "mask successful"
    with pytest.raises(FaultError, match="USB bandwidth exceeded"):
        check_success("spad_array", "SB", "USB bandwidth exceeded ERROR\n")


@pytest.mark.parametrize(
    ("reply", "voltage_v"),
    [("6", 6.0), ("Vex = 6.5 V", 6.5), ("6.5", 6.5), ("", None), ("ok", None), ("6 of 9", None), ("6.5.4", None)],
)
def test_the_voltage_is_read_only_where_it_is_the_only_number(reply: str, voltage_v: float | None) -> None:
    assert parse_voltage(reply) == voltage_v


@pytest.mark.parametrize(
    ("reply", "serial"), [("SPAD Lambda serial 42, fw 1", "42"), ("Serial number: L-7", "L-7"), ("firmware 1.0", None)]
)
def test_the_serial_number_is_found_where_it_is_told(reply: str, serial: str | None) -> None:
    assert find_serial(reply) == serial


def test_text_around_bytes_is_found() -> None:
    assert leading_text(b"lSPAD command server\n\x00\x01") == "lSPAD command server"
    assert trailing_text(b"\x00\x05USB bandwidth exceeded ERROR\r\n") == "USB bandwidth exceeded ERROR"
