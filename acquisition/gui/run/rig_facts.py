"""What files say that matters before a run: metadata that the rig asks for, and the samples that are shipped."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ruamel.yaml import YAML

from acquisition.config import find_config, load_config, shipped_names
from acquisition.rig.file import RigFile


@dataclass(frozen=True, slots=True)
class RigFacts:
    """Of a rig file, and of what can lie under a simulated microscope.

    Attributes
    ----------
    required : tuple of str
        Metadata without which no run starts.
    samples : mapping
        The shipped samples: in words what each is, by its name.
    """

    required: tuple[str, ...] = ()
    samples: Mapping[str, str] = field(default_factory=dict)


def rig_facts(rig: str) -> RigFacts:
    """Return what is said in files; raises `ConfigError` if the rig file cannot be read.

    Parameters
    ----------
    rig : str
        Path of a rig file or name of a shipped one.
    """
    read = load_config(find_config("rigs", rig), RigFile)
    return RigFacts(tuple(read.required_metadata), {name: _about(name) for name in shipped_names("samples")})


def _about(sample: str) -> str:
    content = YAML(typ="safe", pure=True).load(find_config("samples", sample))
    about = str(content.get("description", sample))
    return about[:1].upper() + about[1:]
