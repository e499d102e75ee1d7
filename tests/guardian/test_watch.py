"""A silence is judged by how long it is and by what may be on, never by a stall of whoever listens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acquisition.guardian.watch import ARMED_SILENCE_S, IDLE_SILENCE_S, STALL_S, Watch

STEP_S = 0.1


def looks(watch: Watch, begin_s: float, end_s: float) -> float | None:
    """Look every 0.1 s; return when the silence was found too long."""
    for number in range(1, round((end_s - begin_s) / STEP_S) + 1):
        now_s = begin_s + STEP_S * number
        if watch.look(now_s) is not None:
            return now_s
    return None


@pytest.mark.parametrize(("armed", "limit_s"), [(True, ARMED_SILENCE_S), (False, IDLE_SILENCE_S)])
def test_a_silence_is_found_as_soon_as_it_is_too_long(armed, limit_s):
    watch = Watch(0.0)
    watch.hear(5.0, armed=armed)
    watch.look(5.0)
    assert looks(watch, 5.0, 100.0) == pytest.approx(5.0 + limit_s, abs=1.1 * STEP_S)


@given(
    st.lists(st.floats(0.01, 0.95 * ARMED_SILENCE_S), max_size=50), st.lists(st.booleans(), min_size=50, max_size=50)
)
def test_whoever_beats_in_time_is_never_found_silent(gaps_s, armed):
    watch, now_s = Watch(0.0), 0.0
    for gap_s, on in zip(gaps_s, armed, strict=False):
        for part in range(1, 11):
            assert watch.look(now_s + gap_s * part / 10) is None
        now_s += gap_s
        watch.hear(now_s, armed=on)


@given(st.floats(STALL_S + 0.01, 1000.0))
def test_after_a_stall_of_the_looking_process_the_other_has_one_period_more_but_not_two(stall_s):
    watch = Watch(0.0)
    watch.hear(0.0, armed=True)
    assert watch.look(stall_s) is None
    found_s = looks(watch, stall_s, stall_s + 10.0)
    assert found_s is not None
    assert found_s - stall_s <= ARMED_SILENCE_S + 2 * STEP_S
    watch.hear(found_s, armed=True)
    assert watch.look(found_s + STEP_S) is None
    first = watch.look(found_s + 5 * stall_s + 2)
    assert first is None
    assert watch.look(found_s + 10 * stall_s + 5) is not None


@given(
    st.lists(st.tuples(st.floats(0.0, 3.0), st.sampled_from(["look", "armed", "idle"])), max_size=60),
)
def test_nobody_is_found_silent_who_was_heard_within_the_limit(events):
    watch, now_s, heard_s, limit_s = Watch(0.0), 0.0, 0.0, IDLE_SILENCE_S
    for gap_s, what in events:
        now_s += gap_s
        if what == "look":
            silent_s = watch.look(now_s)
            if now_s - heard_s <= limit_s:
                assert silent_s is None
            elif silent_s is not None:
                assert limit_s < silent_s <= now_s - heard_s
        else:
            watch.hear(now_s, armed=what == "armed")
            heard_s, limit_s = now_s, ARMED_SILENCE_S if what == "armed" else IDLE_SILENCE_S
