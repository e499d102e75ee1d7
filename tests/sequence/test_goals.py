"""Goals of an acquisition: what may be written, what is refused and how it reads."""

import dataclasses

import pytest

from acquisition.analysis.estimate import Estimate
from acquisition.analysis.rate_model import RateModelFit
from acquisition.analysis.state_table import BIEXCITON_OF, EXCITON_OF, StateValues
from acquisition.config import ConfigError, ConfigModel, parse_config
from acquisition.sequence.steps.goals import (
    CHARGE_STATES,
    OF_A_STATE,
    OF_THE_DOT,
    RESULTS,
    STATES,
    Goal,
    describe,
    leaves,
    named_result,
)


class File(ConfigModel):
    until: Goal | None = None


def goal(text):
    found = parse_config(f"until: {text}", File, "file.yaml").until
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{cascades: 5000}", "5000 cascades are seen"),
        ("{relative_error: {of: lifetime of BX-, below: 3 %}}", "lifetime of BX- is known to 3 %"),
        ("{single_emitter: {}}", "a single emitter is proved at 3 sigma"),
        ("{single_emitter: {sigma: 4, or_several: true}}", "a single emitter is or several are proved at 4 sigma"),
        ("{dose: 5 uJ}", "the sample has received 5 uJ"),
        ("{dose_percent_s: 6000}", "the sample has received 6000 % s of laser light"),
        ("{time: 10 min}", "600 s are recorded"),
        ("{any: [{time: 1 min}, {cascades: 3}]}", "60 s are recorded or 3 cascades are seen"),
        (
            "{any: [{time: 1 min}, {all: [{cascades: 3}, {dose: 1 mJ}]}]}",
            "60 s are recorded or (3 cascades are seen and the sample has received 1000 uJ)",
        ),
    ],
)
def test_a_goal_reads_as_words_and_comes_back_from_a_file(text, words):
    found = goal(text)
    assert describe(found) == words
    assert Goal.model_validate(found.to_file_data()) == found
    assert Goal.model_validate(found.model_dump()) == found


def test_a_goal_says_in_files_only_what_it_is():
    assert goal("{any: [{time: 10 min}, {cascades: 3}]}").to_file_data() == {
        "any": [{"time": "600.0 s"}, {"cascades": 3}]
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", "names no goal; write one of cascades: 5000, "),
        ("{cascades: 3, time: 1 s}", r"names 2 goals; .*\{any: \[\{cascades: ...\}, \{time: ...\}\]\} or \{all: "),
        ("5000", "must be a mapping of keys to values, not 5000"),
        (
            "{cascade: 5}",
            r"until\.cascade: is not a known key; did you mean 'cascades'\? Allowed are cascades, relative",
        ),
        ("{any: [{time: 1 s}, {tim: 3 s}]}", r"line 1, .*until\.any\[1\]\.tim: .*did you mean 'time'\?"),
        ("{all: []}", "is an empty list"),
        ("{cascades: 0}", "must be greater than 0"),
        ("{cascades: $many}", "no repeat around it defines 'many'"),
        ("{dose: 5 us}", "is not a light dose; write for example 5 uJ"),
        ("{dose: 5}", "has no unit"),
        ("{time: -1 s}", "must be greater than 0 s"),
        ("{single_emitter: {sigma: 30}}", "must be at most 10"),
        ("{relative_error: {of: lifetime of BX-, below: 0.03}}", "0.03 has no unit; write a percentage"),
        ("{relative_error: {of: lifetime of BX-, below: 300 %}}", "must be less than 100 %"),
        ("{relative_error: {of: lifetme of BX-, below: 3 %}}", "did you mean 'lifetime of BX-'"),
        (
            "{relative_error: {of: lifetime of BX+, below: 3 %}}",
            r"There are lifetime, .* \(of X, X-, X2-, BX, BX-, BX2-\)",
        ),
        ("{relative_error: {of: lifetme of BX⁻, below: 3 %}}", "did you mean 'lifetime of BX-'"),
        ("{relative_error: {of: quantum efficiency of X, below: 3 %}}", "assumption that X emits with efficiency 1"),
    ],
)
def test_what_is_wrong_with_a_goal_is_said(text, problem):
    with pytest.raises(ConfigError, match=problem):
        goal(text)


@pytest.mark.parametrize(
    "name",
    [
        "lifetime of BX-",
        "Lifetime of bx-",
        "lifetime_ns of BX-",
        "lifetime  of BX−",
        "lifetime of BX⁻",
        "BX-.lifetime_ns",
        "BX⁻.lifetime",
    ],
)
def test_a_result_is_found_by_what_people_call_it(name):
    assert named_result(name) == RESULTS["lifetime of BX-"]


def test_every_result_is_found_by_its_own_name():
    assert [named_result(name).name for name in RESULTS] == list(RESULTS)


def test_names_of_results_are_those_of_the_analysis():
    """Who renames a number there must rename it here."""
    one = Estimate(0.5, 0.1)
    assert {key for key, _ in OF_A_STATE.values()} == set(StateValues(one, one, one, one, one).plain())
    assert tuple(EXCITON_OF) == tuple(BIEXCITON_OF) == CHARGE_STATES
    assert (*EXCITON_OF.values(), *BIEXCITON_OF.values()) == STATES
    model = {place[-1].lower() for place, _ in OF_THE_DOT.values() if place[0] == "model"}
    assert model < {field.name for field in dataclasses.fields(RateModelFit)}


@pytest.mark.parametrize(
    ("text", "analysis", "power"),
    [
        ("{cascades: 5}", False, False),
        ("{any: [{time: 1 s}, {single_emitter: {}}]}", True, False),
        ("{all: [{dose: 1 uJ}, {any: [{relative_error: {of: B_per_us, below: 3 %}}]}]}", True, True),
        ("{dose_percent_s: 100}", False, False),
    ],
)
def test_a_goal_knows_what_must_be_known_for_it(text, analysis, power):
    assert (goal(text).needs_analysis, goal(text).needs_power) == (analysis, power)


def test_joined_goals_are_walked_through():
    found = goal("{all: [{dose: 1 uJ}, {any: [{cascades: 5}, {time: 1 s}]}]}")
    assert [one.key for one in leaves(found)] == ["dose", "cascades", "time"]
