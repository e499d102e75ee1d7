"""What a rig file says of an Andor EMCCD."""

from typing import Literal, Self

from pydantic import Field, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Celsius, Milliseconds, Nanometres, Seconds
from drivers.camera.gain_protection import GainProtectionSettings
from drivers.wire.library import SIMULATED


class FixedWavelength(ConfigModel):
    """Wavelengths of the columns where no spectrograph can be asked: straight line, measured with a lamp."""

    first_column_nm: Nanometres = Field(gt=0)
    column_step_nm: Nanometres = Field()


class AndorReadoutSettings(ConfigModel):
    """How the sensor is read out; the numbers are indices into the lists of the camera (its manual, or Solis).

    `vertical_shift_speed` None takes the fastest that the camera recommends. With the EM amplifier the image of
    an iXon Ultra comes reversed (seen by others, unverified here): then set `flip_columns`. `row_bin` sums rows.
    """

    ad_channel: int = Field(ge=0, le=16, default=0)
    horizontal_shift_speed: int = Field(ge=0, le=64, default=0)
    preamp_gain: int = Field(ge=0, le=16, default=0)
    vertical_shift_speed: int | None = Field(ge=0, le=64, default=None)
    vertical_clock_amplitude: int | None = Field(ge=0, le=16, default=None)
    frame_transfer: bool = False
    row_bin: int = Field(ge=1, le=4096, default=1)
    flip_columns: bool = False


class AndorSdk2Settings(ConfigModel):
    """Andor EMCCD through SDK2.

    Attributes
    ----------
    library : str
        ``auto``, the path of the SDK's library, or ``simulated`` for a double of it.
    sdk_folder : str
        Folder of the SDK's own files (``Initialize``); empty for the folder of the program.
    camera_index : int
        Which camera, from 0, if several are there.
    serial_number : int, optional
        Which one it must be; another one is refused.
    simulated : bool
        Whether a simulator is expected; it must be said where the library is ``simulated``.
    shutter_open_high : bool
        Whether the shutter line is high when open.
    temperature_c : float
        What the cooler controls to from the start.
    cooler_on_connect : bool
        Whether the cooler goes on with the connection.
    cooler_on_close : {"off", "keep"}
        What becomes of it at the end; modern cameras need no slow warming (the vendor, quoted by others).
    patience_s : float
        How long a frame may be late before the camera counts as silent.
    gain : GainProtectionSettings
        What protects the sensor; from its data sheet.
    wavelength : FixedWavelength, optional
        Where the rig has no spectrograph that can be asked.
    """

    library: str = Field(min_length=1, default="auto")
    sdk_folder: str = ""
    camera_index: int = Field(ge=0, le=7, default=0)
    serial_number: int | None = None
    simulated: bool = False
    readout: AndorReadoutSettings = AndorReadoutSettings()
    shutter_open_high: bool = True
    shutter_opening_ms: Milliseconds = Field(ge=0, le=1000, default=30.0)
    shutter_closing_ms: Milliseconds = Field(ge=0, le=1000, default=30.0)
    temperature_c: Celsius = Field(ge=-120, le=40, default=-60.0)
    cooler_on_connect: bool = True
    cooler_on_close: Literal["off", "keep"] = "off"
    fan: Literal["full", "low", "off"] = "full"
    longest_exposure_s: Seconds = Field(gt=0, le=86_400, default=3600.0)
    patience_s: Seconds = Field(gt=0, le=600, default=5.0)
    gain: GainProtectionSettings
    wavelength: FixedWavelength | None = None

    @model_validator(mode="after")
    def _a_double_is_said_to_be_simulated(self) -> Self:
        if self.library == SIMULATED and not self.simulated:
            raise ValueError("library: simulated is no hardware; write `simulated: true` as well, or name a library")
        return self
