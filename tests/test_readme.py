"""What the README shows works as written: files of one's own, every step, the states, and its Python."""

import re
import shutil
from io import StringIO
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from acquisition.cli.schema import sequence_schema
from acquisition.config import parse_config
from acquisition.remote import Announcement, SessionServer
from acquisition.rig import open_rig
from acquisition.sequence import Sequence, State, check_sequence, check_steps
from acquisition.sequence.states import TRANSITIONS, Verb
from acquisition.sequence.steps.blocks import Step
from acquisition.session import LocalSession
from acquisition.user_folders import VARIABLE
from simulators.sample import Sample

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def shown(name: str) -> str:
    """Return the content of a YAML file that the README shows under this name."""
    [text] = [text for text in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if text.startswith(f"# {name}:")]
    return str(text)


def test_the_sequence_of_the_readme_is_allowed_on_the_simulated_rig(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(shown("mine.yaml"), encoding="utf-8")
    sequence = parse_config(shown("mine.yaml"), Sequence)
    assert [step.kind for step in sequence.plain_steps].count("acquire_photons") == 2
    with open_rig("simulated") as rig:
        check_sequence(sequence, rig, path)


def test_the_sample_of_the_readme_is_one() -> None:
    assert parse_config(shown("dot.yaml"), Sample).name == "my_dot"


STEPS = re.findall(r"^\| `(\{kind: .*\})` \|", README, re.MULTILINE)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
[OF_A_NOTEBOOK] = [text for text in PYTHON if "RemoteSession" in text]
PYTHON.remove(OF_A_NOTEBOOK)


def test_the_readme_shows_every_kind_of_step() -> None:
    union, _ = get_args(Step)
    kinds = {str(model.model_fields["kind"].default) for model in get_args(union)}
    shown = {re.match(r"\{kind: (\w+)", step)[1] for step in STEPS}  # type: ignore[index]
    named = set(re.findall(r"`(\w+)`", README))
    assert shown <= kinds
    assert kinds - shown == {"count_late_light", "store_table"} <= named


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_the_readme_is_allowed_on_the_simulated_rig_and_by_the_schema(step: str, tmp_path: Path) -> None:
    rig_file = tmp_path / "rig.yaml"  # the simulated rig with a spectrograph and a permit in addition
    shipped = (ROOT / "configs" / "rigs" / "simulated.yaml").read_text(encoding="utf-8")
    more = shipped.replace("  shutter:", "  spectrograph: {kind: simulated}\n  shutter:")
    permit = "permits: {direct: {longest: 60 s, highest_power: 20 %}}"
    more = more.replace("heater: {kind: simulated}", f"heater: {{kind: simulated, {permit}}}")
    rig_file.write_text(more, encoding="utf-8")
    text = f"name: shown\nsteps:\n  - {step}"
    sequence = parse_config(text, Sequence)
    with open_rig(rig_file) as rig:
        check_steps(sequence.plain_steps, rig)
    data = YAML(typ="safe", pure=True).load(StringIO(text))
    assert list(Draft202012Validator(sequence_schema()).iter_errors(data)) == []


def test_the_conditions_that_suspend_a_run_are_allowed() -> None:
    [block] = [text for text in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if text.startswith("suspend:")]
    sequence = parse_config(f"name: shown\nsteps: [{{kind: analyze}}]\n{block}", Sequence)
    assert [condition.kind for condition in sequence.suspend] == ["temperature", "count_rate", "disk"]


def test_the_goals_and_common_keys_of_the_readme_are_allowed() -> None:
    goals = re.findall(r"`(\{(?:cascades|dose|relative_error|single_emitter|time): .*?\}+)`", README)
    assert len(goals) == 5
    for goal in goals:
        text = f"name: shown\nsteps: [{{kind: acquire_photons, duration: 1 h, until: {goal}}}]"
        assert parse_config(text, Sequence).steps
    [retry] = re.findall(r"`(retry: \{.*?\})`", README)
    common = f"enabled: false, note: dim, repeatable: false, {retry}"
    assert parse_config(f"name: shown\nsteps: [{{kind: analyze, {common}}}]", Sequence).steps[0].retry


def test_the_states_of_the_readme_are_those_of_the_engine() -> None:
    verbs = (Verb.PAUSE, Verb.RESUME, Verb.STOP, Verb.ABORT)
    rows = [f"| state | {' | '.join(verbs)} |", "|---|---|---|---|---|"]
    for state in State:
        rows.append(f"| {state} | {' | '.join(TRANSITIONS.get((state, verb), '–') for verb in verbs)} |")
    assert "\n".join(rows) in README


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_the_python_of_the_readme_runs_as_written(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(PYTHON[number], f"README.md, block {number + 1} of Python", "exec"), names)
    result = names["result"]
    assert result.status == "completed"  # type: ignore[attr-defined]
    assert all(point["photons"] > 1_000_000 for point in result.points)  # type: ignore[attr-defined]
    assert capsys.readouterr().out
    assert len(list((tmp_path / "runs").glob("*/sequence.yaml"))) == 1


def test_the_python_for_a_notebook_asks_a_server_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    with (
        LocalSession("simulated", str(tmp_path / "runs")) as session,
        SessionServer(session, Announcement("simulated")),
    ):
        names: dict[str, object] = {}
        exec(compile(OF_A_NOTEBOOK, "README.md, Python for a notebook", "exec"), names)
    result: dict[str, dict[str, object]] = names["result"]  # type: ignore[assignment]
    assert result["run"]["metadata"]["sample"] == "dot 7"  # type: ignore[index]
    assert capsys.readouterr().out.splitlines()[-1].startswith("completed ")
