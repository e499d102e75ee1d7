"""What the rig file says that matters before a run: metadata that it asks for, and what a simulated rig measures."""

from dataclasses import dataclass

from acquisition.config import find_config, load_config
from acquisition.rig.file import RigFile
from acquisition.rig.roles.role import SIMULATED


@dataclass(frozen=True, slots=True)
class RigFacts:
    """Of a rig file.

    Attributes
    ----------
    required : tuple of str
        Metadata without which no run starts.
    sample : str
        Sample of the simulated world; empty if the SPAD array is real.
    """

    required: tuple[str, ...] = ()
    sample: str = ""


def rig_facts(rig: str) -> RigFacts:
    """Return what a rig file says; raises `ConfigError` if it cannot be read.

    Parameters
    ----------
    rig : str
        Path of a rig file or name of a shipped one.
    """
    read = load_config(find_config("rigs", rig), RigFile)
    simulated = read.roles.spad_array.kind == SIMULATED and read.bench is not None
    return RigFacts(tuple(read.required_metadata), str(read.world.sample) if simulated else "")
