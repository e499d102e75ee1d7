"""A form of any step holds what the step holds, and says beside each field what is wrong with it."""

from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qtpy.QtCore import Qt
from ruamel.yaml import YAML

from acquisition.config import find_config, shipped_names
from acquisition.gui.forms.fields import ChoiceField, QuantityField, SwitchField
from acquisition.gui.forms.form import Form
from acquisition.gui.forms.nested import OneOfField, PartsField
from acquisition.sequence import AcquirePhotons, If, MoveStage, Prompt, Sequence, SetLaser, Soak
from acquisition.sequence.steps.blocks import Call, Repeat, Step
from acquisition.sequence.watch.conditions import CountRate

MODELS = {model.model_fields["kind"].default: model for model in get_args(get_args(Step)[0])}
CHILDREN = ("steps", "then", "else")


def steps_in(part):
    """Yield every step of plain data."""
    if isinstance(part, dict):
        if part.get("kind") in MODELS:
            yield part
        for inner in part.values():
            yield from steps_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from steps_in(inner)


SHIPPED = [
    step
    for name in shipped_names("sequences")
    for step in steps_in(YAML(typ="safe", pure=True).load(find_config("sequences", name)))
]

goals = st.recursive(
    st.one_of(
        st.integers(1, 10**6).map(lambda number: {"cascades": number}),
        st.integers(1, 99).map(lambda percent: {"relative_error": {"of": "lifetime of BX-", "below": f"{percent} %"}}),
        st.just({"single_emitter": {}}),
        st.floats(0.1, 10).map(lambda sigma: {"single_emitter": {"sigma": sigma, "or_several": True}}),
        st.integers(1, 100).map(lambda minutes: {"time": f"{minutes} min"}),
        st.just({"dose": "5 uJ"}),
    ),
    lambda inner: st.tuples(st.sampled_from(["any", "all"]), st.lists(inner, min_size=1, max_size=3)).map(
        lambda pair: {pair[0]: pair[1]}
    ),
    max_leaves=4,
)
conditions = st.recursive(
    st.one_of(
        st.floats(-1e6, 1e6).map(lambda number: {"value": "count_rate_cps", "below": number}),
        st.tuples(st.integers(0, 9), st.integers(10, 99)).map(
            lambda ends: {"value": "BX-.lifetime_ns", "above": ends[0], "below": ends[1]}
        ),
        st.sampled_from([{"value": "verdict", "equals": "one"}, {"value": "centred", "equals": True}]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)
times = st.sampled_from(["40 ms", "10 min", "0.5 h", "3 s", "$wait"])
lengths = st.sampled_from(["0 um", "-3.5 um", "150 nm", "$x"])
texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20)
common = {
    "enabled": st.booleans(),
    "note": texts,
    "retry": st.fixed_dictionaries({}, optional={"times": st.integers(1, 9), "wait": times, "then": st.just("skip")}),
}


def some_of(*items):
    """Return a strategy of lists that are not empty."""
    return st.lists(st.one_of(*items), min_size=1)


def step(kind, required=None, **optional):
    """Return a strategy of the data of a step."""
    given = {"kind": st.just(kind), **(required or {})}
    return st.fixed_dictionaries(given, optional={**common, **optional})


steps = st.one_of(
    step("set_laser", {"emission": st.booleans()}, repetition_rate=st.just("0.5 MHz"), intensity=st.just("20 %")),
    step("set_temperature", {"temperature": st.sampled_from(["60 degC", "$t"])}, on_pause=st.just("off")),
    step("acquire_photons", {"duration": times}, until=goals, label=texts, background=st.sampled_from(["dark", None])),
    step("acquire_spectra", {"exposure": times}, frames=st.integers(1, 99), em_gain=st.floats(1, 9)),
    step("count_photons", {"duration": times}, pixels=st.just([107, 151]), window=st.just(["19 ns", "180 ns"])),
    step("move_stage", {"x": lengths}, y=lengths, relative=st.booleans(), repeatable=st.booleans()),
    step("prompt", {"text": st.just("Go on?")}, choices=some_of(st.sampled_from(["yes", "no, stop", "3", "true"]))),
    step("power_series", {"intensities": st.just(["5 %", "20 %", "60 %"]), "duration": times}, until=st.just("9 us")),
    step("repeat", {"for": st.just("t"), "values": some_of(st.just("20 degC"), st.integers(), st.booleans())}),
    step("repeat_until", {"condition": conditions, "most_rounds": st.integers(1, 9)}, otherwise=st.just("continue")),
    step("if", {"condition": conditions}, then=st.just([{"kind": "analyze"}])),
    step("store_table", {"title": texts, "columns": st.just(["a", "b"]), "rows": st.just([[1, None], [2.5, 3]])}),
    step("call", {"sequence": st.just("cascade")}, **{"with": st.just({"time": "20 s", "rounds": 3})}),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(SHIPPED)))
def test_every_shipped_step_survives_its_form(desk, qtbot, number):
    data = SHIPPED[number]
    form = Form(desk, MODELS[data["kind"]], data)
    qtbot.addWidget(form)
    assert form.data() == data
    assert form.problems() == []


@given(steps)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_step_survives_its_form(desk, data):
    form = Form(desk, MODELS[data["kind"]], data)
    shown = form.data()
    assert without_silence(shown) == without_silence(data)
    form.deleteLater()


def without_silence(data):
    """Return data without what means the same if it is not there."""
    return {key: value for key, value in data.items() if value is not None and value != ""}


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_every_kind_has_a_form_whose_fields_say_what_they_are(desk, qtbot, kind):
    form = Form(desk, MODELS[kind])
    qtbot.addWidget(form)
    required = {info.alias or name for name, info in MODELS[kind].model_fields.items() if info.is_required()}
    assert set(form.data()) <= {"kind", *required}
    assert set(form.fields) >= {"enabled", "note", "retry"}
    assert not set(form.fields) & set(CHILDREN)


def test_what_the_model_refuses_is_said_at_its_field(desk, qtbot):
    form = Form(
        desk, AcquirePhotons, {"duration": "10 min", "until": {"relative_error": {"of": "colour", "below": "3 %"}}}
    )
    qtbot.addWidget(form)
    [problem] = form.problems()
    assert problem.startswith("Until: relative_error.of: 'colour' is not a result")
    assert "not a result" in form.fields["until"].toolTip()


def test_what_belongs_to_no_single_field_is_said_below_all(desk, qtbot):
    form = Form(desk, SetLaser)
    qtbot.addWidget(form)
    assert form.problems() == [
        "sets nothing; give repetition_rate (1 MHz), intensity (20 %) or emission (true or false)"
    ]


def test_a_missing_value_is_said_with_an_example(desk, qtbot):
    form = Form(desk, Soak)
    qtbot.addWidget(form)
    assert form.problems() == ["Duration: is missing; write a time, for example 40 ms"]


def test_limits_of_the_instrument_are_kept_beside_those_of_the_model(desk, qtbot):
    form = Form(desk, SetLaser, {"intensity": "50 %"}, {"intensity_percent": (0.0, 40.0)})
    qtbot.addWidget(form)
    assert form.problems() == ["Intensity: must be at most 40 % and at least 0 %"]


def test_a_change_is_told_once_and_is_in_the_data_with_its_unit(desk, qtbot):
    form = Form(desk, SetLaser, {"intensity": "20 %"})
    qtbot.addWidget(form)
    field = form.fields["intensity"]
    with qtbot.waitSignal(form.changed):
        field.line.selectAll()
        qtbot.keyClicks(field.line, "35")
        qtbot.keyClick(field.line, Qt.Key.Key_Return)
    assert form.data() == {"kind": "set_laser", "intensity": "35 %"}


def test_a_key_that_the_form_does_not_know_is_kept_and_refused(desk, qtbot):
    data = {"kind": "soak", "duration": "3 s", "colour": "blue"}
    form = Form(desk, Soak, data)
    qtbot.addWidget(form)
    assert form.data() == data
    assert form.problems()[0].startswith("Colour: is not a known key")


@pytest.mark.parametrize(
    ("key", "value"),
    [("retry", 3), ("until", "soon"), ("until", {"photons": 3}), ("duration", [1]), ("enabled", "maybe")],
)
def test_what_a_file_has_wrong_is_shown_and_told_and_not_lost(desk, qtbot, key, value):
    form = Form(desk, AcquirePhotons, {"duration": "3 s", key: value})
    qtbot.addWidget(form)
    assert key in form.data()
    assert form.data()[key] in (value, str(value))
    assert form.problems()


def test_a_goal_is_chosen_and_filled_in(desk, qtbot):
    form = Form(desk, AcquirePhotons, {"duration": "10 min"})
    qtbot.addWidget(form)
    until = form.fields["until"]
    assert isinstance(until, OneOfField)
    choose(until.findChild(ChoiceField), "time")
    assert form.problems()[0].endswith("write a time, for example 40 ms")
    field = until.findChild(QuantityField)
    qtbot.keyClicks(field.line, "5 min")
    qtbot.keyClick(field.line, Qt.Key.Key_Return)
    assert form.data() == {"kind": "acquire_photons", "duration": "10 min", "until": {"time": "5 min"}}
    choose(until.findChild(ChoiceField), None)
    assert form.data() == {"kind": "acquire_photons", "duration": "10 min"}


def choose(field, value):
    """Choose as a person would."""
    field.box.setCurrentIndex(field.box.findData(value))
    field.box.activated.emit(field.box.currentIndex())


def test_parts_are_added_and_removed(desk, qtbot):
    form = Form(desk, Sequence, {"suspend": [{"kind": "disk", "free": "2 GB"}]}, only=("suspend",))
    qtbot.addWidget(form)
    parts = form.fields["suspend"]
    assert isinstance(parts, PartsField)
    parts.add_button.click()
    assert form.data()["suspend"] == [{"kind": "disk", "free": "2 GB"}, {"kind": "laser_rate"}]


def test_a_retry_is_switched_on_and_off(desk, qtbot):
    form = Form(desk, Soak, {"duration": "3 s"})
    qtbot.addWidget(form)
    switch = form.fields["retry"].findChild(SwitchField)
    switch.switch.click()
    assert form.data()["retry"] == {}
    switch.switch.click()
    assert "retry" not in form.data()


def test_an_old_step_is_forgotten_when_another_one_is_shown(desk, qtbot):
    form = Form(desk, MoveStage, {"x": "3 um", "note": "there"})
    qtbot.addWidget(form)
    form.set_data({"y": "1 um"})
    assert form.data() == {"kind": "move_stage", "y": "1 um"}


def test_a_variable_is_left_to_whoever_knows_the_repeat(desk, qtbot):
    form = Form(desk, Prompt, {"text": "Is emitter $emitter one?", "choices": "$answers"})
    qtbot.addWidget(form)
    assert form.problems() == []


@pytest.mark.parametrize(
    ("model", "key"), [(Repeat, "for"), (Call, "sequence"), (If, "condition"), (CountRate, "below")]
)
def test_every_row_has_words_for_its_tooltip(desk, qtbot, model, key):
    form = Form(desk, model)
    qtbot.addWidget(form)
    assert len(form.fields[key].toolTip()) > 20
