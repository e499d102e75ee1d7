"""Metadata with a meaning are checked, near misses are refused, and a rig gets what it asks for."""

import pytest

from acquisition.config import ConfigError, parse_config
from acquisition.sequence import Sequence, SequenceError
from acquisition.sequence.metadata import ALL_NAMES, check_required, power_at

FILE = """
name: dot
metadata:
  {}
steps:
  - {{kind: soak, duration: 1 s}}
"""


def metadata(text):
    return parse_config(FILE.format(text), Sequence, "dot.yaml").metadata


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("power_at_sample: 1.2 uW", {"power_at_sample_uw": 1.2}),
        ("power_at_sample: 3 nW", {"power_at_sample_uw": 0.003}),
        ("power_at_sample_uw: 3", {"power_at_sample_uw": 3.0}),
        ("power_at_intensity: 20 %", {"power_at_intensity_percent": 20.0}),
        ("excitations_per_pulse: 0.2", {"excitations_per_pulse": 0.2}),
        ("atmosphere: n2", {"atmosphere": "N2"}),
        ("atmosphere: 'other: N2 with 5 % O2'", {"atmosphere": "other: N2 with 5 % O2"}),
        ("sample: 7", {"sample": 7}),
        ("sample_batch: B12", {"sample_batch": "B12"}),
        ("weather: rain", {"weather": "rain"}),
        ("operator:", {"operator": None}),
    ],
)
def test_names_with_a_meaning_are_read_and_others_are_free(text, found):
    assert metadata(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("power_at_sample: 1.2", "must be a light power with its unit, for example 1.2 uW"),
        ("power_at_sample: 1.2 nm", "is not a light power"),
        ("power_at_sample: -1 uW", "should be greater than 0"),
        ("power_at_intensity: 200 %", "should be less than or equal to 100"),
        ("excitations_per_pulse: 0", "0 is not allowed: should be greater than 0"),
        ("excitations_per_pulse: true", "should be a valid number"),
        ("weather: .nan", "leave out what is not known"),
        ("atmosphere: helium", "allowed: N2, Ar, He"),
        ("purpose: true", "must be text"),
        ("sampel: dot 7", "key metadata.sampel: is not a name with a meaning; did you mean 'sample'?"),
        ("Operator: Ada", "did you mean 'operator'?"),
        ("power_at_sample_mw: 3", "did you mean 'power_at_sample_uw'?"),
        ("power_at_sample: 1 uW\n  power_at_sample_uw: 2", "says the same as power_at_sample_uw"),
    ],
)
def test_what_has_no_sense_or_is_a_near_miss_is_refused_with_its_line(text, message):
    with pytest.raises(ConfigError) as caught:
        metadata(text)
    assert message in str(caught.value)
    assert "dot.yaml, line 4" in str(caught.value)


def test_metadata_survive_writing_and_reading_the_sequence():
    sequence = parse_config(FILE.format("power_at_sample: 1.2 uW\n  note: free"), Sequence)
    assert Sequence.model_validate(sequence.as_run(), context={"from_file": True}) == sequence


def test_overrides_add_and_replace_metadata():
    sequence = parse_config(FILE.format("sample: dot 7"), Sequence)
    changed = sequence.changed({"metadata.sample": "dot 8", "metadata.power_at_sample": "2 uW", "soak.duration_s": 3})
    assert changed.metadata == {"sample": "dot 8", "power_at_sample_uw": 2.0}
    assert changed.plain_steps[0].duration_s == 3
    assert sequence.metadata == {"sample": "dot 7"}
    with pytest.raises(SequenceError, match=r"metadata\.operatr .*did you mean 'operator'"):
        sequence.changed({"metadata.operatr": "Ada"})


def test_what_a_rig_asks_for_is_named_with_what_it_is_for_and_where_to_write_it():
    given = metadata("sample: dot 7\n  power_at_sample: 1 uW")
    with pytest.raises(SequenceError) as caught:
        check_required(given, ALL_NAMES)
    message = str(caught.value)
    assert "not there: operator, purpose, atmosphere, objective." in message
    assert '--set metadata.operator="Ada"' in message
    assert "it changes charging and bleaching" in message
    check_required(given, ["sample", "power_at_sample"])


def test_a_power_holds_at_the_intensity_at_which_it_was_measured():
    known = metadata("power_at_sample: 2 uW\n  power_at_intensity: 20 %")
    assert power_at(known, 20.1) == 2.0
    assert power_at(known, 21.0) is None
    assert power_at(metadata("power_at_sample: 2 uW"), 20.0) is None
