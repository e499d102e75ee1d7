"""Steps that hold others decide by what was measured; each step can be disabled, noted and tried again."""

import pytest

from acquisition.config import ConfigError
from acquisition.sequence import (
    AcquirePhotons,
    Analyze,
    Condition,
    If,
    RepeatUntil,
    Retry,
    RunStatus,
    SequenceError,
    SetLaser,
    SetShutter,
    SetTemperature,
    Soak,
    WaitUntilStable,
    load_sequence,
    read_steps,
)
from drivers.interfaces.errors import CommunicationError, FaultError
from tests.sequence.bench import LIGHT, Bench

BRIGHT = Condition(value="count_rate_cps", above=5000)


@pytest.fixture
def bench():
    return Bench()


def kinds(bench):
    return [entry["kind"] for entry in bench.said("step_started")]


@pytest.mark.parametrize(("above", "branch"), [(5000, "open"), (50_000, "close")])
def test_if_decides_by_what_was_measured(bench, above, branch):
    decide = If(
        condition=Condition(value="count_rate_cps", above=above),
        then=(SetShutter(open=True),),
        otherwise=(SetShutter(open=False),),
    )
    bench.engine.run([AcquirePhotons(duration_s=1), decide])
    assert bench.rig.log[0] == branch


def test_repeat_until_ends_after_the_round_in_which_the_condition_holds(bench):
    bench.services.new_live = lambda: None
    photons = iter([1000, 1000, 30_000])
    rounds = RepeatUntil(
        condition=Condition(value="photons", above=15_000), most_rounds=5, steps=(AcquirePhotons(duration_s=1),)
    )
    bench.rig.spad_array.photons = lambda duration_s, make=bench.rig.spad_array.photons: make(next(photons) / 10_000)
    outcome = bench.engine.run([rounds])
    assert outcome.status is RunStatus.COMPLETED
    assert [point.result.photons for point in outcome.points] == [1000, 1000, 30_000]


@pytest.mark.parametrize(("otherwise", "status"), [("fail", RunStatus.FAILED), ("continue", RunStatus.COMPLETED)])
def test_repeat_until_has_a_last_round(bench, otherwise, status):
    never = Condition(value="photons", below=0)
    steps = [RepeatUntil(condition=never, most_rounds=3, otherwise=otherwise, steps=(AcquirePhotons(duration_s=0.5),))]
    outcome = bench.engine.run(steps)
    assert outcome.status is status
    assert len(outcome.points) == 3
    assert (outcome.error is not None) == (otherwise == "fail")


def test_results_of_an_analysis_can_be_decided_by(bench):
    bench.services.results = {"states": {"BX-": {"lifetime_ns": {"value": 7.5, "error": 0.2}}}}
    good = Condition(value="BX-.lifetime_ns.error", below=0.3)
    bench.engine.run([AcquirePhotons(duration_s=1), Analyze(), If(condition=good, then=(SetShutter(open=True),))])
    assert bench.rig.log[0] == "open"


def test_conditions_can_be_combined():
    values = {"photons": 10, "emitters.verdict": "one"}
    one = Condition(value="emitters.verdict", equals="one")
    many = Condition(value="photons", above=5, below=20)
    few = Condition(value="photons", below=5)
    assert Condition(all_of=(one, many)).holds(values)
    assert not Condition(all_of=(one, few)).holds(values)
    assert Condition(any_of=(few, one)).holds(values)
    assert Condition(none_of=few).holds(values)
    assert Condition(value="centred", equals=True).describe() == "centred is true"
    assert Condition(value="centred", equals=False).describe() == "centred is false"
    assert Condition(all_of=(one, many)).describe() == "(emitters.verdict is one and photons is above 5 and below 20)"


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("{value: count_rate, above: 3}", "did you mean 'count_rate_cps'"),
        ("{value: BX3-.lifetime_ns, above: 3}", "no step gives 'BX3-.lifetime_ns'"),
        ("{value: photons}", "compares photons with nothing clear"),
        ("{above: 3}", "exactly one of value, all, any, not"),
        ("{value: photons, above: 3, all: [{value: photons, below: 1}]}", "exactly one of value, all, any, not"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused_with_its_line(tmp_path, condition, said):
    path = tmp_path / "sequence.yaml"
    text = f"name: a\nsteps:\n  - kind: if\n    condition: {condition}\n    then: [{{kind: soak, duration: 1 s}}]\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="line 4") as caught:
        load_sequence(path)
    assert said in str(caught.value)


def test_a_value_that_is_not_there_yet_fails_the_run_with_what_is_known(bench):
    outcome = bench.engine.run([If(condition=BRIGHT, then=(SetShutter(open=True),))])
    assert "no step before gave count_rate_cps" in str(outcome.error)


def test_both_branches_are_checked_before_anything_is_switched_on(bench):
    hot = (SetTemperature(temperature_c=80),)
    with pytest.raises(SequenceError, match="80 is above 60"):
        bench.engine.run([*LIGHT, If(condition=BRIGHT, then=(SetShutter(open=True),), otherwise=hot)])
    assert bench.rig.log == []


def test_a_step_that_is_not_enabled_is_left_out_and_not_checked(bench):
    bench.engine.run([SetTemperature(temperature_c=80, enabled=False), SetShutter(open=True)])
    assert bench.rig.log == ["open", "safe"]
    assert bench.said("step_skipped")[0]["kind"] == "set_temperature"


def test_the_note_of_a_step_is_in_the_journal(bench):
    bench.engine.run([Soak(duration_s=1, note="the dot blinks a lot")])
    assert bench.said("step_started")[0]["note"] == "the dot blinks a lot"


def fails(times, error, then):
    """Return a call that raises `error` so many times, and does `then` afterwards."""
    left = [times]

    def call(*given):
        if left[0]:
            left[0] -= 1
            raise error
        return then(*given)

    return call


def test_a_step_that_fails_on_the_wire_is_tried_again_in_the_dark_and_the_light_comes_back(bench):
    heat = bench.rig.heater.heat_to_c
    bench.rig.heater.heat_to_c = fails(2, CommunicationError("heater", "no answer"), heat)
    step = SetTemperature(temperature_c=40, retry=Retry(times=2, wait_s=10))
    outcome = bench.engine.run([*LIGHT, step])
    assert outcome.status is RunStatus.COMPLETED
    assert bench.rig.clock.now() == 20
    assert bench.rig.log.count("dark") == 2
    assert bench.rig.log[-4:] == ["emission on", "open", "heat 40", "safe"]
    assert [entry["attempt"] for entry in bench.said("step_retried")] == [2, 3]


def test_a_step_that_fails_too_often_fails_the_run_or_is_skipped(bench):
    for then, status in (("fail", RunStatus.FAILED), ("skip", RunStatus.COMPLETED)):
        bench.rig.heater.heat_to_c = fails(9, CommunicationError("heater", "no answer"), lambda value: None)
        outcome = bench.engine.run([SetTemperature(temperature_c=40, retry=Retry(times=1, then=then))])
        assert outcome.status is status
    assert bench.said("step_skipped")[-1]["reason"] == "heater: no answer"


def test_a_fault_is_never_tried_again(bench):
    bench.rig.heater.heat_to_c = fails(1, FaultError("heater", "over-temperature"), lambda value: None)
    outcome = bench.engine.run([SetTemperature(temperature_c=40, retry=Retry(times=5))])
    assert outcome.status is RunStatus.FAILED
    assert bench.said("step_retried") == []


def test_an_acquisition_that_breaks_goes_on_in_the_same_point(bench):
    def fail_once():
        bench.when_block(-1, lambda: None)
        raise CommunicationError("spad_array", "the cable is out")

    bench.when_block(4, fail_once)
    warm = [SetTemperature(temperature_c=40), WaitUntilStable()]
    outcome = bench.engine.run([*warm, *LIGHT, AcquirePhotons(duration_s=2, retry=Retry())])
    assert outcome.status is RunStatus.COMPLETED
    [point] = outcome.points
    assert point.result.elapsed_s == pytest.approx(2.0, abs=1e-5)
    assert bench.recorders[1].blocks[0].gaps[0].reason == "failed and tried again"
    assert [entry for entry in bench.rig.log if entry.startswith("heat")] == ["heat 40", "heat 40"]


def test_the_retry_of_a_repeat_holds_for_its_steps(bench):
    bench.rig.heater.heat_to_c = fails(1, CommunicationError("heater", "no answer"), lambda value: None)
    steps = [{"kind": "set_temperature", "temperature": "$t"}]
    repeat = {"kind": "repeat", "for": "t", "values": ["40 degC"], "steps": steps, "retry": {"times": 1}}
    assert bench.engine.run(read_steps([repeat])).status is RunStatus.COMPLETED


CALLED = """\
name: one_temperature
steps:
  - {kind: set_temperature, temperature: $goal}
  - {kind: acquire_photons, duration: 1 s, label: at $goal}
"""


def called(tmp_path, line="- {kind: call, sequence: other.yaml, with: {goal: 40 degC}}", other=CALLED):
    (tmp_path / "other.yaml").write_text(other, encoding="utf-8")
    path = tmp_path / "sequence.yaml"
    path.write_text(f"name: a\nsteps:\n  {line}\n", encoding="utf-8")
    return path


def test_another_sequence_is_called_with_values(bench, tmp_path):
    sequence, _ = load_sequence(called(tmp_path))
    outcome = bench.engine.run(sequence.steps)
    assert [point.label for point in outcome.points] == ["at 40 degC"]
    assert "heat 40" in bench.rig.log


def test_a_called_sequence_is_written_out_in_the_sequence_as_run(tmp_path):
    sequence, _ = load_sequence(called(tmp_path))
    assert [step["kind"] for step in sequence.as_run()["steps"]] == ["set_temperature", "acquire_photons"]


@pytest.mark.parametrize(
    ("line", "other", "said"),
    [
        ("- {kind: call, sequence: none.yaml}", CALLED, "no such file"),
        ("- {kind: call, sequence: other.yaml}", CALLED, "other.yaml wants goal; `with` gives nothing"),
        ("- {kind: call, sequence: other.yaml, with: {gaol: 40 degC}}", CALLED, "did you mean goal by gaol?"),
        ("- {kind: call, sequence: other.yaml, with: {goal: 40 degC, dot: 7}}", CALLED, "does not use dot"),
        ("- {kind: call, sequence: other.yaml, with: {goal: 40 K s}}", CALLED, "line 3"),
        ("- {kind: call, sequence: other.yaml}", "name: a\nsteps:\n  - {kind: sit}\n", "'sit' is not a known kind"),
        (
            "- {kind: call, sequence: other.yaml}",
            "name: a\nsteps:\n  - {kind: call, sequence: sequence.yaml}\n",
            "calls itself",
        ),
    ],
)
def test_a_call_that_cannot_be_is_refused_with_its_line(tmp_path, line, other, said):
    with pytest.raises(ConfigError, match=r"sequence\.yaml, line 3") as caught:
        load_sequence(called(tmp_path, line, other))
    assert said in str(caught.value)


def test_a_generator_gets_the_values_of_its_steps(bench):
    seen = []

    def adaptive():
        yield from LIGHT
        yield SetLaser(intensity_percent=10)
        point = yield AcquirePhotons(duration_s=1)
        seen.append(point)

    assert bench.engine.run(adaptive()).status is RunStatus.COMPLETED
    assert seen[0]["photons"] == 10_000
    assert seen[0]["count_rate_cps"] == pytest.approx(10_000)
