"""How a rig file describes a Taiko PDL M1."""

from typing import Literal, Self

from pydantic import Field, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Hertz
from drivers.laser.generator_settings import Volts

SIMULATED = "simulated"


class TaikoSettings(ConfigModel):
    """A Taiko PDL M1.

    `library` is the path of PDLM_Lib.dll, `auto` for where PicoQuant installs it, or `simulated`. `serial` may be
    `any`. With an external trigger, `external_rate` is what the operator declares its rate to be, and
    `trigger_level` the level of its edge.
    """

    library: str = Field(min_length=1, default="auto")
    serial: str = Field(min_length=1, default="any")
    triggering: Literal["internal", "external falling", "external rising"] = "internal"
    external_rate_hz: Hertz | None = Field(gt=0, le=100e6, default=None)
    trigger_level_v: Volts | None = Field(ge=-5, le=5, default=None)

    @property
    def external(self) -> bool:
        """Whether something else triggers it."""
        return self.triggering != "internal"

    @property
    def simulated(self) -> bool:
        """Whether a double of the library takes its place."""
        return self.library == SIMULATED

    @model_validator(mode="after")
    def _external_has_its_keys(self) -> Self:
        given = self.external_rate_hz is not None, self.trigger_level_v is not None
        if self.external and not all(given):
            raise ValueError(f"triggering: {self.triggering} needs external_rate and trigger_level")
        if not self.external and any(given):
            raise ValueError("external_rate and trigger_level are for an external trigger; remove them")
        return self
