"""Whatever a generator answers: an error that names the laser, or the number that it said, and never a hang."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.interfaces.errors import DeviceError
from drivers.laser.pdl_800d import Pdl800D
from tests.drivers.laser.settings import trigger_settings
from tests.drivers.laser.talking import TalkingGenerator

REPLIES = st.one_of(
    st.text(max_size=30),
    st.floats().map(lambda value: f"{value:+.6E}"),
    st.sampled_from(["", "1", "0", "ON", "+9.9E+37", "nan", "inf", "1,2", '+0,"No error"', "1\n0"]),
    st.none(),
)


@settings(max_examples=80, deadline=None)
@given(where=st.integers(0, 30), reply=REPLIES)
def test_a_changed_reply_while_switching_on_ends_dark_or_as_wanted(where: int, reply: str | None) -> None:
    generator = TalkingGenerator()
    laser = Pdl800D("laser", trigger_settings(), open_wire=generator)
    count = 0

    def change(question: str, answer: str) -> str | None:
        nonlocal count
        count += 1
        return reply if count == where else answer

    generator.change = change
    failed = ""
    try:
        laser.connect()
        laser.set_emission(True)
    except DeviceError as error:
        failed = error.device
    if failed:
        assert failed == "laser"
        generator.change = None
        laser.make_safe()
    else:
        state = generator.brain.state()
        assert state["output"]
        assert state["high_v"] == 2.5
        assert state["frequency_hz"] == 1e6
    laser.close()
    assert not generator.brain.state()["damaged"]
    assert not generator.brain.state()["output"]


@settings(max_examples=80, deadline=None)
@given(reply=REPLIES)
def test_a_rate_is_the_one_that_was_said_or_an_error(reply: str | None) -> None:
    generator = TalkingGenerator()
    laser = Pdl800D("laser", trigger_settings(), open_wire=generator)
    laser.connect()
    generator.change = lambda question, answer: reply if question == "FREQ?" else answer
    failed, rate_hz = "", math.nan
    try:
        rate_hz = laser.status().repetition_rate_hz
    except DeviceError as error:
        failed = error.device
    if failed:
        assert failed == "laser"
    else:
        assert reply is not None
        assert math.isfinite(rate_hz)
        assert rate_hz == float(reply)
