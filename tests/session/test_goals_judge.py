"""Whether a goal is reached by what is known, in which words, and when it pays to look again."""

import re

import numpy as np
import pytest

from acquisition.analysis.emitters import count_emitters
from acquisition.sequence.steps.goals import Goal
from acquisition.session.goals_judge import Known, judge
from tests.analysis.test_emitters import counts

BX = {"relative_error": {"of": "lifetime of BX-", "below_percent": 3.0}}
SINGLE = {"single_emitter": {}}
LITTLE_LIGHT = 2.5e-3


def goal_of(data):
    return Goal.model_validate(data)


def with_bx(value=7.5, error=0.2):
    return {"states": {"BX-": {"lifetime_ns": {"value": value, "error": error}}}}


def with_g2(value, error, verdict="undecided", **more):
    return {"emitters": {"verdict": verdict, "g2_gated": {"value": value, "error": error}, **more}}


def known(results=None, elapsed_s=100.0, cascades=50):
    return Known(elapsed_s, cascades, results, intensity_percent=20.0, power_uw=2.5)


@pytest.mark.parametrize(
    ("goal", "results", "text"),
    [
        (BX, with_bx(7.46, 0.22), "lifetime of BX- is known to 2.95 % (7.46 ± 0.22 ns)"),
        (
            BX,
            with_bx(7.5, 0.2) | {"charge_states": {"neutral": {}}},
            "lifetime of BX- is known to 2.67 % (7.50 ± 0.20 ns)",
        ),
        (SINGLE, with_g2(0.02, 0.11), "g2(0) behind the gate is 0.02 ± 0.11, 4.4 sigma below 0.5: a single emitter"),
        (
            {"single_emitter": {"or_several": True}},
            with_g2(0.72, 0.03, "several"),
            "g2(0) behind the gate is 0.720 ± 0.030: several emitters",
        ),
        ({"cascades": 50}, None, "50 cascades are seen"),
        ({"dose_uj": 250.0}, None, "the sample has received 250 uJ"),
        ({"dose_percent_s": 2000.0}, None, "the sample has received 2000 % s of laser light"),
        ({"time_s": 100.0}, None, "100 s are recorded"),
        ({"any": [BX, {"time_s": 99.0}, {"cascades": 10}]}, None, "100 s are recorded; 50 cascades are seen"),
        ({"all": [{"time_s": 99.0}, {"cascades": 10}]}, None, "100 s are recorded; 50 cascades are seen"),
    ],
)
def test_a_goal_that_is_reached_says_by_what(goal, results, text):
    verdict = judge(goal_of(goal), known(results))
    assert (verdict.reached, verdict.text) == (True, text)


@pytest.mark.parametrize(
    ("goal", "results", "text"),
    [
        (BX, None, "not known yet"),
        (BX, {"states": {"BX": {}}}, "not known yet"),
        (BX, with_bx(7.5, 0.0), "not known yet"),
        (BX, with_bx(7.5, 0.6), "known to 8 % .*, 3 % wanted"),
        (BX, with_bx(7.5, 0.2) | {"charge_states": {"neutral": {}, "minus1": {}}}, "not sure yet: 2 of 3"),
        (SINGLE, None, "not known yet"),
        (SINGLE, {"emitters": {"verdict": "undecided"}}, "not known yet"),
        (SINGLE, with_g2(0.3, 0.1), "not 3 sigma below 0.5"),
        (SINGLE, with_g2(0.35, 0.03, "several"), "several emitters"),
        (SINGLE, with_g2(-0.8, 0.1), "not 3 sigma below 0.5"),
        (SINGLE, with_g2(0.02, 0.1, slow_pairs=["neutral"]), r"as slowly as those of several emitters \(neutral\)"),
        ({"cascades": 51}, None, "50 cascades are seen, 51 wanted"),
        ({"dose_uj": 251.0}, None, "250 uJ, 251 uJ wanted"),
        ({"all": [{"cascades": 10}, {"time_s": 101.0}]}, None, "100 s are recorded, 101 s wanted"),
        ({"any": [{"cascades": 51}, {"all": [{"time_s": 101.0}]}]}, None, "wanted"),
    ],
)
def test_a_goal_that_is_not_reached_says_how_far_it_is(goal, results, text):
    verdict = judge(goal_of(goal), known(results))
    assert not verdict.reached
    assert re.search(text, verdict.text)


@pytest.mark.parametrize(
    ("goal", "again"),
    [
        (BX, 2.0),  # 8 % are wanted to be 3 %: seven times as long, but twice is the most
        ({"relative_error": {"of": "lifetime of BX-", "below_percent": 6.5}}, (8 / 6.5) ** 2),
        ({"relative_error": {"of": "lifetime of BX-", "below_percent": 7.9}}, 1.2),
        ({"any": [BX, {"relative_error": {"of": "lifetime of BX-", "below_percent": 7.9}}]}, 1.2),
        ({"all": [BX, {"relative_error": {"of": "lifetime of BX-", "below_percent": 7.9}}]}, 2.0),
        ({"cascades": 1000}, None),
    ],
)
def test_the_next_look_comes_when_the_error_would_have_fallen_enough(goal, again):
    assert judge(goal_of(goal), known(with_bx(7.5, 0.6))).again == pytest.approx(again)


def test_two_equal_emitters_are_called_single_by_less_than_one_look_in_a_hundred():
    """Each look is a new chance to err: with 3 sigma, one in 740 does, if the errors of g2 are right."""
    looks = 600
    single = 0
    errors = []
    for seed in range(looks):
        found = count_emitters([(counts(seed, 0.5, light=LITTLE_LIGHT), 40, 0.0)])
        errors.append(found.g2_gated.error)
        results = with_g2(found.g2_gated.value, found.g2_gated.error, found.verdict)
        single += judge(goal_of(SINGLE), known(results)).reached
    assert 0.08 < np.median(errors) < 0.17  # at larger errors nothing is decided, at smaller ones everything is easy
    assert single <= 5  # expected are less than one
