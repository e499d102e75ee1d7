"""Verbs at random moments of random sequences: whatever comes, the states, the light and the photons are right."""

import itertools
import json
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acquisition.sequence import (
    AcquirePhotons,
    Condition,
    If,
    Prompt,
    RampTemperature,
    RepeatUntil,
    RunStatus,
    SequenceError,
    SetLaser,
    SetShutter,
    SetTemperature,
    Soak,
    State,
    WaitUntilStable,
)
from acquisition.sequence.states import TRANSITIONS, Verb
from tests.sequence.bench import DARK, LIGHT
from tests.sequence.operator import Operator

READY = [SetTemperature(temperature_c=25.0), WaitUntilStable(window_s=0.5), *LIGHT]
VERBS = ("pause", "resume", "stop", "abort", "emergency_stop", "note", "answer")

INTENSITY = st.sampled_from([None, 5.0, 20.0])
ON_PAUSE = st.sampled_from(["hold", "off"])
PLAIN = st.one_of(
    st.builds(lambda percent, on: SetLaser(intensity_percent=percent, emission=on), INTENSITY, st.booleans()),
    st.builds(lambda is_open: SetShutter(open=is_open), st.booleans()),
    st.builds(lambda c, on_pause: SetTemperature(temperature_c=c, on_pause=on_pause), st.just(50.0), ON_PAUSE),
    st.builds(lambda rate: RampTemperature(temperature_c=40.0, rate_c_per_min=rate), st.sampled_from([200.0, 900.0])),
    st.builds(
        lambda s: WaitUntilStable(window_s=s, timeout_s=60.0, on_timeout="continue"), st.sampled_from([1.0, 5.0])
    ),
    st.builds(lambda s: Soak(duration_s=s), st.sampled_from([0.5, 5.0])),
    st.builds(lambda s: AcquirePhotons(duration_s=s), st.sampled_from([0.3, 1.0])),
    st.builds(lambda light: Prompt(text="In focus?", light=light), st.booleans()),
)
CONDITION = st.builds(lambda on: Condition(value="stable", equals=on), st.booleans())
SOME = st.lists(PLAIN, min_size=1, max_size=3).map(tuple)
BLOCK = st.one_of(
    st.builds(lambda condition, then: If(condition=condition, then=then), CONDITION, SOME),
    st.builds(
        lambda condition, steps: RepeatUntil(condition=condition, most_rounds=2, otherwise="continue", steps=steps),
        CONDITION,
        SOME,
    ),
)
STEPS = st.lists(st.one_of(PLAIN, PLAIN, BLOCK), min_size=1, max_size=6).map(lambda steps: [*READY, *steps])
SCRIPT = st.lists(st.tuples(st.integers(0, 25), st.sampled_from(VERBS)), max_size=6)


@pytest.fixture(scope="module", autouse=True)
def _threads_take_turns_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def look_at_the_journal(operator, last):
    events = operator.bench.events
    assert json.loads(json.dumps(events, allow_nan=False)) == events
    ways = [(entry["before"], entry["verb"], entry["after"]) for entry in operator.bench.said("transition")]
    for before, verb, after in ways:
        assert TRANSITIONS[State(before), Verb(verb)] == after
    assert {entry["reason"] for entry in operator.bench.said("paused")} <= {"asked for"}
    assert ways[0][0] == "idle"
    assert ways[-1][2] == last
    for (_, _, after), (before, _, _) in itertools.pairwise(ways):
        assert after == before


def look_at_the_photons(operator, outcome):
    parts = operator.bench.services.parts
    assert len(outcome.points) == len(parts)
    for point in outcome.points:
        recorders = [part.recorder for part in parts[point.number]]
        assert point.result.recorded_photons == sum(recorder.photons for recorder in recorders)
        blocks = [block for recorder in recorders for block in recorder.blocks]
        for before, after in itertools.pairwise(blocks):
            assert before.end_pulse == after.first_pulse
        for block in blocks:
            assert (block.pulse[1:] >= block.pulse[:-1]).all()
            assert not len(block) or block.first_pulse <= block.pulse[0] <= block.pulse[-1] < block.end_pulse


@settings(max_examples=120)
@given(STEPS, SCRIPT)
def test_verbs_at_any_moment_leave_light_states_and_photons_right(steps, script):
    operator = Operator(script)
    outcome = operator.run(steps, DARK)
    assert operator.wrong == []
    assert outcome.status is not RunStatus.FAILED, outcome.error
    assert operator.engine.state is State.IDLE
    assert operator.rig.is_safe
    look_at_the_journal(operator, "idle")
    look_at_the_photons(operator, outcome)
    operator.rig.log.moment = operator.rig.clock.on_wait = lambda: None
    assert operator.engine.run([SetLaser(emission=True), Soak(duration_s=1)]).status is RunStatus.COMPLETED
    assert operator.rig.is_safe


@settings(max_examples=40)
@given(STEPS, SCRIPT, st.integers(0, 40))
def test_a_rig_that_cannot_be_made_safe_at_any_moment_is_broken_for_good(steps, script, moment):
    operator = Operator([*((after, verb) for after, verb in script if verb in ("pause", "note")), (moment, "break")])
    outcome = operator.run(steps, DARK)
    assert operator.wrong == []
    assert operator.rig.is_safe
    broken = operator.rig.safety_error is not None
    assert operator.engine.state is (State.BROKEN if broken else State.IDLE)
    look_at_the_journal(operator, "broken" if broken else "idle")
    if broken:
        assert outcome.status is RunStatus.FAILED
        with pytest.raises(SequenceError, match="could not be made safe"):
            operator.engine.run([Soak(duration_s=1)])


def test_no_thread_is_left_behind():
    before = threading.active_count()
    Operator([(12, "pause"), (0, "abort")]).run([*LIGHT, AcquirePhotons(duration_s=1)])
    assert threading.active_count() == before
