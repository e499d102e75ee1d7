"""A file says `40 ms`, the program sees 0.04; what is not a quantity of the right kind is refused with an example."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from acquisition.config import (
    Celsius,
    CelsiusDifference,
    ConfigError,
    ConfigModel,
    CountsPerSecond,
    ElectronVolts,
    Hertz,
    Nanoseconds,
    Percent,
    PerMicrosecond,
    Picoseconds,
    Seconds,
    parse_config,
    quantity,
)
from acquisition.config.quantity import PLAIN_FACTORS


class Everything(ConfigModel):
    exposure_s: Seconds = 1.0
    lifetime_ns: Nanoseconds = 1.0
    jitter_ps: Picoseconds = 1.0
    temperature_c: Celsius = 20.0
    tolerance_c: CelsiusDifference = 1.0
    repetition_rate_hz: Hertz = 1.0
    dark_rate_cps: CountsPerSecond = 1.0
    intensity_percent: Percent = 1.0
    b_per_us: PerMicrosecond = 1.0
    energy_ev: ElectronVolts = 1.0


@pytest.mark.parametrize(
    ("key", "text", "field", "value"),
    [
        ("exposure", "40 ms", "exposure_s", 0.04),
        ("exposure", "5 min", "exposure_s", 300.0),
        ("lifetime", "1 us", "lifetime_ns", 1000.0),
        ("lifetime", "59ns", "lifetime_ns", 59.0),
        ("jitter", "0.12 ns", "jitter_ps", 120.0),
        ("temperature", "60 degC", "temperature_c", 60.0),
        ("temperature", "60 °C", "temperature_c", 60.0),
        ("temperature", "293.15 K", "temperature_c", 20.0),
        ("tolerance", "0.5 K", "tolerance_c", 0.5),
        ("tolerance", "0.5 degC", "tolerance_c", 0.5),
        ("repetition_rate", "1 MHz", "repetition_rate_hz", 1e6),
        ("dark_rate", "0.25 kcps", "dark_rate_cps", 250.0),
        ("intensity", "20 %", "intensity_percent", 20.0),
        ("b", "58.3 /us", "b_per_us", 58.3),
        ("b", "58.3 1/us", "b_per_us", 58.3),
        ("energy", "57 meV", "energy_ev", 0.057),
    ],
)
def test_text_with_a_unit_becomes_a_number_in_the_unit_of_the_name(
    key: str, text: str, field: str, value: float
) -> None:
    assert getattr(Everything.model_validate({key: text}), field) == value


@pytest.mark.parametrize(
    ("key", "given", "said"),
    [
        ("exposure", "0.04", "0.04 has no unit; write a time with its unit, for example 40 ms"),
        ("exposure", "40 nm", "40 nm (nanometer) is not a time"),
        ("exposure", "40 parsnips", "'parsnips' is not a known unit"),
        ("exposure", "fast", "'fast' is not a number with a unit"),
        ("exposure", "1,5 s", "not a known unit"),
        ("exposure", "nan s", "not a number with a unit"),
        ("exposure", "1e999 s", "finite"),
        ("exposure", "1e999999999 ms", "a time"),
        ("exposure", "1 " + "s" * 1000, "not a number with a unit"),
        ("exposure", float("inf"), "finite"),
        ("exposure", True, "must be a time"),
        ("temperature", "60 C", "60 C (coulomb) is not a temperature; write for example 60 degC"),
        ("tolerance", "1 degF", "cannot be used as a temperature difference"),
        ("repetition_rate", "60 rpm", "is not a frequency"),
    ],
)
def test_other_things_are_refused_with_what_is_allowed(key: str, given: object, said: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Everything.model_validate({key: given})
    assert said in str(refusal.value)


def test_a_program_may_give_plain_numbers_by_the_name_with_the_unit() -> None:
    assert Everything(exposure_s=0.1, lifetime_ns=59).lifetime_ns == 59.0


@pytest.mark.parametrize(
    ("target", "unit"), [(target, unit) for target, factors in PLAIN_FACTORS.items() for unit in factors]
)
def test_the_factors_at_hand_are_those_of_pint(target: str, unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = quantity(target, "a quantity", f"1 {target}")
    texts = [f"{number} {unit}" for number in ("0", "1", "-0.1", "4e5", "2.7182818284590452353602874713527", "1e-320")]
    at_hand = [read.parse(text) for text in texts]
    monkeypatch.delitem(PLAIN_FACTORS[target], unit)
    assert [read.parse(text) for text in texts] == at_hand


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_quantity_written_as_text_reads_back_as_exactly_the_same_number(value: float) -> None:
    for unit in (
        quantity("ns", "a time", "1 ns"),
        quantity("degC", "a temperature", "60 degC"),
        quantity("percent", "%", ""),
    ):
        assert unit.parse(unit.to_text(value)) == value


@given(st.fixed_dictionaries({name: st.floats(-1e12, 1e12) for name in Everything.model_fields}))
def test_a_model_written_for_a_file_reads_back_equal(values: dict[str, float]) -> None:
    model = Everything(**values)
    data = model.to_file_data()
    assert all(isinstance(text, str) for text in data.values())
    assert Everything.model_validate(data, context={"from_file": True}) == model


@given(st.text(max_size=30))
def test_no_text_does_worse_than_a_refusal_with_an_example(text: str) -> None:
    try:
        answer: object = quantity("s", "a time", "40 ms").parse(text)
    except ValueError as refusal:
        answer = str(refusal)
    assert isinstance(answer, float) or "40 ms" in str(answer)


def test_bounds_and_lists_and_options_keep_the_unit_of_the_annotation() -> None:
    class Nested(ConfigModel):
        lifetimes_ns: list[Nanoseconds]
        exposure_s: Annotated[Seconds, Field(gt=0)] | None = None

    model = Nested.model_validate({"lifetimes": ["59 ns", "0.028 us"], "exposure": "40 ms"})
    assert (model.lifetimes_ns, model.exposure_s) == ([59.0, 28.0], 0.04)


def test_two_fields_with_the_same_key_in_files_are_refused_when_the_class_is_made() -> None:
    with pytest.raises(TypeError, match="key 'exposure'"):

        class Clash(ConfigModel):
            exposure_s: Seconds
            exposure_ns: Nanoseconds


def test_the_schema_speaks_of_the_keys_of_files() -> None:
    properties = Everything.model_json_schema()["properties"]
    assert properties["exposure"]["examples"] == ["40 ms"]


class _Bounded(ConfigModel):
    plain_ns: Nanoseconds = Field(gt=0, le=100)
    optional_percent: Percent | None = Field(default=None, ge=0)


@pytest.mark.parametrize("text", ["plain: 0 ns", "plain: -59 ns", "plain: 1 us", "plain: 1 ns\noptional: -1 %"])
def test_bounds_of_a_field_hold_for_quantities_of_a_file(text: str) -> None:
    with pytest.raises(ConfigError, match="must be"):
        parse_config(text, _Bounded)


@pytest.mark.parametrize("value", [0.0, 101.0, float("nan"), float("inf")])
def test_bounds_of_a_field_hold_for_numbers_of_a_program(value: float) -> None:
    with pytest.raises(ValidationError):
        _Bounded(plain_ns=value)


def test_quantities_inside_their_bounds_are_accepted() -> None:
    assert parse_config("plain: 0.1 us\noptional: 0 %", _Bounded) == _Bounded(plain_ns=100.0, optional_percent=0.0)
