"""What the READMEs of the drivers show of rig files can be written into rig files."""

import re
from pathlib import Path

import pytest

from acquisition.config.yaml_file import parse_config
from acquisition.rig.file import RigFile

DRIVERS = Path(__file__).resolve().parents[2] / "drivers"
RIG = """name: shown
bench: {sample: cdse_cds_table}
roles:
  laser: {kind: simulated}
  spad_array: {kind: simulated}
"""


@pytest.mark.parametrize(("folder", "kind"), [("camera", "andor_sdk2"), ("spectrograph", "andor_spectrograph")])
def test_the_example_of_a_readme_is_a_role(folder: str, kind: str) -> None:
    examples = re.findall(r"```yaml\n(.*?)```", (DRIVERS / folder / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 1
    text = RIG + "".join(f"  {line}\n" for line in examples[0].splitlines())
    role = parse_config(text, RigFile, "README.md").roles.present()[folder]
    assert role.kind == kind  # type: ignore[attr-defined]
