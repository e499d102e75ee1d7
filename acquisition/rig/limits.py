"""What the rig as a whole stands, from its file: the weakest part sets the limit."""

from pydantic import Field

from acquisition.config import Celsius, ConfigModel, CountsPerSecond, Percent
from drivers.interfaces.errors import RangeError
from drivers.interfaces.heater import HeatedSubstrate


class RigLimits(ConfigModel):
    """Highest temperature of each part that gets warm, highest laser intensity and count rate; None: no limit here."""

    heater_c: Celsius | None = None
    objective_c: Celsius | None = None
    immersion_c: Celsius | None = None
    sample_mount_c: Celsius | None = None
    laser_intensity_percent: Percent | None = Field(default=None, ge=0, le=100)
    count_rate_cps: CountsPerSecond | None = Field(default=None, gt=0)

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
