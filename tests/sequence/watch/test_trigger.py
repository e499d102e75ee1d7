"""A run is neither suspended nor let go on faster than debounce and hysteresis say."""

from hypothesis import given
from hypothesis import strategies as st

from acquisition.sequence.watch.trigger import Grade, Trigger, graded

SERIES = st.lists(st.tuples(st.floats(0.1, 30), st.sampled_from([*Grade, None])), min_size=2, max_size=200)


@given(series=SERIES, during_s=st.floats(0, 60), resume_after_s=st.floats(0.1, 60))
def test_two_trips_are_never_nearer_than_debounce_and_hysteresis_together(series, during_s, resume_after_s):
    trigger, now_s, was = Trigger(during_s, resume_after_s), 0.0, None
    trips, releases = [], []
    for step_s, grade in series:
        now_s += step_s
        trigger.see(now_s, grade)
        if (trigger.tripped_s is None) != (was is None):
            (releases if was is not None else trips).append(now_s)
        was = trigger.tripped_s
    assert all(release - trip >= resume_after_s for trip, release in zip(trips, releases, strict=False))
    assert all(trip - release >= during_s for release, trip in zip(releases, trips[1:], strict=False))


@given(series=SERIES)
def test_it_trips_only_while_it_is_wrong_and_releases_only_while_it_is_good(series):
    trigger, now_s, was = Trigger(5, 10), 0.0, None
    for step_s, grade in series:
        now_s += step_s
        trigger.see(now_s, grade)
        if was is None and trigger.tripped_s is not None:
            assert grade is Grade.BAD
        if was is not None and trigger.tripped_s is None:
            assert grade is Grade.GOOD
        was = trigger.tripped_s


def see(trigger, *readings):
    for now_s, grade in readings:
        trigger.see(now_s, grade)
    return trigger.tripped_s


def test_a_short_excursion_does_not_trip():
    trigger = Trigger(5, 10)
    assert see(trigger, (0, Grade.BAD), (4, Grade.BAD), (5, Grade.FAIR), (6, Grade.BAD), (10, Grade.BAD)) is None
    assert see(trigger, (11, Grade.BAD)) == 11


def test_what_cannot_be_judged_breaks_a_series():
    trigger = Trigger(5, 10)
    assert see(trigger, (0, Grade.BAD), (4, None), (6, Grade.BAD), (10, Grade.BAD)) is None


def test_between_the_two_bounds_it_neither_trips_nor_releases():
    trigger = Trigger(0, 10)
    assert see(trigger, (0, Grade.FAIR)) is None
    assert see(trigger, (1, Grade.BAD)) == 1
    assert see(trigger, (2, Grade.GOOD), (11, Grade.FAIR), (12, Grade.GOOD), (21, Grade.GOOD)) == 1
    assert see(trigger, (22, Grade.GOOD)) is None


def test_what_is_not_a_number_is_bad():
    assert graded(float("nan"), 1.0, 0.5) is Grade.BAD
    assert [graded(off, 1.0, 0.5) for off in (0.5, 0.9, 1.1)] == [Grade.GOOD, Grade.FAIR, Grade.BAD]
