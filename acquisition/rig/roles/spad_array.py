"""Kinds of SPAD arrays."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from acquisition.config import ConfigError, ConfigProblem, position_in_file
from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.spad_array import SpadArray
from drivers.spad_array.device_calibration import LoadedCalibration, load_device_calibration
from drivers.spad_array.spad_lambda_settings import SpadLambdaSettings
from simulators.detector import DetectorSettings
from simulators.spad_array import SimulatedSpadArray
from simulators.wire.lspad_settings import LspadSettings
from simulators.wire.server import HOST, WireServer

OF_PULSES = frozenset({"laser_stops", "laser_drops_pulses"})
"""Faults of the laser that show where its pulses are counted."""

OF_THE_DETECTOR = frozenset(
    {"spad_connection_dropped", "spad_silent", "spad_garbage", "spad_fifo_overflow", "spad_chip_jump"}
)


class SimulatedSpadArrayRole(Role, DetectorSettings):
    """A simulated SPAD array."""

    kind: Literal["simulated"]

    def settings(self) -> DetectorSettings:
        """Return what the simulator takes."""
        return DetectorSettings(**self.model_dump(exclude={"kind"}))

    def make(self, name: str, world: World) -> SpadArray:
        """Return the simulator."""
        return SimulatedSpadArray(name, world.bench, self.settings())

    @property
    def faults(self) -> frozenset[str]:
        """Those of the pulses that it counts."""
        return OF_PULSES


class SpadLambdaRole(Role, SpadLambdaSettings):
    """A SPAD Lambda behind the vendor's command server."""

    kind: Literal["spad_lambda"]

    def make(self, name: str, world: World) -> SpadArray:
        """Return the driver."""
        from drivers.spad_array.spad_lambda import SpadLambda  # loads compiled code

        return SpadLambda(name, self, self.read_calibration(name, world.rig_file))

    def read_calibration(self, name: str, rig_file: Path) -> LoadedCalibration:
        """Return the calibration of the device. Raises `ConfigError` with the line of the rig file."""
        try:
            return load_device_calibration(self.calibration, rig_file.parent)
        except ConfigError as error:
            place = ("roles", name, "calibration")
            what = f"{self.calibration}: {'; '.join(str(problem) for problem in error.problems)}"
            problem = ConfigProblem(what, ".".join(place), *position_in_file(rig_file, place))
            raise ConfigError(str(rig_file), problem) from error

    @property
    def faults(self) -> frozenset[str]:
        """Those of server, stream and chips, and of the pulses that it counts."""
        return OF_THE_DETECTOR | OF_PULSES if self.simulated else frozenset()

    def server(self, name: str, world: World) -> WireServer | None:
        """Return a simulated lSPAD at `port`. Raises `ConfigError` if none can be there."""
        from simulators.wire.lspad import LspadServer  # loads compiled code

        if not self.simulated:
            return None
        if self.host not in (HOST, "localhost"):
            place = ("roles", name, "host")
            message = f"nobody can be simulated at {self.host!r}; write {HOST}"
            problem = ConfigProblem(message, ".".join(place), *position_in_file(world.rig_file, place))
            raise ConfigError(str(world.rig_file), problem)
        described = world.described
        return LspadServer(name, world.bench, self.port, _found(described.lspad, world), described.spad_array)


def _found(settings: LspadSettings, world: World) -> LspadSettings:
    """Return settings whose calibration file may lie beside the rig file."""
    beside = world.rig_file.parent / settings.device
    return settings.model_copy(update={"device": str(beside)}) if beside.is_file() else settings


SpadArrayRole: TypeAlias = Annotated[SimulatedSpadArrayRole | SpadLambdaRole, Field(discriminator="kind")]
