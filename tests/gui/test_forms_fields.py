"""Fields take what a person types in any unit that fits, and say what is wrong before anything is set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtWidgets import QApplication

from acquisition.config.quantity import Celsius, Hertz, Micrometres, Percent, Seconds
from acquisition.gui.forms.fields import ChoiceField, IntegerField, NumberField, QuantityField, SwitchField, TextField
from acquisition.gui.forms.quantity_field import pretty

HERTZ, PERCENT, SECONDS, CELSIUS, LENGTH = (
    kind.__metadata__[0] for kind in (Hertz, Percent, Seconds, Celsius, Micrometres)
)


def typed(qtbot, field, text, *, enter=True):
    """Type a text into a field, and Enter."""
    qtbot.addWidget(field)
    field.line.selectAll()
    qtbot.keyClicks(field.line, text)
    if enter:
        qtbot.keyClick(field.line, Qt.Key.Key_Return)


def noted(field):
    """Return a list of what the field commits from now on."""
    found = []
    field.committed.connect(found.append)
    return found


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [("0.5 MHz", 500_000.0, "0.5 MHz"), ("80000 Hz", 80_000.0, "80000 Hz"), ("2", 2e6, "2 MHz")],
)
def test_a_quantity_is_typed_in_any_unit_that_fits_and_a_bare_number_in_the_one_before(qtbot, text, value, shown):
    field = QuantityField(HERTZ, 1e3, 80e6)
    field.set_value(1e6)
    told = noted(field)
    typed(qtbot, field, text)
    assert (told, field.value(), field.line.text(), field.data()) == ([value], value, shown, shown)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("100 MHz", "at most 80 MHz"), ("1 Hz", "at least 1 kHz"), ("20 degC", "is not a frequency"),
        ("fast", "is not a number with a unit"), ("", "is missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_said_and_never_committed(qtbot, text, problem):
    field = QuantityField(HERTZ, 1e3, 80e6)
    field.set_value(1e6)
    told = noted(field)
    field.line.clear()
    typed(qtbot, field, text)
    assert told == []
    assert problem in field.problem()
    assert problem in field.toolTip()
    assert not field.valid


def test_escape_brings_back_what_was_there(qtbot):
    field = QuantityField(PERCENT, 0, 100)
    field.set_value(20.0)
    typed(qtbot, field, "95", enter=False)
    qtbot.keyClick(field.line, Qt.Key.Key_Escape)
    assert field.data() == "20 %"


def test_what_the_instrument_says_does_not_overwrite_what_is_being_typed(qtbot):
    field = QuantityField(PERCENT, 0, 100)
    field.set_value(20.0)
    typed(qtbot, field, "35", enter=False)
    field.show_value(20.0)
    assert field.value() == 35.0


def test_arrow_keys_step_in_the_last_digit_and_stay_within_the_limits(qtbot):
    field = QuantityField(PERCENT, 0, 100)
    qtbot.addWidget(field)
    field.set_data("99.5 %")
    told = noted(field)
    qtbot.keyClick(field.line, Qt.Key.Key_Up)
    qtbot.keyClick(field.line, Qt.Key.Key_PageUp)
    qtbot.keyClick(field.line, Qt.Key.Key_Down)
    assert told == [99.6, 99.5]


def test_an_optional_quantity_may_be_empty(qtbot):
    field = QuantityField(CELSIUS, optional=True)
    field.set_value(60.0)
    told = noted(field)
    field.line.clear()
    field.line.setModified(True)
    qtbot.keyClick(field.line, Qt.Key.Key_Return)
    assert told == [None]


def test_a_variable_survives_as_text(qtbot):
    for field in (
        QuantityField(CELSIUS),
        IntegerField(1),
        NumberField(),
        TextField(),
        SwitchField(),
        ChoiceField("ab"),
    ):
        qtbot.addWidget(field)
        field.set_data("$temperature")
        assert (field.data(), field.problem()) == ("$temperature", "")


@pytest.mark.parametrize("make", [lambda: QuantityField(PERCENT), lambda: IntegerField(), lambda: ChoiceField("ab")])
def test_the_wheel_changes_nothing_without_the_focus(qtbot, make):
    field = make()
    qtbot.addWidget(field)
    field.set_data({"QuantityField": "20 %", "IntegerField": 3, "ChoiceField": "b"}[type(field).__name__])
    field.show()
    before = field.data()
    widget = field.focusProxy()
    widget.clearFocus()
    wheel = QWheelEvent(
        QPointF(3, 3), QPointF(3, 3), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, wheel)
    assert field.data() == before
    assert not wheel.isAccepted()


def test_a_whole_number_is_whole(qtbot):
    field = IntegerField(1, 10)
    field.set_value(3)
    told = noted(field)
    typed(qtbot, field, "3.5")
    assert told == []
    assert "whole number" in field.problem()
    typed(qtbot, field, "11")
    assert "at most 10" in field.problem()


def test_a_switch_and_a_choice_tell_what_was_clicked(qtbot):
    switch, choice = SwitchField(), ChoiceField({"hold": "hold", None: "off"})
    for field in (switch, choice):
        qtbot.addWidget(field)
    told = noted(switch)
    switch.set_value(False)
    switch.switch.click()
    choice.set_value("hold")
    assert (told, choice.value()) == ([True], "hold")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.04, SECONDS, "40 ms"), (600.0, SECONDS, "10 min"), (90.0, SECONDS, "90 s"), (1e6, HERTZ, "1 MHz"),
        (0.15, LENGTH, "150 nm"), (20.0, PERCENT, "20 %"), (-4.5, CELSIUS, "-4.5 degC"), (0.0, SECONDS, "0 s"),
    ],
)  # fmt: skip
def test_a_number_is_shown_in_the_unit_that_makes_it_short(value, unit, text):
    assert pretty(value, unit) == text


@given(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9),
    st.sampled_from([SECONDS, HERTZ, CELSIUS]),
)
def test_what_is_shown_means_exactly_the_same_number(value, unit):
    assert unit.parse(pretty(value, unit)) == value


@pytest.mark.parametrize(
    ("unit", "filed", "shown"),
    [
        (CELSIUS, "40 degC", "40 °C"), (CELSIUS, "-4.5 °C", "-4.5 °C"), (LENGTH, "3.5 um", "3.5 µm"),
        (LENGTH, "150 nm", "150 nm"), (SECONDS, "5 us", "5 µs"), (SECONDS, "2 min", "2 min"), (LENGTH, "$x", "$x"),
        (PERCENT, "20 %", "20 %"),
    ],
)  # fmt: skip
def test_units_are_shown_as_people_write_them_and_a_file_keeps_its_text(qtbot, unit, filed, shown):
    field = QuantityField(unit)
    qtbot.addWidget(field)
    field.set_data(filed)
    assert field.line.text() == shown
    assert field.data() == filed
    assert field.problem() == ""


@pytest.mark.parametrize(
    ("unit", "text", "value", "data"),
    [
        (CELSIUS, "37.5 °C", 37.5, "37.5 degC"), (CELSIUS, "37.5 degC", 37.5, "37.5 degC"),
        (CELSIUS, "37.5", 37.5, "37.5 degC"), (LENGTH, "2 µm", 2.0, "2 um"), (LENGTH, "2 um", 2.0, "2 um"),
        (LENGTH, "2 \N{GREEK SMALL LETTER MU}m", 2.0, "2 um"), (LENGTH, "2000 nm", 2.0, "2000 nm"),
    ],
)  # fmt: skip
def test_both_ways_to_write_a_unit_are_understood_and_files_get_letters(qtbot, unit, text, value, data):
    field = QuantityField(unit)
    field.set_value(1.0)
    qtbot.addWidget(field)
    told = noted(field)
    field.line.selectAll()
    field.line.insert(text)  # as pasted: keys of tests have letters of ASCII only
    qtbot.keyClick(field.line, Qt.Key.Key_Return)
    assert told == [value]
    assert field.data() == data
    assert "degC" not in field.line.text()
    assert "um" not in field.line.text()


def test_steps_and_limits_use_the_unit_that_is_shown(qtbot):
    field = QuantityField(CELSIUS, -5.0, 70.0)
    field.set_value(40.0)
    field.line.stepped.emit(1)
    assert (field.line.text(), field.value(), field.data()) == ("41 °C", 41.0, "41 degC")
    typed(qtbot, field, "80")
    assert "at most 70 °C" in field.problem()


@pytest.mark.parametrize(
    ("typed", "value", "data"),
    [("12,5 %", 12.5, "12.5 %"), ("0,25", 0.25, "0.25 %"), ("0,125 %", 0.125, "0.125 %"), ("12.5 %", 12.5, "12.5 %")],
)
def test_a_decimal_comma_is_read_as_a_point(qtbot, typed, value, data):
    field = QuantityField(PERCENT, 0.0, 100.0)
    qtbot.addWidget(field)
    qtbot.keyClicks(field.line, typed)
    assert (field.problem(), field.value(), field.data()) == ("", value, data)
    qtbot.keyClick(field.line, Qt.Key.Key_Return)
    assert field.line.text() == data


def test_a_comma_that_may_stand_between_thousands_is_asked_about(qtbot):
    field = QuantityField(HERTZ, 0.0, 80e6)
    qtbot.addWidget(field)
    qtbot.keyClicks(field.line, "1,234 Hz")
    assert "is the comma a decimal one?" in field.problem()


def test_a_number_whose_unit_was_guessed_is_told_with_it_when_it_cannot_be_used(qtbot):
    field = QuantityField(HERTZ, 0.0, 80e6)
    qtbot.addWidget(field)
    field.set_value(1e6)
    field.line.selectAll()
    qtbot.keyClicks(field.line, "2.5e6")
    assert field.problem() == "must be at most 80 MHz and at least 0 Hz; it is read as 2.5e6 MHz"
    qtbot.keyClicks(field.line, " Hz")
    assert field.problem() == ""
