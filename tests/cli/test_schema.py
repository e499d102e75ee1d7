"""The schemas that editors get take what the program takes, and mark what it refuses."""

import json
from io import StringIO

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from acquisition.cli.main import main
from acquisition.cli.schema import SCHEMAS
from acquisition.config import ConfigError, find_config, parse_config, shipped_names
from acquisition.rig import RigFile
from acquisition.sequence import Sequence
from acquisition.session.sequence_file import sequence_text
from simulators.sample import Sample

MODELS = {"sequence": Sequence, "rig": RigFile, "sample": Sample}
SHIPPED = [(kind, name) for kind in MODELS for name in shipped_names(f"{kind}s")]


def of_file(text):
    return YAML(typ="safe", pure=True).load(StringIO(text))


def problems(kind, data):
    return [error.message for error in Draft202012Validator(SCHEMAS[kind]()).iter_errors(data)]


def sequence_with(*steps, **more):
    lines = [f"  - {step}" for step in steps]
    return "\n".join(["name: test", *(f"{key}: {value}" for key, value in more.items()), "steps:", *lines])


@pytest.mark.parametrize("kind", MODELS)
def test_a_schema_is_one_of_draft_2020_12(kind):
    schema = SCHEMAS[kind]()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_a_shipped_file_fits(kind, name):
    assert problems(kind, of_file(find_config(f"{kind}s", name).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", shipped_names("sequences"))
def test_a_sequence_as_it_was_run_fits(name):
    sequence = parse_config(find_config("sequences", name).read_text(encoding="utf-8"), Sequence)
    assert problems("sequence", of_file(sequence_text(sequence))) == []


@pytest.mark.parametrize(
    "step",
    [
        "{kind: acquire_photons, duration: 40 ms}",
        "{kind: acquire_photons, duration: 1e3 s, until: {any: [{cascades: 100}, {dose: 5 uJ}]}}",
        "{kind: set_laser, repetition_rate: 1 MHz, intensity: 20%, emission: true}",
        "{kind: ramp_temperature, temperature: 60 degC, rate: 5 degC/min}",
        "{kind: repeat, for: on, values: [true, false], steps: [{kind: set_shutter, open: $on}]}",
        "{kind: repeat, for: t, values: [1, 2], steps: [{kind: soak, duration: $t s}]}",
        "{kind: repeat, for: how, values: [hold], steps: "
        "[{kind: set_temperature, temperature: 30 degC, on_pause: $how}]}",
        "{kind: if, condition: {value: photons, above: 5}, then: [{kind: analyze}], else: [{kind: analyze}]}",
        "{kind: prompt, text: 'In focus?', choices: ['yes', 'no'], timeout: 5 min, on_timeout: continue}",
        "{kind: soak, duration: 5 s, enabled: false, note: as yesterday, retry: {times: 2, wait: 1 s, then: skip}}",
    ],
)
def test_what_the_program_reads_fits(step):
    text = sequence_with(step)
    assert parse_config(text, Sequence).steps
    assert problems("sequence", of_file(text)) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("sequence", "steps: [{kind: analyze}]"),
        ("sequence", "name: no steps"),
        ("sequence", sequence_with("{kind: analyze}", colour="blue")),
        ("sequence", sequence_with("{kind: analyze}").replace("test", "'a name with spaces'")),
        ("sequence", sequence_with("{kind: aquire_photons, duration: 5 s}")),
        ("sequence", sequence_with("{duration: 5 s}")),
        ("sequence", sequence_with("{kind: acquire_photons}")),
        ("sequence", sequence_with("{kind: acquire_photons, duration: 5}")),
        ("sequence", sequence_with("{kind: acquire_photons, duration: '5'}")),
        ("sequence", sequence_with("{kind: acquire_photons, duration: five seconds}")),
        ("sequence", sequence_with("{kind: acquire_photons, duration: 5 s, exposure: 5 s}")),
        ("sequence", sequence_with("{kind: acquire_photons, duration: 5 s, until: {cascades: 0}}")),
        ("sequence", sequence_with("{kind: set_shutter, open: perhaps}")),
        ("sequence", sequence_with("{kind: set_temperature, temperature: 30 degC, on_pause: melt}")),
        ("sequence", sequence_with("{kind: repeat, for: 3x, values: [1], steps: [{kind: analyze}]}")),
        ("sequence", sequence_with("{kind: repeat, for: x, values: 1, steps: [{kind: analyze}]}")),
        ("sequence", sequence_with("{kind: call, sequence: cascade, steps: [{kind: analyze}]}")),
        ("sequence", sequence_with("{kind: soak, duration: 5 s, retry: {times: 0}}")),
        ("sequence", sequence_with("{kind: analyze}", cleanup="[{kind: acquire_photons, duration: 5 s}]")),
        ("sequence", sequence_with("{kind: analyze}", suspend="[{kind: weather}]")),
        ("rig", "name: empty"),
        ("rig", "name: odd\nroles: {laser: {kind: simulated}, spad_array: {kind: photographic_plate}}"),
        ("sample", "name: nothing"),
        ("sample", "name: dim\nemitters: [{photophysics: {kind: microstate, constants: {b: 55.7}}}]"),
    ],
)
def test_what_the_program_refuses_does_not_fit(kind, text):
    with pytest.raises(ConfigError):
        parse_config(text, MODELS[kind])
    assert problems(kind, of_file(text)) != []


def test_an_editor_shows_what_a_key_means():
    step = SCHEMAS["sequence"]()["$defs"]["WaitUntilStable"]
    assert step["description"].startswith("Wait until the substrate has stayed within")
    assert step["properties"]["on_timeout"]["description"].startswith("What follows if that has not happened")
    assert step["properties"]["window"]["examples"] == ["40 ms"]
    assert step["properties"]["window"]["default"] == "30.0 s"
    assert "tolerance_c" not in step["properties"]


@pytest.mark.parametrize("kind", MODELS)
def test_each_kind_of_thing_is_described_in_a_sentence(kind):
    schema = SCHEMAS[kind]()
    for name, model in {**schema["$defs"], "file": schema}.items():
        assert len(model["description"]) > 10, name
        assert "Attributes" not in model["description"]


def test_the_command_prints_or_writes(tmp_path, capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMAS["sequence"]()
    path = tmp_path / "rig.schema.json"
    assert main(["schema", "rig", "--out", str(path)]) == 0
    assert json.loads(path.read_text(encoding="utf-8")) == SCHEMAS["rig"]()
    assert f"# yaml-language-server: $schema={path}" in capsys.readouterr().out
    assert main(["schema", "weather"]) == 2
