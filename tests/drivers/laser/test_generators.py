"""What is said to each class of pymeasure, byte for byte."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pymeasure.test import expected_protocol

from drivers.laser.generator import Generator, generator_of, instrument_class
from drivers.laser.generator_settings import MODELS

Pairs = list[tuple[str | None, str | None]]


@contextmanager
def said(model: str, pairs: Pairs, channel: int = 1) -> Iterator[Generator]:
    with expected_protocol(instrument_class(model), pairs) as instrument:
        yield generator_of(model, instrument, channel)


OUTPUTS: dict[str, tuple[int, Pairs]] = {
    "Agilent33500": (2, [("OUTP2 1", None), ("OUTP2?", "1"), ("OUTP2 0", None), ("OUTP2?", "0")]),
    "Agilent33521A": (1, [("OUTP 1", None), ("OUTP?", "1"), ("OUTP 0", None), ("OUTP?", "0")]),
    "Keysight33250A": (1, [("OUTP 1", None), ("OUTP?", "1"), ("OUTP 0", None), ("OUTP?", "0")]),
    "Keysight81160A": (2, [("OUTP2 1", None), ("OUTP2?", "1"), ("OUTP2 0", None), ("OUTP2?", "0")]),
    "Agilent33220A": (1, [("OUTP 1", None), ("OUTP?", "1"), ("OUTP 0", None), ("OUTP?", "0")]),
    "DG800": (2, [(":OUTP2 ON", None), (":OUTP2?", "ON"), (":OUTP2 OFF", None), (":OUTP2?", "OFF")]),
    "AFG3152C": (
        2,
        [("output2:state on", None), ("output2:state?", "1"), ("output2:state off", None), ("output2:state?", "0")],
    ),
}


def test_the_table_has_a_test_for_each_model() -> None:
    assert OUTPUTS.keys() == MODELS.keys()


@pytest.mark.parametrize("model", OUTPUTS)
def test_the_output_is_switched_and_read_back(model: str) -> None:
    channel, pairs = OUTPUTS[model]
    with said(model, pairs, channel) as generator:
        generator.set_output(on=True)
        assert generator.output() is True
        generator.set_output(on=False)
        assert generator.output() is False


@pytest.mark.parametrize("model", OUTPUTS)
def test_a_rescue_says_the_same_words_as_the_driver(model: str) -> None:
    channel, pairs = OUTPUTS[model]
    on, off, question = pairs[0][0], pairs[2][0], pairs[3][0]
    assert MODELS[model].on.format(ch=channel) == on
    assert MODELS[model].off.format(ch=channel) == off
    assert MODELS[model].output.format(ch=channel) == question


@pytest.mark.parametrize(
    ("model", "low", "high"),
    [
        ("Agilent33500", "SOUR1:VOLT:LOW", "SOUR1:VOLT:HIGH"),
        ("Agilent33521A", "VOLT:LOW", "VOLT:HIGH"),
        ("Keysight33250A", "VOLT:LOW", "VOLT:HIGH"),
        ("Keysight81160A", ":VOLT1:LOW", ":VOLT1:HIGH"),
        ("Agilent33220A", "VOLT:LOW", "VOLT:HIGH"),
        ("DG800", ":SOUR1:VOLT:LOW", ":SOUR1:VOLT:HIGH"),
    ],
)
def test_levels_are_set_so_that_low_stays_below_high(model: str, low: str, high: str) -> None:
    upwards: Pairs = [
        (f"{low}?", "-2.000E+00"),
        (f"{high}?", "-1.000E+00"),
        (f"{high} 2.500000", None),
        (f"{low} 0.000000", None),
    ]
    downwards: Pairs = [
        (f"{low}?", "+3.000E+00"),
        (f"{high}?", "+4.000E+00"),
        (f"{low} 0.000000", None),
        (f"{high} 2.500000", None),
    ]
    with said(model, upwards) as generator:
        generator.set_levels_v(0.0, 2.5)
    with said(model, downwards) as generator:
        generator.set_levels_v(0.0, 2.5)


def test_levels_of_a_tektronix_are_amplitude_and_offset() -> None:
    pairs: Pairs = [
        ("source2:voltage:unit VPP", None),
        ("source2:voltage:amplitude 2.500000e+00VPP", None),
        ("source2:voltage:offset 1.250000e+00", None),
        ("source2:voltage:amplitude?", "2.5000E+00"),
        ("source2:voltage:offset?", "1.2500E+00"),
    ]
    with said("AFG3152C", pairs, channel=2) as generator:
        generator.set_levels_v(0.0, 2.5)
        assert generator.levels_v() == pytest.approx((0.0, 2.5))


@pytest.mark.parametrize(
    ("model", "pairs"),
    [
        ("Agilent33500", [("OUTP1:LOAD 50", None), ("OUTP1:LOAD?", "+5.000000000000000E+01")]),
        ("Agilent33521A", [("OUTP:LOAD 50", None), ("OUTP:LOAD?", "+5.0E+01")]),
        ("Keysight33250A", [("OUTP:LOAD 50", None), ("OUTP:LOAD?", "+5.00000E+01")]),
        ("Keysight81160A", [(":OUTP1:LOAD 5.000000e+01", None), (":OUTP1:LOAD?", "5.0E+01")]),
        ("DG800", [(":OUTP1:LOAD 50.000000", None), (":OUTP1:LOAD?", "5.000000E+01")]),
    ],
)
def test_the_load_is_set_to_50_ohm_and_read_back(model: str, pairs: Pairs) -> None:
    with said(model, pairs) as generator:
        generator.set_load_50_ohm()
        assert generator.load_ohm() == 50.0


@pytest.mark.parametrize(("model", "reply"), [("Keysight33250A", "+9.90000E+37"), ("DG800", "9.900000E+37")])
def test_a_load_of_high_impedance_is_infinite(model: str, reply: str) -> None:
    question = MODELS[model].output.format(ch=1).replace("?", ":LOAD?")
    with said(model, [(question, reply)]) as generator:
        assert generator.load_ohm() == math.inf


@pytest.mark.parametrize(
    ("model", "setting", "question", "reply"),
    [
        ("Agilent33500", "SOUR1:FREQ 1000000.000000", "SOUR1:FREQ?", "+1.000000000000000E+06"),
        ("Agilent33521A", "FREQ 1000000.000000", "FREQ?", "+1.000000000000000E+06"),
        ("Keysight33250A", "FREQ 1e+06", "FREQ?", "+1.00000000000E+06"),
        ("Keysight81160A", ":FREQ1 1000000.000000", ":FREQ1?", "1.000000E+06"),
        ("Agilent33220A", "FREQ 1000000.000000", "FREQ?", "+1.0000000000000E+06"),
        ("DG800", ":SOUR1:FREQ 1000000.000000", ":SOUR1:FREQ?", "1.000000E+06"),
        ("AFG3152C", "source1:frequency:fixed 1.000000e+06", "source1:frequency:fixed?", "1.0E+06"),
    ],
)
def test_the_rate_is_set_and_read_back(model: str, setting: str, question: str, reply: str) -> None:
    with said(model, [(setting, None), (question, reply)]) as generator:
        generator.set_frequency_hz(1e6)
        assert generator.frequency_hz() == 1e6


@pytest.mark.parametrize(
    ("model", "channel", "setting", "question"),
    [
        ("Agilent33500", 2, "SOUR2:FUNC SQU", "SOUR2:FUNC?"),
        ("Keysight33250A", 1, "FUNC SQU", "FUNC?"),
        ("Keysight81160A", 2, ":FUNC2 SQU", ":FUNC2?"),
        ("Agilent33220A", 1, "FUNC SQU", "FUNC?"),
        ("DG800", 2, ":SOUR2:FUNC SQU", ":SOUR2:FUNC?"),
        ("AFG3152C", 2, "source2:function:shape SQU", "source2:function:shape?"),
    ],
)
def test_the_shape_is_set_on_the_right_channel(model: str, channel: int, setting: str, question: str) -> None:
    with said(model, [(setting, None), (question, "SQU")], channel) as generator:
        generator.set_shape("SQU")
        assert generator.shape() == "SQU"


@pytest.mark.parametrize(
    ("model", "setting", "question"),
    [
        ("Agilent33500", "SOUR1:FUNC:PULS:WIDT 1.000000e-07", "SOUR1:FUNC:PULS:WIDT?"),
        ("Agilent33521A", "FUNC:PULS:WIDT 1.000000e-07", "FUNC:PULS:WIDT?"),
        ("Keysight33250A", "PULS:WIDT 1e-07", "PULS:WIDT?"),
        ("Keysight81160A", ":PULS:WIDT1 1.000000e-07", ":PULS:WIDT1?"),
    ],
)
def test_a_width_of_100_ns_arrives_as_such(model: str, setting: str, question: str) -> None:
    assert MODELS[model].pulse_high_hz is not None
    with said(model, [(setting, None), (question, "1.0000E-07")]) as generator:
        generator.set_pulse_width_s(100e-9)
        assert generator.pulse_width_s() == pytest.approx(100e-9)


@pytest.mark.parametrize(
    ("model", "question"),
    [
        ("Agilent33500", "SOUR1:VOLT:OFFS"),
        ("Keysight33250A", "VOLT:OFFS"),
        ("Keysight81160A", ":VOLT1:OFFS"),
        ("Agilent33220A", "VOLT:OFFS"),
        ("DG800", ":SOUR1:VOLT:OFFS"),
    ],
)
def test_the_level_of_a_gate_is_the_offset(model: str, question: str) -> None:
    assert MODELS[model].offset.format(ch=1) == question
    with said(model, [(f"{question} 2.500000", None), (f"{question}?", "+2.5E+00")]) as generator:
        generator.set_offset_v(2.5)
        assert generator.offset_v() == 2.5


def test_a_pulse_generator_limits_its_own_levels() -> None:
    pairs: Pairs = [
        (":VOLT1:LIM:HIGH 5.000000", None),
        (":VOLT1:LIM:LOW -5.000000", None),
        (":VOLT1:LIM:STAT 1", None),
    ]
    with said("Keysight81160A", pairs) as generator:
        generator.limit_v(5.0)


def test_the_error_queue_is_read_one_by_one() -> None:
    pairs: Pairs = [("SYST:ERR?", '-113,"Undefined header"'), ("SYST:ERR?", '+0,"No error"')]
    with said("Keysight33250A", pairs) as generator:
        assert generator.next_error() == (-113, "Undefined header")
        assert generator.next_error() == (0, "No error")


@pytest.mark.parametrize("reply", ["nan", "1e6 Hz?", "", "1,2", "ON"])
def test_what_is_no_number_is_refused(reply: str) -> None:
    with said("Keysight33250A", [("FREQ?", reply)]) as generator, pytest.raises(ValueError, match="is no number"):
        generator.frequency_hz()
