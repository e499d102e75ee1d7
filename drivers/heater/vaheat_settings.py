"""What a rig file says of a VAHEAT: its port, its temperatures, and what it is permitted to do."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Celsius, Percent, Seconds, quantity
from drivers.wire import address
from drivers.wire.address import SerialAddress

CelsiusPerSecond = Annotated[float, quantity("delta_degC/s", "a heating rate", "5 degC/s", "c_per_s")]

AUTO = address.AUTO
"""The port is searched for by its USB identity."""


class PowerPermit(ConfigModel):
    """How long and how strongly the substrate may be heated without control of its temperature."""

    longest_s: Seconds = Field(ge=0.1, le=9999)
    highest_power_percent: Percent = Field(gt=0, le=100)


class VaheatPermits(ConfigModel):
    """Which modes without control of the temperature are allowed; none by default."""

    direct: PowerPermit | None = None
    shock: PowerPermit | None = None


class VaheatSettings(ConfigModel):
    """Port, range of temperatures and permits of a VAHEAT.

    What the substrate stands depends on its kind and is not known to the controller's wire: `high_c` is written
    into the device as its own temperature limit. `highest_ramp_c_per_s` bounds the ramps of profiles; the
    default is a choice, not a rating.
    """

    port: SerialAddress = Field(min_length=1, default=AUTO)
    baud_rate: int = Field(ge=1200, le=921_600, default=115_200)
    reply_timeout_s: Seconds = Field(ge=0.05, le=5, default=1.0)
    low_c: Celsius = Field(ge=-50, default=0.0)
    high_c: Celsius = Field(le=200, default=100.0)
    highest_ramp_c_per_s: CelsiusPerSecond = Field(gt=0, le=100, default=10.0)
    permits: VaheatPermits = VaheatPermits()
    simulated: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low_c < self.high_c:
            raise ValueError(f"low = {self.low_c:g} degC must be below high = {self.high_c:g} degC")
        return self
