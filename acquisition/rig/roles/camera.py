"""Kinds of cameras."""

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import Field

from acquisition.rig.roles.role import Role
from acquisition.rig.roles.world import World
from drivers.camera.andor_settings import AndorSdk2Settings
from drivers.interfaces.camera import SpectrographCamera
from drivers.interfaces.spectrograph import Spectrograph
from drivers.wire.library import SIMULATED as SIMULATED_LIBRARY
from simulators.camera import CameraSettings, SimulatedCamera

if TYPE_CHECKING:
    from simulators.sdk.andor_camera import AndorCameraDouble

OF_THE_CAMERA = frozenset({"camera_no_new_data", "camera_acquiring", "camera_vanished"})


class SimulatedCameraRole(Role, CameraSettings):
    """A simulated EMCCD behind a spectrograph."""

    kind: Literal["simulated"]

    def make(self, name: str, world: World) -> SpectrographCamera:
        """Return the simulator."""
        return SimulatedCamera(name, world.bench, CameraSettings(sensor=self.sensor, widefield=self.widefield))

    @property
    def faults(self) -> frozenset[str]:
        """Those of the camera."""
        return OF_THE_CAMERA


class AndorSdk2Role(Role, AndorSdk2Settings):
    """An Andor EMCCD; with ``library: simulated`` a double of the vendor's library on the bench.

    With `bench`, host and port of the control port of `cascadescope simulate`, the double sees the world there,
    else the one of this process. The rig's spectrograph, if it has one, tells the camera its wavelengths.
    """

    kind: Literal["andor_sdk2"]
    bench: str = Field(default="", pattern=r"^$|^[^\s:]+:\d{1,5}$")

    def make(self, name: str, world: World) -> SpectrographCamera:
        """Return the driver."""
        from drivers.camera.andor_sdk2 import AndorSdk2Camera  # loaded only where it takes part

        before = world.devices.get("spectrograph")
        spectrograph = before if isinstance(before, Spectrograph) else None
        double = self._double(world) if self.library == SIMULATED_LIBRARY else None
        return AndorSdk2Camera(name, self, spectrograph=spectrograph, library=double)

    @property
    def faults(self) -> frozenset[str]:
        """Those of the camera, if its library is a double."""
        return OF_THE_CAMERA if self.library == SIMULATED_LIBRARY else frozenset()

    def _double(self, world: World) -> "AndorCameraDouble":
        from drivers.spectrograph.andor_spectrograph import AndorSpectrograph  # loaded only where it takes part
        from simulators.sdk.andor_camera import AndorCameraDouble
        from simulators.sdk.andor_sensor import AndorSensor
        from simulators.sdk.andor_spectrograph import AndorSpectrographDouble
        from simulators.sdk.remote_world import RemoteScene, RemoteWorld
        from simulators.sdk.scene import BenchScene

        remote = RemoteWorld(self.bench) if self.bench else None
        scene = BenchScene(world.bench) if remote is None else RemoteScene(remote)
        before = world.devices.get("spectrograph")
        spectrograph = before if isinstance(before, AndorSpectrograph) else None
        seen_through = None if spectrograph is None else spectrograph.library
        described = world.described.camera
        sensor = AndorSensor(
            scene,
            described.sensor,
            described.widefield,
            spectrograph=seen_through if isinstance(seen_through, AndorSpectrographDouble) else None,
        )
        if remote is None:
            double = AndorCameraDouble(sensor, world.bench.faults)
        else:
            double = AndorCameraDouble(sensor, remote, hang_up=remote.close)
        if spectrograph is not None and spectrograph.on_camera_bus and seen_through is not None:
            seen_through.unreachable = lambda: sensor.running
        return double

    @property
    def in_real_time(self) -> bool:
        """Whether a trial takes the simulator instead, as this one waits in the time of the wall."""
        return True

    @property
    def in_process(self) -> bool:
        """Whether its library is a double on the bench of this process."""
        return self.library == SIMULATED_LIBRARY and not self.bench


CameraRole: TypeAlias = Annotated[SimulatedCameraRole | AndorSdk2Role, Field(discriminator="kind")]
