"""What cards, interlocks and guardian say, in words that need no colour."""

import pytest

from acquisition.gui.instruments.interlock_words import guardian_sign, interlock_words, interlocks_sign, meaning_of
from acquisition.gui.instruments.step_table import STEPS, step_for
from acquisition.gui.instruments.words import Level, agrees, control_words, identity_of, range_words, state_of
from acquisition.sequence import read_steps
from acquisition.session.interlocks import GUARDIAN, INTERLOCKS, JUDGING, STANDSTILL

CONTROL = {"set": 20.0, "read": 20.0, "declared": False, "limits": [0.0, 100.0], "choices": None, "tolerance": 0.2}


@pytest.mark.parametrize(
    ("device", "text", "level"),
    [
        ({"role": "laser", "emission": True, "emission_declared": False}, "● LASER EMITS", Level.WARN),
        (
            {"role": "laser", "emission": False, "emission_declared": True},
            "○ emission off (as a person said)",
            Level.GOOD,
        ),
        ({"role": "laser", "interlock_closed": False}, "✗ interlock open: no emission possible", Level.WARN),
        ({"role": "shutter", "readings": {"open": True}}, "● OPEN: laser light can pass", Level.WARN),
        ({"role": "shutter", "readings": {}}, "position not known", Level.WARN),
        (
            {"role": "heater", "readings": {"heating": True, "setpoint_c": 60.0, "temperature_c": 43.27}},
            "● HEATING to 60 °C, 43.3 °C",
            Level.WARN,
        ),
        (
            {"role": "heater", "readings": {"alarm": "overtemperature", "temperature_c": 90.0}},
            "✗ ALARM: overtemperature (90.0 °C)",
            Level.BAD,
        ),
        ({"role": "spad_array", "settings": {"bias": False}}, "○ bias off", Level.GOOD),
        (
            {"role": "camera", "readings": {"em_gain": 200.0, "temperature_c": -70.0, "cooler": True}},
            "● EM GAIN 200, -70.0 °C, cooled",
            Level.WARN,
        ),
        (
            {"role": "stage", "readings": {"x_um": 1.0, "y_um": -2.0, "moving": True}},
            "▶ moving: x 1.00 µm, y -2.00 µm",
            Level.WARN,
        ),
        ({"role": "spectrograph", "readings": {"centre_nm": 650.0, "grating": 2}}, "650 nm, grating 2", Level.PLAIN),
        (
            {"role": "attenuator", "controls": {"transmission_percent": {"read": 5.0}}},
            "5 % of the light pass",
            Level.PLAIN,
        ),
        ({"role": "power_meter", "readings": {"power_w": 1.2345678e-5}}, "12.35 µW", Level.PLAIN),
        ({"role": "robot", "connected": True}, "connected", Level.FAINT),
        ({"role": "laser", "connected": False}, "✗ NOT CONNECTED", Level.BAD),
    ],
)  # fmt: skip
def test_the_state_of_an_instrument_is_told_in_words(device, text, level):
    sign = state_of(device)
    assert (sign.text, sign.level) == (text, level)


def test_the_identity_leaves_out_what_is_not_known():
    device = {"manufacturer": "PicoQuant", "model": "PDL 800-D", "serial": None, "firmware": "2.1"}
    assert identity_of(device) == "PicoQuant PDL 800-D · firmware 2.1"
    assert identity_of({}) == "identity not known"


@pytest.mark.parametrize(
    ("change", "moving", "text"),
    [
        ({}, False, "✓ set 20 % · reads 20 %"),
        ({"read": 20.1}, False, "✓ set 20 % · reads 20.1 %"),
        ({"read": 12.0}, False, "✗ NOT AS SET: set 20 % · reads 12 %"),
        ({"read": 12.0}, True, "▶ on its way: set 20 % · reads 12 %"),
        ({"declared": True}, False, "✓ set 20 % · declared 20 %"),
        ({"set": None}, False, "reads 20 %"),
        ({"read": None}, False, "set 20 %, cannot be read back"),
        ({"set": None, "read": None}, False, "not set yet"),
    ],
)
def test_what_was_set_and_what_reads_back_stand_apart(change, moving, text):
    assert control_words("intensity_percent", CONTROL | change, None, moving=moving).text == text


def test_what_this_window_has_set_counts_where_the_instrument_does_not_tell():
    control = {"set": None, "read": 2, "choices": [{"value": 2, "text": "2: 300 lines/mm, blaze 500 nm"}]}
    assert control_words("grating", control, 1).text == "✗ NOT AS SET: set 1 · reads 2: 300 lines/mm"
    assert control_words("grating", control, 2).level is Level.GOOD


def test_a_switch_agrees_only_with_itself():
    assert agrees({"read": True, "tolerance": None}, True)
    assert not agrees({"read": False, "tolerance": None}, True)
    assert agrees({"read": None, "tolerance": None}, True)


def test_a_range_names_its_unit_once_where_both_ends_have_it():
    assert range_words("x_um", {"limits": [-1000.0, 1000.0]}) == "-1000 … 1000 µm"
    assert range_words("repetition_rate_hz", {"limits": [31250.0, 80e6]}) == "31.25 kHz … 80 MHz"
    assert range_words("x_um", {"limits": None}) == ""


VALUES = {
    "emission": True, "intensity_percent": "20 %", "repetition_rate_hz": "1 MHz", "open": False,
    "transmission_percent": "5 %", "temperature_c": "40 degC", "grating": 1, "centre_nm": "650 nm",
    "slit_um": "100 um", "light": "sample", "x_um": "1 um", "y_um": "1 um", "z_um": "1 um",
}  # fmt: skip


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, step in STEPS.items() for name in step.settings])
def test_each_setting_makes_a_step_that_a_sequence_understands(role, name):
    [step] = read_steps([step_for(role, name, VALUES[name])])
    assert isinstance(step, STEPS[role].model)
    assert getattr(step, name) is not None


@pytest.mark.parametrize("name", [*(interlock.name for interlock in INTERLOCKS), GUARDIAN, JUDGING, STANDSTILL])
def test_each_interlock_says_what_a_person_does(name):
    meaning = meaning_of(name)
    assert meaning.title.casefold() != name.replace("_", " ")
    assert meaning.to_do.endswith(".")


def test_an_interlock_is_told_with_time_message_and_what_to_do():
    tripped = {
        "name": "count_rate",
        "state": "tripped",
        "since": "2026-11-20T22:15:03.000+00:00",
        "message": "3e7 counts/s",
    }
    what, to_do = interlock_words(tripped)
    assert what.startswith("✗ INTERLOCK TRIPPED at ")
    assert what.endswith("Too much light on the detector – 3e7 counts/s")
    assert to_do.startswith("Light is off. Lower the intensity")


@pytest.mark.parametrize(
    ("interlocks", "text"),
    [
        ([], "✓ interlocks ok"),
        ([{"state": "warning"}], "! interlocks warn"),
        ([{"state": "warning"}, {"state": "tripped"}], "✗ 1 interlock TRIPPED"),
        (None, "interlocks not known"),
    ],
)
def test_all_interlocks_are_told_in_two_words(interlocks, text):
    assert interlocks_sign(interlocks).text == text


@pytest.mark.parametrize(
    ("guardian", "text"),
    [
        ("watching", "✓ guardian watching"),
        ("off", "✗ GUARDIAN OFF"),
        ("not needed", "○ guardian not needed"),
        (None, "? guardian not known"),
    ],
)
def test_the_guardian_is_told(guardian, text):
    assert guardian_sign(guardian).text == text
