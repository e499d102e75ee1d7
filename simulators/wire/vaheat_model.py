"""The controller inside a simulated VAHEAT: four modes, profiles, its own temperature limit, alarms and keylock."""

from dataclasses import dataclass, field

from simulators.bench import Bench
from simulators.heating import Heating

LIMIT_ALARM = "TEMPERATURE_LIMIT"
"""What the simulator says above its own limit; the word of real devices was not found."""

OVERSHOOT_C = 3.0
"""How far the controlled modes may get above the limit before the heating stops."""

MODES = ("AUTO", "DIRECT", "SHOCK", "PROFILE")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a profile: `duration_s` from its beginning, ramp included."""

    duration_s: float
    rate_c_per_s: float
    setpoint_c: float


@dataclass(slots=True)
class Stored:
    """What the device keeps when it is switched off."""

    setpoint_auto_c: float = 40.0
    power_direct_percent: float = 100.0
    power_shock_percent: float = 20.0
    duration_shock_s: float = 1.0
    brightness: int = 5
    haptic_strength: int = 3
    limit_c: float = 100.0
    limit_enabled: bool = False
    pid: dict[str, float] = field(default_factory=lambda: {"p": 150, "i": 70, "d": 0})
    profile_number: int = -1
    profiles: dict[int, tuple[str, tuple[Step, ...]]] = field(default_factory=dict)


class VaheatModel:
    """What the device does on the bench. The caller holds the lock of the bench.

    Parameters
    ----------
    bench : Bench
        Whose plate is heated.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench, self._heating = bench, Heating(bench)
        self.stored = Stored()
        self.mode, self.keylock, self.is_heating = "AUTO", False, False
        self._began_s, self._began_c = 0.0, 0.0
        self._step = -1

    @property
    def temperature_c(self) -> float:
        """What the sensor shows now."""
        return self._heating.temperature_c(self._now_s)

    @property
    def power(self) -> float:
        """Heating power as a share of full power."""
        return self._bench.plant.power(self._now_s)

    @property
    def alarm(self) -> str | None:
        """The alarm, if there is one; above the limit until it has cooled down."""
        if self._heating.alarm is not None:
            return self._heating.alarm
        return LIMIT_ALARM if self.temperature_c > self._stop_c() else None

    @property
    def setpoint(self) -> tuple[float, str]:
        """The setpoint of the mode, and its unit."""
        if self.mode == "DIRECT":
            return self.stored.power_direct_percent, "%"
        if self.mode == "SHOCK":
            return self.stored.power_shock_percent, "%"
        if self.mode == "PROFILE":
            return self._heating.setpoint_c or 0.0, "^C"
        return self.stored.setpoint_auto_c, "^C"

    @property
    def step(self) -> int:
        """Number of the step that runs, from 1; -1 if none does."""
        return self._step

    def exceeds_limit(self, temperature_c: float) -> bool:
        """Whether the device's own limit forbids a temperature."""
        return self.stored.limit_enabled and temperature_c > self.stored.limit_c

    def start(self) -> None:
        """Begin to heat in the present mode."""
        now_s = self._now_s
        self._began_s, self._began_c, self.is_heating = now_s, self.temperature_c, True
        if self.mode == "AUTO":
            self._heating.heat_to_c(now_s, self.stored.setpoint_auto_c)
        elif self.mode == "DIRECT":
            self._heating.heat_with_power(now_s, self.stored.power_direct_percent / 100)
        elif self.mode == "SHOCK":
            self._heating.heat_with_power(now_s, self.stored.power_shock_percent / 100)
        else:
            self._heating.heat_to_c(now_s, self._began_c)
        self.advance()

    def stop(self) -> None:
        """Stop heating."""
        self._stop(self._now_s)

    def advance(self) -> None:
        """Do what the time has come for."""
        now_s = self._now_s
        if self.is_heating and self.alarm is not None:
            self._stop(now_s)
        if self.is_heating and self.mode == "SHOCK" and now_s >= self._began_s + self.stored.duration_shock_s:
            self._stop(self._began_s + self.stored.duration_shock_s)
        if self.is_heating and self.mode == "PROFILE":
            self._follow_profile(now_s)

    def _follow_profile(self, now_s: float) -> None:
        passed_s, from_c = now_s - self._began_s, self._began_c
        steps = self.stored.profiles[self.stored.profile_number][1]
        for number, step in enumerate(steps, start=1):
            if passed_s < step.duration_s:
                way_c = step.setpoint_c - from_c
                moved_c = min(abs(way_c), step.rate_c_per_s * passed_s)
                self._step = number
                self._heating.move_to_c(now_s, from_c + (moved_c if way_c > 0 else -moved_c))
                return
            passed_s, from_c = passed_s - step.duration_s, step.setpoint_c
        self._stop(now_s)

    def _stop(self, time_s: float) -> None:
        self.is_heating, self._step = False, -1
        self._heating.off(time_s)

    def _stop_c(self) -> float:
        """Return the temperature above which nothing heats."""
        if not self.stored.limit_enabled:
            return float("inf")
        return self.stored.limit_c + (OVERSHOOT_C if self.mode in {"AUTO", "PROFILE"} else 0.0)

    @property
    def _now_s(self) -> float:
        return self._bench.clock.now()
