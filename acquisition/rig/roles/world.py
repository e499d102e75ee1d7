"""What instruments are made with, beside their own settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from acquisition.rig.bench_file import BenchFile
from acquisition.rig.limits import RigLimits
from drivers.interfaces.device import Device
from simulators.bench import Bench


@dataclass(frozen=True, slots=True)
class World:
    """The surroundings of the instruments of one rig.

    Attributes
    ----------
    rig_file : Path
        The rig file; calibrations are looked for beside it, then among the shipped ones.
    simulation : Bench or None
        The simulated world, if any instrument is simulated in this process.
    described : BenchFile
        What the rig file says of the simulated world, also of instruments at the other end of a wire.
    limits : RigLimits
        What the rig as a whole stands; an instrument with a limit of its own is given no more.
    devices : mapping
        The instruments that are made already, by role.
    """

    rig_file: Path
    simulation: Bench | None
    described: BenchFile
    limits: RigLimits = field(default_factory=RigLimits)
    devices: Mapping[str, Device] = field(default_factory=dict)

    @property
    def bench(self) -> Bench:
        """The simulated world; only simulators ask for it, and a rig file that has them has a bench."""
        if self.simulation is None:
            raise ValueError("an instrument that is simulated in this process needs a bench")
        return self.simulation

    def with_devices(self, devices: Mapping[str, Device]) -> "World":
        """Return the surroundings in which these instruments are there, too."""
        return replace(self, devices=dict(devices))
