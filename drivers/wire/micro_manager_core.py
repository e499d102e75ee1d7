"""What is used of Micro-Manager: its core, and how a rig file names a device of it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Seconds


class MicroManagerSettings(ConfigModel):
    """A device of Micro-Manager: the configuration file (``.cfg``) that it stands in, and its label there.

    `adapters` is the folder of Micro-Manager's device adapters; without it that of `mmcore install` is taken.
    `timeout` is the longest that a single call may take.
    """

    config: str = Field(min_length=1)
    device: str = Field(min_length=1)
    adapters: str | None = None
    timeout_s: Seconds = Field(gt=0, le=60, default=5.0)
    simulated: bool = False


class Core(Protocol):
    """What is used of Micro-Manager's core; `pymmcore_plus.CMMCorePlus` has it. Errors are `RuntimeError`."""

    def getLoadedDevices(self) -> Sequence[str]:  # noqa: N802 - names of Micro-Manager
        """Return the labels of the devices."""

    def getDeviceLibrary(self, label: str) -> str:  # noqa: N802
        """Return the adapter of a device."""

    def getDeviceName(self, label: str) -> str:  # noqa: N802
        """Return what the adapter calls it."""

    def getVersionInfo(self) -> str:  # noqa: N802
        """Return the version of the core."""

    def unloadAllDevices(self) -> None:  # noqa: N802
        """Let go of all devices."""

    def deviceBusy(self, label: str) -> bool:  # noqa: N802
        """Return whether a device moves."""

    def stop(self, label: str) -> None:
        """Stop a stage."""

    def setXYPosition(self, label: str, x: float, y: float) -> None:  # noqa: N802
        """Set off, in um."""

    def getXYPosition(self, label: str) -> Sequence[float]:  # noqa: N802
        """Return x and y in um."""

    def setPosition(self, label: str, position: float) -> None:  # noqa: N802
        """Set off, in um."""

    def getPosition(self, label: str) -> float:  # noqa: N802
        """Return z in um."""

    def setProperty(self, label: str, name: str, value: str) -> None:  # noqa: N802
        """Set a property."""

    def getProperty(self, label: str, name: str) -> str:  # noqa: N802
        """Return a property."""


def load_core(settings: MicroManagerSettings) -> Core:
    """Load the configuration file into a new core.

    Raises
    ------
    ImportError
        Without the package pymmcore-plus.
    OSError, RuntimeError
        If the file or one of its devices cannot be used.
    """
    try:
        from pymmcore_plus import CMMCorePlus  # an extra, and slow to load
    except ImportError as error:
        raise ImportError(
            "the package pymmcore-plus is not installed; install cascadescope with its extra micro-manager, and "
            "Micro-Manager's adapters with `mmcore install`"
        ) from error
    core: Any = CMMCorePlus()
    if settings.adapters is not None:
        core.setDeviceAdapterSearchPaths([settings.adapters])
    core.loadSystemConfiguration(settings.config)
    return core  # type: ignore[no-any-return]


NewCore = Callable[[MicroManagerSettings], Core]
