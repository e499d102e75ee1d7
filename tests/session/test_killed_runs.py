"""A sweep whose program is killed, at whatever moment, ends as one that is not; `cascadescope bench` kills more."""

import random
from dataclasses import replace

import pytest

from acquisition.bench.kill_plan import KillPlan, Moment, random_plan
from acquisition.bench.killed_runs import KilledRun
from acquisition.bench.unbroken import differences

PLANS = [
    KillPlan(Moment.STEP, 45),  # between two writes
    KillPlan(Moment.BLOCK_TORN, 6),  # within one
    KillPlan(Moment.TIME, after_s=0.6),  # from outside
]

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory):
    """A sweep of 12 points that was not killed, and one that was killed and resumed three times."""
    folder = tmp_path_factory.mktemp("sweeps")
    unbroken, killed = KilledRun(folder / "unbroken"), KilledRun(folder / "killed")
    assert unbroken.live()
    for plan in PLANS:
        assert not killed.live(plan), f"{plan} has killed nobody"
    assert killed.live()
    return unbroken, killed


def test_a_sweep_that_is_killed_three_times_ends_as_one_that_was_not(sweeps):
    unbroken, killed = sweeps
    assert differences(unbroken.run, killed.run, killed.deaths) == []
    assert [death.plan for death in killed.deaths] == PLANS
    assert all(0 < len(death.after) < 12 for death in killed.deaths)
    assert unbroken.deaths == []


def test_photons_that_a_kill_had_left_and_that_are_gone_are_found(sweeps):
    unbroken, killed = sweeps
    *_, death = killed.deaths
    number = max(death.after)
    point = death.after[number - 1]
    other = replace(point, pulse=point.pulse + 1, file_hash="0")
    found = differences(unbroken.run, killed.run, [replace(death, after={number - 1: other})])
    assert [text for text in found if "has lost photons that were recorded before the kill" in text]
    assert [text for text in found if "was complete and is another file now" in text]
    longer = replace(death, said=((0.0, number, 1e3), (5.0, number, 1e3)))
    found = differences(unbroken.run, killed.run, [longer])
    assert [text for text in found if "1000.0 s had been read a second before" in text]


def test_a_run_that_has_lost_a_point_is_found(sweeps, tmp_path):
    unbroken, killed = sweeps
    lost = killed.run / "points" / "0012"
    lost.rename(tmp_path / "0012")
    try:
        found = differences(unbroken.run, killed.run, [])
    finally:
        (tmp_path / "0012").rename(lost)
    assert "truth.json does not hold each point" in found


def test_the_moments_of_kills_are_chosen_from_all_kinds_and_the_same_for_a_seed():
    plans = [[random_plan(random.Random(seed), 4.0) for seed in range(100)] for _ in range(2)]
    assert plans[0] == plans[1]
    assert {plan.moment for plan in plans[0]} == set(Moment)
    assert all(KillPlan.of_text(plan.to_text()) == plan for plan in plans[0])
