"""What heats the plate of the bench, and what can go wrong with it: the same for every kind of simulated heater."""

from simulators.bench import Bench

ALARM = "SIMULATED_ALARM"
"""What a heater says while the fault ``heater_alarm`` lasts; the words of real ones were not found."""


class Heating:
    """The controller of the bench's plate, and its faults; faults begin and end when anybody looks.

    The caller holds the lock of the bench.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._overshoot_c, self._said_c = 0.0, 0.0
        self._sensor_held = False

    @property
    def setpoint_c(self) -> float | None:
        """What the controller says that it controls to; None if it does not."""
        setpoint_c = self._bench.plant.setpoint_c
        return self._said_c if setpoint_c is not None and self._overshoot_c else setpoint_c

    @property
    def alarm(self) -> str | None:
        """The alarm, if there is one."""
        return ALARM if self._bench.faults.active("heater_alarm") is not None else None

    def look(self, now_s: float) -> None:
        """Let the faults begin and end that have to."""
        plant, faults = self._bench.plant, self._bench.faults
        if self.alarm is not None and (plant.setpoint_c is not None or plant.power(now_s) > 0):
            self.off(now_s)
        stuck = faults.active("heater_sensor_stuck") is not None
        if stuck != self._sensor_held:
            self._sensor_held = stuck
            plant.hold_sensor(now_s, held=stuck)
        overshoot = faults.active("heater_overshoot")
        overshoot_c = 0.0 if overshoot is None else overshoot["overshoot_c"]
        if overshoot_c != self._overshoot_c:
            said_c = self.setpoint_c
            self._overshoot_c = overshoot_c
            if said_c is not None:
                self.move_to_c(now_s, said_c)

    def temperature_c(self, now_s: float) -> float:
        """Return what the sensor shows."""
        self.look(now_s)
        return self._bench.plant.sensor_c(now_s)

    def heat_to_c(self, now_s: float, setpoint_c: float) -> None:
        """Begin to control the temperature."""
        self.look(now_s)
        self._said_c = setpoint_c
        self._bench.plant.set_setpoint_c(now_s, setpoint_c + self._overshoot_c)

    def move_to_c(self, now_s: float, setpoint_c: float) -> None:
        """Move the setpoint of the controller that is at work."""
        self._said_c = setpoint_c
        self._bench.plant.move_setpoint_c(now_s, setpoint_c + self._overshoot_c)

    def heat_with_power(self, now_s: float, share: float) -> None:
        """Heat with constant power."""
        self.look(now_s)
        self._bench.plant.set_power(now_s, share)

    def off(self, now_s: float) -> None:
        """Switch the heating off."""
        self._bench.plant.set_setpoint_c(now_s, None)
