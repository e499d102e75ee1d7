"""Sequences come from files, and a file that is wrong is told line by line."""

import pytest

from acquisition.config import ConfigError, shipped_names
from acquisition.sequence import (
    AcquirePhotons,
    Repeat,
    Sequence,
    SequenceError,
    SetLaser,
    SetTemperature,
    check_sequence,
    load_sequence,
    read_steps,
)
from tests.sequence.fake_rig import FakeRig


def load(tmp_path, text):
    path = tmp_path / "sequence.yaml"
    path.write_text(text, encoding="utf-8")
    return load_sequence(path)[0]


def refusal(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return str(caught.value)


NESTED = """\
name: nested
steps:
  - kind: repeat
    for: temperature
    values: [20 degC, 40 degC]
    steps:
      - kind: set_temperature
        temperature: $temperature
      - kind: repeat
        for: intensity
        values: [10 %, 20 %]
        steps:
          - kind: set_laser
            intensity: $intensity
          - kind: acquire_photons
            duration: 2 s
            label: $temperature and $intensity
"""


@pytest.mark.parametrize("name", shipped_names("sequences"))
def test_each_shipped_sequence_can_be_read(name):
    sequence, path = load_sequence(name)
    assert path.stem == name
    assert any(isinstance(step, AcquirePhotons) for step in sequence.plain_steps)


def test_the_cascade_sequence_is_the_experiment_of_the_paper():
    sequence, _ = load_sequence("cascade")
    laser, shutter, photons = sequence.plain_steps
    assert laser == SetLaser(repetition_rate_hz=1e6, intensity_percent=20, emission=True)
    assert shutter.open
    assert photons.duration_s == 600


def test_nested_repeats_take_the_outer_value_slowest(tmp_path):
    steps = load(tmp_path, NESTED).plain_steps
    labels = [step.label for step in steps if isinstance(step, AcquirePhotons)]
    assert labels == ["20 degC and 10 %", "20 degC and 20 %", "40 degC and 10 %", "40 degC and 20 %"]
    assert [step.temperature_c for step in steps if isinstance(step, SetTemperature)] == [20, 40]
    assert [step.intensity_percent for step in steps if isinstance(step, SetLaser)] == [10, 20, 10, 20]


def test_what_was_run_can_be_read_again_and_does_the_same(tmp_path):
    sequence = load(tmp_path, NESTED)
    again = Sequence.model_validate(sequence.as_run())
    assert again.steps == sequence.plain_steps
    assert again.metadata == sequence.metadata


def test_a_wrong_value_in_a_repeat_is_found_at_its_line(tmp_path):
    message = refusal(tmp_path, NESTED.replace("duration: 2 s", "duration: 2"))
    assert "yaml, line 16, column 23" in message
    assert "2 has no unit" in message


def test_a_wrong_value_of_a_repeat_is_found_where_it_is_used(tmp_path):
    message = refusal(tmp_path, NESTED.replace("40 degC]", "40 s]"))
    assert "line 8" in message
    assert "40 s" in message


def test_an_unknown_variable_is_refused(tmp_path):
    assert "'temprature'" in refusal(tmp_path, NESTED.replace("label: $temperature", "label: $temprature"))
    assert "line 8" in refusal(tmp_path, NESTED.replace("temperature: $temperature", "temperature: $temp"))


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            "{kind: repeat, for: temperature, values: [20 degC], steps: [{kind: set_temperature, temperature: $temp}]}",
            "key steps[0].steps[0].temperature: no repeat around it defines 'temp' .*; defined: 'temperature'",
        ),
        (
            "{kind: repeat, for: a, values: [1 s], steps: [{kind: repeat, for: b, values: [1], "
            "steps: [{kind: acquire_photons, duration: $a, label: at $c}]}]}",
            "label: no repeat around it defines 'c' .*; defined: 'a', 'b'",
        ),
        ("{kind: acquire_photons, duration: $a}", "key steps[0].duration: no repeat .* 'a' .*; it stands in no repeat"),
    ],
)
def test_a_variable_that_no_repeat_defines_is_refused_by_its_name(tmp_path, steps, said):
    path = tmp_path / "sequence.yaml"
    path.write_text(f"name: a\nsteps:\n  - {steps}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=said.replace("[", r"\[")):
        load_sequence(path)


def test_the_same_variable_in_nested_repeats_is_refused(tmp_path):
    message = refusal(tmp_path, NESTED.replace("for: intensity", "for: temperature"))
    assert "stands inside another one over 'temperature'" in message


def test_an_unknown_kind_lists_the_kinds(tmp_path):
    message = refusal(tmp_path, "name: a\nsteps:\n  - kind: set_lazer\n")
    assert "line 3" in message
    assert "'set_laser'" in message
    assert "'repeat'" in message


def test_an_unknown_key_suggests_the_nearest(tmp_path):
    message = refusal(tmp_path, "name: a\nsteps:\n  - kind: acquire_photons\n    durration: 2 s\n    duration: 2 s\n")
    assert "line 4" in message
    assert "did you mean 'duration'" in message


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("{kind: set_laser}", "sets nothing"),
        ("{kind: acquire_photons, duration: 0 s}", "greater than"),
        ("{kind: acquire_photons, duration: 1 s, until: {cascades: 0}}", "greater than"),
        ("{kind: acquire_photons}", "duration"),
        ("{kind: wait_until_stable, window: 1 h, timeout: 1 min}", "must not be shorter than window"),
        ("{kind: wait_until_stable, tolerance: 0 degC}", "greater than"),
        ("{kind: repeat, for: a, values: [], steps: [{kind: set_shutter, open: true}]}", "empty list"),
        ("{kind: repeat, for: a, values: [1], steps: []}", "empty list"),
        ("{kind: repeat, for: a b, values: [1], steps: [{kind: set_shutter, open: true}]}", "pattern"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(tmp_path, step, message):
    text = refusal(tmp_path, f"name: a\nsteps:\n  - {step}\n")
    assert "line 3" in text
    assert message in text


def test_a_repeat_that_explodes_is_refused(tmp_path):
    inner = "{kind: set_shutter, open: true}"
    for variable in "abcde":
        inner = f"{{kind: repeat, for: {variable}, values: [{', '.join('1' * 20)}], steps: [{inner}]}}"
    assert "more than 10000 steps" in refusal(tmp_path, f"name: a\nsteps:\n  - {inner}\n")


def test_an_acquisition_in_the_cleanup_is_refused(tmp_path):
    steps = "steps: [{kind: set_shutter, open: true}]"
    text = refusal(tmp_path, f"name: a\n{steps}\ncleanup:\n  - {{kind: acquire_photons, duration: 1 s}}\n")
    assert "line 4" in text


def test_what_the_rig_does_not_allow_is_told_with_line_and_step(tmp_path):
    path = tmp_path / "hot.yaml"
    path.write_text(NESTED.replace("40 degC]", "80 degC]"), encoding="utf-8")
    rig = FakeRig()
    with pytest.raises(ConfigError) as caught:
        check_sequence(load_sequence(path)[0], rig, path)
    message = str(caught.value)
    assert "hot.yaml, line 7" in message
    assert "steps[0].steps[0]" in message
    assert "limit of the objective" in message
    assert rig.log == []


def test_settings_can_be_replaced_for_one_run():
    sequence, _ = load_sequence("cascade_temperatures")
    changed = sequence.changed({"acquire_photons.duration_s": 5.0, "set_laser.intensity": "10 %"})
    durations_s = [step.duration_s for step in changed.plain_steps if isinstance(step, AcquirePhotons)]
    assert durations_s == [5, 5, 5]
    assert {step.intensity_percent for step in changed.plain_steps if isinstance(step, SetLaser)} == {10.0}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"acquire_photons.time": 5.0}, "acquire_photons.duration,"),
        ({"acquire_photons.duration_s": -5.0}, "greater than 0"),
        ({"set_mirror.open": True}, "nothing to replace"),
    ],
)
def test_a_replacement_that_cannot_be_is_refused(overrides, message):
    with pytest.raises(SequenceError, match=message):
        load_sequence("cascade")[0].changed(overrides)


def test_programs_write_steps_as_objects_or_dicts():
    steps = read_steps([SetLaser(emission=True), {"kind": "acquire_photons", "duration_s": 2}])
    assert steps == (SetLaser(emission=True), AcquirePhotons(duration_s=2))
    repeat = Repeat(variable="s", values=(1, 2), steps=[{"kind": "acquire_photons", "duration_s": "$s"}])
    assert [step.duration_s for step in repeat.steps] == [1, 2]


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("{value: verdict, equals: single}", "verdict is never 'single'; it is one of one, several, undecided"),
        ("{any: [{value: verdict, above: 1}]}", "verdict is a text, which is not above or below anything; use equals"),
        ("{value: stable, equals: 'yes'}", "stable is never 'yes'; it is true or false"),
        ("{value: answer, equals: true}", "answer is never true; it is a text"),
        ("{value: BX-.lifetime_ns, equals: long}", "BX-.lifetime_ns is never 'long'; it is a number"),
    ],
)
def test_a_condition_that_can_never_be_true_is_refused_with_its_line(tmp_path, condition, reason):
    step = f"  - {{kind: if, condition: {condition}, then: [{{kind: analyze}}]}}"
    message = refusal(tmp_path, f"name: never\nsteps:\n{step}\n")
    assert reason in message
    assert "line 3" in message


def test_an_answer_that_no_prompt_offers_is_refused_with_its_line(tmp_path):
    path = tmp_path / "sequence.yaml"
    path.write_text(
        """\
name: asks
steps:
  - {kind: prompt, text: In focus?, choices: ["yes", "no"]}
  - kind: repeat
    for: label
    values: [a, b]
    steps:
      - {kind: soak, duration: 1 s}
      - kind: if
        condition: {not: {value: answer, equals: "Yes"}}
        then: [{kind: analyze}]
  - {kind: if, condition: {value: answer, equals: "no"}, then: [{kind: analyze}]}
""",
        encoding="utf-8",
    )
    sequence, path = load_sequence(path)
    with pytest.raises(ConfigError, match=r"answer is never 'Yes'; the prompts offer 'yes', 'no'") as caught:
        check_sequence(sequence, FakeRig(), path)
    assert [problem.line for problem in caught.value.problems] == [9]
