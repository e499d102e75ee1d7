"""`cascadescope schema`: JSON Schema of sequence, rig and sample files, for editors."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from acquisition.cli.exit_status import SUCCESS
from acquisition.config.json_schema import json_schema
from acquisition.rig.schemas import rig_schema, sample_schema
from acquisition.sequence import Sequence


def sequence_schema() -> dict[str, Any]:
    """Return the schema of sequence files; values of steps may hold ``$name``."""
    return json_schema(Sequence, with_variables="acquisition.sequence.")


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = MappingProxyType(
    {"sequence": sequence_schema, "rig": rig_schema, "sample": sample_schema}
)


def write_schema(kind: str, out: str | None) -> int:
    """Write the schema of a kind of file to a file, or print it; returns the exit status."""
    text = json.dumps(SCHEMAS[kind](), indent=2, ensure_ascii=False)
    if out is None:
        print(text)
        return SUCCESS
    Path(out).write_text(text + "\n", encoding="utf-8")
    print(f"{out}: for the first line of your files: # yaml-language-server: $schema={out}")
    return SUCCESS
