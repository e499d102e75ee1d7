"""The head of the window says whether the laser emits and the substrate is heated, whoever did it."""

import pytest

from acquisition.gui.client.feed import Said
from acquisition.gui.instruments.light_view import LightView, heat_sign, light_sign
from acquisition.gui.instruments.words import Level


def laser(emission, **more):
    return {"role": "laser", "emission": emission, **more}


def shutter(is_open, **more):
    return {"role": "shutter", "readings": {"open": is_open}, **more}


def heater(heating, setpoint_c=40.0, **more):
    return {"role": "heater", "readings": {"heating": heating, "setpoint_c": setpoint_c}, **more}


@pytest.mark.parametrize(
    ("devices", "words", "level"),
    [
        ([laser(False), shutter(True)], "○ laser off", Level.GOOD),
        ([laser(True)], "● LASER EMITS", Level.WARN),
        ([laser(True), shutter(True)], "● LASER EMITS, shutter OPEN", Level.WARN),
        ([laser(True), shutter(False)], "● LASER EMITS, shutter shut", Level.WARN),
        ([laser(True), shutter(False, problem="no answer")], "● LASER EMITS, shutter ?", Level.WARN),
        ([laser(False, problem="no answer")], "? laser not known", Level.WARN),
        ([laser(False, connected=False)], "? laser not known", Level.WARN),
        ([heater(False)], "", Level.PLAIN),
        (None, "? light not known", Level.WARN),
    ],
)
def test_light_is_said_with_where_it_can_go(devices, words, level):
    sign = light_sign(devices)
    assert (sign.text, sign.level) == (words, level)


@pytest.mark.parametrize(
    ("devices", "words"),
    [
        ([heater(True)], "● HEATING to 40 °C"),
        ([heater(True, None)], "● HEATING"),
        ([heater(False)], "○ heating off"),
        ([heater(False, problem="no answer")], "? heating not known"),
        ([laser(True)], ""),
    ],
)
def test_heat_is_said_with_its_goal(devices, words):
    assert heat_sign(devices).text == words


@pytest.mark.parametrize("what", ["status", "devices"])
def test_what_was_known_before_the_session_fell_silent_is_not_said_to_be_so_now(desk, qtbot, what):
    view = LightView(desk)
    qtbot.addWidget(view)
    view.show_said(Said(devices=(laser(False), heater(False))))
    assert (view.light.text(), view.heat.text()) == ("○ laser off", "○ heating off")
    view.show_said(Said(devices=(laser(False), heater(False)), problems={what: "no answer"}))
    assert (view.light.text(), view.heat.text()) == ("? light not known", "? heating not known")
