"""The instruments of a rig as devices of Bluesky, for whoever measures with its RunEngine.

Bluesky itself is not imported: its protocols ask for methods, not for base classes.
"""

from acquisition.bluesky_adapter.device import Quantity, RigDevice
from acquisition.bluesky_adapter.devices import BlueskyDevices, bluesky_devices, ending_safely
from acquisition.bluesky_adapter.photons import PhotonExposure, RecorderFactory
from acquisition.bluesky_adapter.setting import Setting
from acquisition.bluesky_adapter.stage_axis import StageAxis
from acquisition.bluesky_adapter.status import Status, WorkInterruptedError
from acquisition.bluesky_adapter.temperature import Stability, Temperature

__all__ = [
    "BlueskyDevices",
    "PhotonExposure",
    "Quantity",
    "RecorderFactory",
    "RigDevice",
    "Setting",
    "Stability",
    "StageAxis",
    "Status",
    "Temperature",
    "WorkInterruptedError",
    "bluesky_devices",
    "ending_safely",
]
