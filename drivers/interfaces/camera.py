"""A camera behind a spectrograph: frames whose columns are wavelengths and whose rows are places along the slit."""

from abc import abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.device import Device


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One exposure. The array becomes read-only, so that consumers may share it.

    Attributes
    ----------
    counts : uint16 or int32 array, shape (rows, columns)
        What was read out, bias included.
    number : int
        0 for the first frame of an acquisition.
    exposure_s : float
        How long it really was.
    em_gain : float
        Electron-multiplying gain; 1 without multiplication.
    started_s : float
        When the exposure began, in seconds since the first of the acquisition.
    saturated : bool
        Whether any pixel is at the end of its range.

    Raises
    ------
    ValueError
        If dtype or shape of the array are not as said.
    """

    counts: NDArray[np.uint16] | NDArray[np.int32]
    number: int
    exposure_s: float
    em_gain: float
    started_s: float
    saturated: bool

    def __post_init__(self) -> None:
        if self.counts.dtype not in (np.uint16, np.int32) or self.counts.ndim != 2:
            raise ValueError(
                f"counts must be a 2-D uint16 or int32 array, not {self.counts.ndim}-D {self.counts.dtype}"
            )
        self.counts.flags.writeable = False


class CameraLight(StrEnum):
    """What light falls on a camera; only a person knows. With any but that of the sample the EM gain stays off."""

    SAMPLE = "sample"
    LAMP = "lamp"
    ALIGNMENT = "alignment"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """State of a camera as it reports it.

    `temperature_stable` tells whether the sensor has come to rest at `setpoint_c`; `exposure_s` is the
    real one that the next frame has.
    """

    exposure_s: float
    em_gain: float
    temperature_c: float
    setpoint_c: float
    cooler: bool
    temperature_stable: bool
    shutter_open: bool
    acquiring: bool


class SpectrographCamera(Device):
    """An EMCCD behind a spectrograph. Safe means: no exposure runs, EM gain at its minimum, shutter closed.

    The cooler is no source: `make_safe` leaves it as it is. `limits` has the keys ``exposure_s``,
    ``em_gain`` and ``temperature_c``. Exposure and gain cannot be changed during an acquisition.
    """

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns of a frame."""

    @abstractmethod
    def wavelength_nm(self) -> NDArray[np.float64]:
        """Return the wavelength at the centre of each column, as the spectrograph stands now; shape (columns,).

        Raises
        ------
        StateError
            If not connected.
        """

    @abstractmethod
    def set_exposure_s(self, value: float) -> None:
        """Set the exposure time; `status` and each frame say what it really is.

        Raises
        ------
        RangeError
            Outside the limits.
        StateError
            If not connected, or during an acquisition.
        """

    @abstractmethod
    def set_em_gain(self, value: float) -> None:
        """Set the electron-multiplying gain; as `set_exposure_s`.

        Much light at high gain wears the sensor out, so that a camera may first take a frame at gain 1,
        its shutter open for one exposure, and refuse with `StateError` if the gain would be too high.
        """

    @abstractmethod
    def declare_light(self, light: CameraLight) -> None:
        """Say what light falls on the camera; with other light than the sample's the gain goes, and stays, off.

        Raises
        ------
        StateError
            If not connected, or during an acquisition.
        """

    @abstractmethod
    def set_temperature_c(self, value: float) -> None:
        """Set what the cooler controls the sensor to; does not wait. Raises `RangeError` outside the limits."""

    @abstractmethod
    def set_cooler(self, on: bool) -> None:
        """Switch the cooler. Raises `StateError` if not connected."""

    @abstractmethod
    def frames(self, count: int) -> Generator[Frame, None, None]:
        """Yield `count` frames, blocking for each; the shutter is open from the first to the last exposure.

        The caller owns the thread. Closing the generator ends the acquisition and leaves the camera
        idle, its shutter closed and its gain as it was. `make_safe` or `close` from another thread cut
        a running exposure short: it is not given out, and the generator ends.

        Raises
        ------
        RangeError
            At the first frame, if `count` is below 1.
        StateError
            At the first frame, if not connected or already acquiring.
        CommunicationError
            If the connection breaks; the frames before stay valid.
        """

    @abstractmethod
    def status(self) -> CameraStatus:
        """Read the state back. Raises `StateError` if not connected."""
