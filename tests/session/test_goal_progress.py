"""How far goals are, as numbers for a display."""

import pytest

from acquisition.sequence.steps.goals import Goal
from acquisition.session.goal_progress import progress_of
from acquisition.session.goals_judge import Known

RESULTS = {
    "states": {"BX-": {"lifetime_ns": {"value": 7.5, "error": 0.45}}},
    "emitters": {"verdict": "undecided", "g2_gated": {"value": 0.2, "error": 0.2}},
    "charge_states": {"neutral": {}, "minus1": {}, "minus2": {}},
}
KNOWN = Known(30.0, 1200, RESULTS, 20.0, 0.5)


def progress(goal, known=KNOWN):
    return progress_of(Goal.model_validate(goal), known)


@pytest.mark.parametrize(
    ("goal", "present", "wanted", "unit", "share"),
    [
        ({"cascades": 4800}, 1200, 4800, "", 0.25),
        ({"time_s": 60.0}, 30.0, 60.0, "s", 0.5),
        ({"dose_uj": 30.0}, 15.0, 30.0, "uJ", 0.5),
        ({"dose_percent_s": 600.0}, 600.0, 600.0, "% s", 1.0),
        ({"relative_error": {"of": "lifetime of BX-", "below_percent": 3.0}}, 6.0, 3.0, "%", 0.25),
        ({"single_emitter": {"sigma": 3}}, 1.5, 3.0, "sigma", 0.25),
    ],
)
def test_a_goal_says_what_is_there_what_is_wanted_and_the_share_of_the_way(goal, present, wanted, unit, share):
    [found] = progress(goal)
    assert found["present"] == pytest.approx(present)
    assert found["wanted"] == pytest.approx(wanted)
    assert found["unit"] == unit
    assert found["share"] == pytest.approx(share)
    assert found["reached"] is (share == 1.0)
    assert found["text"]
    assert found["found"]


def test_the_error_of_a_result_comes_with_its_value():
    [found] = progress({"relative_error": {"of": "lifetime of BX-", "below_percent": 3.0}})
    assert (found["value"], found["error"]) == (7.5, 0.45)
    assert found["text"] == "lifetime of BX- is known to 3 %"


@pytest.mark.parametrize(
    "goal", [{"relative_error": {"of": "lifetime of X", "below_percent": 3.0}}, {"single_emitter": {"sigma": 3}}]
)
def test_what_is_not_known_yet_has_no_share(goal):
    [found] = progress(goal, Known(30.0, 0))
    assert (found["present"], found["share"], found["reached"]) == (None, None, False)


def test_goals_that_are_joined_are_told_one_by_one():
    found = progress({"any": [{"cascades": 4800}, {"all": [{"time_s": 20.0}, {"cascades": 1000}]}]})
    assert [each["reached"] for each in found] == [False, True, True]
    assert [each["share"] for each in found] == [0.25, 1.0, 1.0]
