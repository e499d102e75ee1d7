"""Kinds of cameras."""

from typing import Literal, TypeAlias

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.interfaces.camera import SpectrographCamera
from simulators.camera import CameraSettings, SimulatedCamera


class SimulatedCameraRole(Role, CameraSettings):
    """A simulated EMCCD behind a spectrograph."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> SpectrographCamera:
        """Return the simulator."""
        return SimulatedCamera(name, world.bench, CameraSettings(sensor=self.sensor, widefield=self.widefield))


CameraRole: TypeAlias = SimulatedCameraRole
