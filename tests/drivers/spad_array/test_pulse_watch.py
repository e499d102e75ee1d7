import pytest

from drivers.spad_array.pulse_watch import MARKERS, PulseWatch

PS_PER_MARKER = 10_000_000_000


def shares(watch: PulseWatch, rates: list[float]) -> list[float]:
    """What is found in windows of markers during which this share of the pulses came."""
    time_ps, found = 0.0, []
    for rate in rates:
        for _ in range(MARKERS):
            time_ps += rate * PS_PER_MARKER
            if (share := watch.marker(round(time_ps))) is not None:
                found.append(share)
    return found


def test_pulses_that_come_evenly_are_all_right() -> None:
    assert shares(PulseWatch(), [1.0, 1.0, 1.005, 0.995]) == []


def test_missing_pulses_are_seen_against_the_markers() -> None:
    found = shares(PulseWatch(), [1.0, 1.0, 0.9, 0.9])
    assert found[-1] == pytest.approx(0.9, abs=0.01)


def test_after_a_loss_of_markers_a_new_window_begins() -> None:
    watch = PulseWatch()
    shares(watch, [1.0, 1.0])
    watch.forget_markers()
    assert shares(watch, [1.0, 1.0]) == []


@pytest.mark.parametrize(
    ("counted_s", "wall_s", "up_to_date", "wrong"),
    [
        (0.5, 0.5, True, False),
        (9.0, 10.0, True, False),  # may be on its way
        (4.0, 10.0, True, True),
        (4.0, 10.0, False, False),  # has not been read
        (10.3, 10.0, True, False),
        (10.5, 10.0, False, True),  # nothing can come before its time
        (5.0, 0.9, True, False),  # too short to judge
    ],
)
def test_counted_time_may_lag_behind_the_wall_but_not_run_ahead(
    counted_s: float, wall_s: float, *, up_to_date: bool, wrong: bool
) -> None:
    found = PulseWatch.against_wall(counted_s, wall_s, up_to_date=up_to_date)
    assert (found is not None) == wrong


@pytest.mark.parametrize(
    ("counted_s", "duration_s", "wrong"),
    [(9.95, 10.0, False), (9.0, 10.0, True), (11.0, 10.0, True), (0.1, 0.9, False)],
)
def test_at_the_end_the_whole_must_be_there(counted_s: float, duration_s: float, *, wrong: bool) -> None:
    assert (PulseWatch.at_end(counted_s, duration_s, 0.06) is not None) == wrong
