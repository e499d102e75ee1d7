"""What the rig as a whole stands, from its file: the weakest part sets the limit."""

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field, ValidationInfo

from acquisition.config import Celsius, ConfigModel, CountsPerSecond, Percent
from acquisition.config.quantity import FROM_FILE
from drivers.interfaces.errors import RangeError
from drivers.interfaces.heater import HeatedSubstrate

NO_LIMIT = "none"
"""What a file says where a part sets no limit."""


def _none_or_limit(value: Any, info: ValidationInfo) -> Any:
    """Read the word for no limit; a file must say the word, as a value that was forgotten looks the same as None."""
    if value is None and info.context and info.context.get(FROM_FILE):
        raise ValueError(f"is empty; write a temperature, for example 70 degC, or {NO_LIMIT}")
    return None if value == NO_LIMIT else value


PartLimit: TypeAlias = Annotated[Celsius | None, BeforeValidator(_none_or_limit)]


class RigLimits(ConfigModel):
    """Highest temperature of each part that gets warm, laser intensity, count rate, EM gain; None: no limit here."""

    heater_c: PartLimit = None
    objective_c: PartLimit = None
    immersion_c: PartLimit = None
    sample_mount_c: PartLimit = None
    laser_intensity_percent: Percent | None = Field(default=None, ge=0, le=100)
    count_rate_cps: CountsPerSecond | None = Field(default=None, gt=0)
    em_gain: float | None = Field(default=None, ge=1, le=1000)

    def temperatures_not_given(self) -> list[str]:
        """Return the keys of the temperature limits that neither have a value nor are said to be none."""
        keys = {name: name.removesuffix("_c") for name in type(self).model_fields if name.endswith("_c")}
        return [key for name, key in keys.items() if name not in self.model_fields_set]

    def lowest_temperature_c(self, heater: HeatedSubstrate | None) -> tuple[float, str] | None:
        """Return the lowest of the temperature limits and what sets it; None if there is none.

        The heater's own limit counts too.
        """
        named = [
            (self.heater_c, "the heater (limits of the rig file)"),
            (self.objective_c, "the objective"),
            (self.immersion_c, "the immersion medium"),
            (self.sample_mount_c, "the sample mount"),
        ]
        if heater is not None and "temperature_c" in heater.limits:
            named.append((heater.limits["temperature_c"].high, "the heater"))
        known = [(limit, name) for limit, name in named if limit is not None]
        return min(known, key=lambda item: item[0]) if known else None

    def check_reached_c(self, temperature_c: float, heater: HeatedSubstrate | None) -> None:
        """Check a temperature that was measured, or is about to be reached; one below the heater's range is no danger.

        Raises
        ------
        RangeError
            As `check_temperature_c`.
        """
        own = None if heater is None else heater.limits.get("temperature_c")
        self.check_temperature_c(own.low if own is not None and temperature_c < own.low else temperature_c, heater)

    def check_temperature_c(self, temperature_c: float, heater: HeatedSubstrate | None) -> None:
        """Check a temperature of the sample.

        Raises
        ------
        RangeError
            If a part of the rig does not stand it, naming the part, or if it is not a number.
        """
        lowest = self.lowest_temperature_c(heater)
        if lowest is not None and not temperature_c <= lowest[0]:
            limit_c, part = lowest
            raise RangeError(
                "heater" if heater is None else heater.name,
                f"{temperature_c:g} degC is not allowed: {part} stands at most {limit_c:g} degC; "
                "choose a lower temperature or a rig that allows it",
            )
        if heater is not None and "temperature_c" in heater.limits:
            heater.limits["temperature_c"].check(heater.name, "temperature_c", temperature_c)
