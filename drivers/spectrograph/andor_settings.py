"""What a rig file says of an Andor spectrograph."""

from typing import Literal, Self

from pydantic import Field, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Micrometres, Seconds
from drivers.wire.library import SIMULATED


class AndorSpectrographSettings(ConfigModel):
    """Andor spectrograph of a rig file.

    Attributes
    ----------
    library : str
        ``auto``, the path of the library, or ``simulated`` for a double of it.
    sdk_folder : str
        Folder of the library's own files; empty for the folder of the program.
    device_index : int
        Which spectrograph, from 0.
    serial_number : str, optional
        Which one it must be; another one is refused.
    simulated : bool
        Whether a simulator is expected; it must be said where the library is ``simulated``.
    entrance : {"side", "direct"}
        Which entrance slit the light comes through.
    lowest_slit_um, highest_slit_um : float
        Allowed width; 10 um ... 2.5 mm are the library's own bounds.
    shutter : {"camera_line", "software"}
        Whether its shutter, if it has one, follows the shutter line of the camera (BNC) or `set_shutter`.
    on_camera_bus : bool
        Whether it is reached through the camera (I2C), and so not while that acquires, instead of by USB.
    move_timeout_s : float
        Longest time for a move or any other call.
    """

    library: str = Field(min_length=1, default="auto")
    sdk_folder: str = ""
    device_index: int = Field(ge=0, le=7, default=0)
    serial_number: str | None = None
    simulated: bool = False
    entrance: Literal["side", "direct"] = "side"
    lowest_slit_um: Micrometres = Field(ge=10, le=2500, default=10.0)
    highest_slit_um: Micrometres = Field(ge=10, le=2500, default=2500.0)
    shutter: Literal["camera_line", "software"] = "camera_line"
    on_camera_bus: bool = False
    move_timeout_s: Seconds = Field(gt=0, le=600, default=90.0)

    @model_validator(mode="after")
    def _slit_has_a_range(self) -> Self:
        if self.lowest_slit_um >= self.highest_slit_um:
            raise ValueError("lowest_slit must be below highest_slit")
        return self

    @model_validator(mode="after")
    def _a_double_is_said_to_be_simulated(self) -> Self:
        if self.library == SIMULATED and not self.simulated:
            raise ValueError("library: simulated is no hardware; write `simulated: true` as well, or name a library")
        return self
