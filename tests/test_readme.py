"""What the README shows as a file of one's own is a file that works."""

import re
from pathlib import Path

from acquisition.config import parse_config
from acquisition.rig import open_rig
from acquisition.sequence import Sequence, check_sequence
from simulators.sample import Sample

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


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
