"""What may play each role of a rig: one file per role, one model per kind of instrument."""

from typing import Any

from acquisition.config import ConfigModel
from acquisition.rig.roles.attenuator import AttenuatorRole
from acquisition.rig.roles.camera import CameraRole
from acquisition.rig.roles.focus import FocusRole
from acquisition.rig.roles.heater import HeaterRole
from acquisition.rig.roles.laser import LaserRole
from acquisition.rig.roles.power_meter import PowerMeterRole
from acquisition.rig.roles.role import Role
from acquisition.rig.roles.shutter import ShutterRole
from acquisition.rig.roles.spad_array import SpadArrayRole
from acquisition.rig.roles.spectrograph import SpectrographRole
from acquisition.rig.roles.stage import StageRole
from acquisition.rig.roles.world import World
from drivers.interfaces.device import Device

__all__ = ["Roles", "make_devices"]


class Roles(ConfigModel):
    """Which instrument does what; all but laser and SPAD array may be missing.

    An instrument that needs another one, such as a laser behind a shutter, stands after it: they are made in
    this order.
    """

    shutter: ShutterRole | None = None
    laser: LaserRole
    attenuator: AttenuatorRole | None = None
    power_meter: PowerMeterRole | None = None
    heater: HeaterRole | None = None
    stage: StageRole | None = None
    focus: FocusRole | None = None
    spectrograph: SpectrographRole | None = None
    camera: CameraRole | None = None
    spad_array: SpadArrayRole

    def present(self) -> dict[str, Role]:
        """Return the roles that are played, in the order in which their instruments are made."""
        roles = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: role for name, role in roles.items() if role is not None}


def make_devices(roles: Roles, world: World) -> dict[str, Any]:
    """Make the instrument of each role, by role; nothing is connected, and a role that nobody plays is None."""
    devices: dict[str, Device] = {}
    for name, role in roles.present().items():
        devices[name] = role.make(name, world.with_devices(devices))
    return {name: devices.get(name) for name in type(roles).model_fields}
