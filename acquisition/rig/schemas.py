"""JSON Schemas of the files that describe a rig and a simulated sample."""

from typing import Any

from acquisition.config.json_schema import json_schema
from acquisition.rig.file import RigFile
from simulators.sample import Sample


def rig_schema() -> dict[str, Any]:
    """Return the schema of rig files."""
    return json_schema(RigFile)


def sample_schema() -> dict[str, Any]:
    """Return the schema of sample files."""
    return json_schema(Sample)
