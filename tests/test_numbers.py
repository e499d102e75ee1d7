"""Numbers are rounded for people by their errors."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acquisition.numbers import duration, pull, with_error, with_unit, words_of


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (59.0312, 0.1234, "59.03 ± 0.12"),
        (59.0312, 0.0996, "59.03 ± 0.10"),
        (59.0312, 0.00999, "59.031 ± 0.010"),
        (59.0312, 9.96, "59 ± 10"),
        (59.0312, 1.0, "59.0 ± 1.0"),
        (1234.0, 99.7, "1230 ± 100"),
        (1234.0, 123.0, "1230 ± 120"),
        (0.73126, 0.0123, "0.731 ± 0.012"),
        (1.7801, 0.0004, "1.78010 ± 0.00040"),
        (-0.004, 0.31, "-0.00 ± 0.31"),
        (59.0312, None, "59.03"),
        (59.0312, 0.0, "59.03"),
        (59.0312, math.nan, "59.03"),
        (0.0, 0.5, "0.00 ± 0.50"),
    ],
)
def test_the_error_has_two_digits_and_the_value_ends_at_the_same_place(value, error, text):
    assert with_error(value, error) == text


@given(
    value=st.floats(-1e6, 1e6, allow_nan=False),
    error=st.floats(1e-6, 1e6, allow_nan=False, exclude_min=True),
)
def test_what_is_shown_agrees_with_the_number_within_a_twentieth_of_its_error(value, error):
    shown, shown_error = (float(part) for part in with_error(value, error).split(" ± "))
    assert abs(shown - value) <= 0.0501 * error
    assert abs(shown_error - error) <= 0.0501 * error


def test_a_pull_is_the_distance_in_errors():
    assert pull(60.0, 0.5, 59.0) == 2.0
    with pytest.raises(ValueError, match="positive"):
        pull(60.0, 0.0, 59.0)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (5.1, "0:06"), (605, "10:05"), (3723, "1:02:03")])
def test_times_are_shown_as_on_a_clock(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("repetition_rate_hz", 1e6, "1 MHz"),
        ("repetition_rate_hz", 31250.0, "31.25 kHz"),
        ("intensity_percent", 20.0, "20 %"),
        ("temperature_c", -70.25, "-70.25 °C"),
        ("power_w", 1.049e-9, "1.049 nW"),
        ("power_w", 0.0, "0 W"),
        ("speed_um_per_s", 500, "500 µm/s"),
        ("period_ps", 1e6, "1 µs"),
        ("alarm", None, "–"),
        ("alarm", "overheated", "overheated"),
        ("moving", False, "no"),
        ("grating", 2, "2"),
    ],
)
def test_a_value_is_shown_with_the_unit_that_its_name_tells(name, value, text):
    assert with_unit(name, value) == text


def test_a_name_is_told_in_words_without_its_unit():
    assert words_of("repetition_rate_hz") == "repetition rate"
    assert words_of("rate_c_per_min") == "rate"
    assert words_of("open") == "open"
