"""The driver of an Interherence VAHEAT: a heated coverslip whose controller speaks JSON over a USB serial port."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from drivers.heater.vaheat_answers import VaheatInfo, VaheatStatus
from drivers.heater.vaheat_link import VaheatLink
from drivers.heater.vaheat_opening import find_port, opened
from drivers.heater.vaheat_port import ListPorts, OpenPort, open_port, ports_of_this_computer
from drivers.heater.vaheat_profile import READ_BACK, ProfileStep, check_profile
from drivers.heater.vaheat_settings import AUTO, VaheatSettings
from drivers.heater.vaheat_stopping import Stopping
from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import CommunicationError, RangeError, StateError
from drivers.interfaces.heater import HeaterStatus, PoweredHeater, PowerLimits
from drivers.interfaces.rescue import Rescue
from drivers.wire.whose import check_whose

SHORTEST_S = 0.1
LOWEST_POWER_PERCENT = 0.1
LOWEST_RAMP_C_PER_S = 0.001
STREAM_RATES_HZ = (1, 2, 5, 10, 20)

SHOCK_MARGIN_S = 1.0
"""The device ends a shock itself; this much later it is stopped as well."""


class Vaheat(PoweredHeater):
    """A VAHEAT. Its thread reads the port from `connect` to `close`.

    When the program dies or the port vanishes, the device goes on heating: its own temperature limit, written at
    each `connect`, is then the last one that holds, and the guardian stops it.

    Parameters
    ----------
    name : str
        Of the instrument in its rig.
    settings : VaheatSettings
        Port, limits, permits.
    open_port : callable
        Opens a serial port by name and baud rate.
    list_ports : callable
        Returns the serial ports of this computer.
    """

    def __init__(
        self,
        name: str,
        settings: VaheatSettings | None = None,
        *,
        open_port: OpenPort = open_port,
        list_ports: ListPorts = ports_of_this_computer,
    ) -> None:
        super().__init__(name)
        self._settings = settings or VaheatSettings()
        self._open_port, self._list_ports = open_port, list_ports
        self._open_link: VaheatLink | None = None
        self._info = VaheatInfo("", "")
        self._port = self._settings.port
        self._stopping = Stopping(name, self._settings, open_port, list_ports)
        self._wanted: Mapping[str, PlainValue] = {"setpoint_c": None, "heating": False}
        self._limits = MappingProxyType({"temperature_c": Limits(self._settings.low_c, self._settings.high_c)})

    @property
    def connected(self) -> bool:
        """Whether the device can be talked to; false once its port has failed."""
        return self._connected and self._open_link is not None and self._open_link.broken is None

    @property
    def identity(self) -> Identity:
        """Who the device says it is."""
        self.require_connected()
        info = self._info
        return Identity("Interherence", "VAHEAT", info.serial_number, info.version, self._settings.simulated)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed temperatures."""
        return self._limits

    @property
    def packet(self) -> Mapping[str, Any] | None:
        """The last packet of streaming, as the device sent it; its format is unverified on hardware."""
        return None if self._open_link is None else self._open_link.packet

    def connect(self) -> None:
        """Find and open the port, check who answers, stop the heating and write the device's own limit.

        Raises
        ------
        CommunicationError
            If there is no port, or no VAHEAT answers.
        StateError
            If a simulator answers where hardware is meant, or the other way round, or the limit is not taken.
        """
        if self.connected:
            return
        self._release()
        said, port = self._settings, self._settings.port
        if port == AUTO:
            port = find_port(self.name, said.baud_rate, said.reply_timeout_s, self._open_port, self._list_ports)
        link = opened(self.name, port, said.baud_rate, said.reply_timeout_s, self._open_port)
        try:
            info = link.info()
            check_whose(self.name, f"{info.serial_number} {info.version}", simulated=said.simulated)
            link.stop()
            link.stream(None)
            link.write_limit_c(said.high_c)
        except BaseException:
            link.close()
            raise
        self._info, self._port, self._open_link, self._connected = info, port, link, True
        self._stopping.confirmed()
        self._wants(None, heating=False)

    def close(self) -> None:
        """Stop the heating, if the port is lost over a new connection, and close the port, also if that fails.

        Raises
        ------
        CommunicationError
            If the device does not confirm that it is off, or was told to heat and cannot be reached any more.
        """
        try:
            if self.connected:
                self._stopping.stop(self._link())
        except CommunicationError:
            if self.connected or not self._stopping.may_heat:
                raise
        finally:
            self._release()
        self._stopping.stop_anew(self._info)

    def make_safe(self) -> None:
        """Stop the heating, within 2 s, whatever other threads do.

        Raises
        ------
        CommunicationError
            If the device does not confirm that it is off, or cannot be reached any more.
        """
        link = self._open_link
        if link is not None:
            self._stopping.stop(link)
            self._wants(None, heating=False)
        else:
            self._stopping.stop_anew(self._info)

    def stop_heating(self) -> None:
        """Stop the heating; as `make_safe`."""
        self.make_safe()

    def heat_to_c(self, temperature_c: float) -> None:
        """Start to control the temperature (mode AUTO).

        Raises
        ------
        RangeError
            If the temperature is outside the limits; nothing is sent.
        FaultError
            If the device has an alarm; nothing is changed.
        InterlockError
            If its keylock is on; nothing is changed.
        StateError
            If it refuses, or shows another mode or setpoint; the heating is off then.
        """
        link = self._link()
        checked = self._limits["temperature_c"].check(self.name, "temperature_c", temperature_c)
        self._stopping.heating_begins()
        link.start({"mode": "AUTO", "temperature": checked}, lambda said: _agree(said.setpoint_c, checked))
        self._wants(checked, heating=True)

    def power_limits(self, *, shock: bool) -> PowerLimits | None:
        """Return what the rig file permits."""
        permit = self._settings.permits.shock if shock else self._settings.permits.direct
        if permit is None:
            return None
        percent = Limits(LOWEST_POWER_PERCENT, permit.highest_power_percent)
        return PowerLimits(percent, Limits(SHORTEST_S, permit.longest_s))

    def heat_with_power(self, percent: float, duration_s: float) -> None:
        """Heat with constant power (mode DIRECT) for a time that this program keeps: the device would not end it.

        Raises
        ------
        InterlockError
            If the rig file does not permit it; else as `heat_to_c`.
        """
        self._link()
        self.check_power(percent, duration_s, shock=False)
        arguments = {"mode": "DIRECT", "power": percent}
        self._stopping.heating_begins()
        self._link().start(arguments, lambda said: True, longest_s=duration_s, capped_s=duration_s)
        self._wants(None, heating=True)

    def shock(self, percent: float, duration_s: float) -> None:
        """Heat with constant power for a time that the device keeps (mode SHOCK); raises as `heat_with_power`."""
        self._link()
        self.check_power(percent, duration_s, shock=True)
        arguments = {"mode": "SHOCK", "power": percent, "duration": duration_s}
        capped_s = duration_s + SHOCK_MARGIN_S
        self._stopping.heating_begins()
        self._link().start(arguments, lambda said: True, longest_s=duration_s, capped_s=capped_s)
        self._wants(None, heating=True)

    def run_profile(self, steps: Sequence[ProfileStep], *, number: int = 9, title: str = "cascadescope") -> None:
        """Write a profile into the device, read it back and start it (mode PROFILE).

        Raises
        ------
        RangeError
            If a ramp, setpoint or duration is outside its limits; nothing is sent.
        StateError
            If the device has stored something else; nothing is started. Else as `heat_to_c`.
        """
        link = self._link()
        ramps = Limits(LOWEST_RAMP_C_PER_S, self._settings.highest_ramp_c_per_s)
        check_profile(self.name, number, title, steps, self._limits["temperature_c"], ramps)
        link.write_profile(number, title, steps)
        self._stopping.heating_begins()
        link.start({"mode": "PROFILE", "profile_number": number}, lambda said: said.profile_number == number)
        self._wants(steps[-1].setpoint_c, heating=True)

    def profile(self, number: int) -> tuple[ProfileStep, ...]:
        """Read a profile that is stored in the device (form of the reply unverified on hardware)."""
        return self._link().profile(number)

    def profile_step(self, number: int, step: int) -> ProfileStep:
        """Read one step of a stored profile (form of the reply and number of the first step unverified on hardware)."""
        return self._link().profile_step(number, step)

    def stream(self, rate_hz: int | None) -> None:
        """Let the device send packets by itself at `rate_hz`, or none; `packet` has the last one.

        Raises
        ------
        RangeError
            If the device does not have that rate.
        """
        if rate_hz is not None and rate_hz not in STREAM_RATES_HZ:
            allowed = ", ".join(map(str, STREAM_RATES_HZ))
            raise RangeError(self.name, f"rate_hz = {rate_hz} is none of the rates of streaming: {allowed}")
        self._link().stream(rate_hz)

    def streaming_rate_hz(self) -> float | None:
        """Read how often the device sends packets; None if it does not."""
        return self._link().streaming_rate_hz()

    def status(self) -> HeaterStatus:
        """Read the state back."""
        said = self._link().status()
        return HeaterStatus(said.temperature_c, said.setpoint_c, said.heating, said.alarm)

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what was asked of it last, and its own limit."""
        return {**self._wanted, "temperature_limit_c": self._settings.high_c}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what the device reports now."""
        said: VaheatStatus = self._link().status()
        return {
            "temperature_c": said.temperature_c,
            "setpoint_c": said.setpoint_c,
            "heating": said.heating,
            "alarm": said.alarm,
            "mode": said.mode,
            "keylock_active": said.keylock_active,
        }

    def rescue(self) -> Rescue:
        """Return how another process stops the heating."""
        arguments: dict[str, PlainValue] = {
            "device": self.name,
            "port": self._port,
            "baud_rate": self._settings.baud_rate,
        }
        return Rescue(self.name, "vaheat", arguments)

    def _link(self) -> VaheatLink:
        """Return the open connection; whoever uses a broken one is told why it is."""
        link = self._open_link
        if not self._connected or link is None:
            raise StateError(self.name, "is not connected; connect it first")
        return link

    def _release(self) -> None:
        link, self._open_link, self._connected = self._open_link, None, False
        if link is not None:
            link.close()

    def _wants(self, setpoint_c: float | None, *, heating: bool) -> None:
        self._wanted = {"setpoint_c": setpoint_c, "heating": heating}


def _agree(said_c: float | None, wanted_c: float) -> bool:
    """Whether a setpoint is the one that was asked for, but for rounding."""
    return said_c is not None and abs(said_c - wanted_c) <= READ_BACK
