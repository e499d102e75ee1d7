"""What a SPAD Lambda is asked and told through lSPAD outside of its streams, and the state that follows from it."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from drivers.interfaces.errors import FaultError, StateError
from drivers.spad_array import merging, records
from drivers.spad_array.device_calibration import DeviceCalibration
from drivers.spad_array.lspad_connection import AcquiringError, LspadConnection
from drivers.spad_array.lspad_replies import (
    FAILURE,
    UnitStatus,
    check_success,
    check_tdc,
    find_serial,
    parse_voltage,
    shown,
)
from drivers.spad_array.lspad_wire import GREETING_S, LspadWire
from drivers.spad_array.spad_lambda_settings import SpadLambdaSettings
from drivers.wire.whose import check_whose

UNKNOWN = "unknown"
VOLTAGE_TOLERANCE_V = 0.1


@dataclass(frozen=True, slots=True)
class Unit:
    """What lSPAD says of itself and the unit."""

    serial: str
    description: str


class LspadCommands(LspadConnection):
    """What is asked and told, command by command.

    Parameters
    ----------
    device, settings
        As of the connection.
    calibration : DeviceCalibration
        Of the unit.
    """

    def __init__(self, device: str, settings: SpadLambdaSettings, calibration: DeviceCalibration) -> None:
        super().__init__(device, settings)
        self._calibration = calibration
        self.unit = Unit(UNKNOWN, UNKNOWN)
        self.wire_recording_failed = False

    def open(self) -> None:
        """Connect, make safe, and learn who answers."""
        records.warm_up()
        merging.warm_up()
        settings = self._settings
        wire = LspadWire(self._device, settings.host, settings.port, settings.connect_timeout_s, settings.quiet_s)
        try:
            check_whose(
                self._device, wire.greet(min(settings.connect_timeout_s, GREETING_S)), simulated=settings.simulated
            )
            wire.send("STOP", "POW,0")
            wire.drain(settings.drain_timeout_s)
            self.bias = self._unread = self._streaming = self._perhaps_on = False
            self._status = None
            self._wire = wire
            self._ask()
            self.unit = self._ask_unit()
            if self._calibration.mask is not None:
                self._send_mask(self._calibration.mask)
        except BaseException:
            self._wire = None
            wire.close()
            raise

    def switch_on(self, excess_voltage_v: float) -> None:
        """Set the voltage, read it back, and switch the power on, unless switched off meanwhile."""
        self._switch_on(excess_voltage_v, self._switched_off)

    def _switch_on(self, excess_voltage_v: float, switched_off: int) -> None:
        """Switch on unless it was switched off since it had been so often."""
        check_success(self._device, "V", self._ask(f"V,{excess_voltage_v:g}"))
        told_v = parse_voltage(self._ask("V"))
        if told_v is not None and abs(told_v - excess_voltage_v) > VOLTAGE_TOLERANCE_V:
            if self.bias:
                self.switch_off()
            raise FaultError(
                self._device,
                f"an excess voltage of {excess_voltage_v:g} V was set, but {told_v:g} V is read back; the bias is "
                "off: look at the window of lSPAD",
            )
        with self._talking() as wire:
            with self._power:
                if self._switched_off != switched_off:
                    raise StateError(self._device, "was made safe while its bias was being switched on; it stays off")
                wire.question("POW,1")
                self.bias = True
            reply = self._note(wire.answer(self._settings.reply_timeout_s))
        if reply.endswith(FAILURE):
            self.switch_off()
        check_success(self._device, "POW,1", reply)

    def status(self, *, fresh: bool) -> tuple[UnitStatus, float]:
        """Return temperatures and rates, and when they were asked for (monotonic clock, s).

        Without `fresh`, or during a stream, those that were asked for last.
        """
        known = self._status
        if known is not None and not fresh:
            return known
        try:
            self._ask()
        except AcquiringError:
            if known is None:
                raise
        if self._status is None:
            raise StateError(self._device, "was made safe or closed while it was asked; ask again")
        return self._status

    def excess_voltage_v(self) -> float | None:
        """Return the voltage that lSPAD tells; None if it tells none, or during a stream."""
        try:
            return parse_voltage(self._ask("V"))
        except AcquiringError:
            return None

    def begin_stream(self) -> LspadWire:
        """Return the connection; nobody else reads from it until `become_idle`."""
        with self._talking() as wire:
            self._streaming = True
        return wire

    def prepare(self, excess_voltage_v: float) -> None:
        """Make sure that nothing runs, the TDC is calibrated, both chips get dwell markers, and the bias is on.

        Voltage and power are sent anew: lSPAD tells no state of the power, and another program may have changed it.
        """
        switched_off = self._switched_off
        if not self.bias:
            raise StateError(self._device, "was made safe while a stream was being prepared; its bias stays off")
        self.become_idle(stop=True)
        check_tdc(self._device, self._ask("T,v,1"))
        self._ask("N,1")
        self._switch_on(excess_voltage_v, switched_off)

    def become_idle(self, *, stop: bool, patience_s: float | None = None) -> None:
        """End an acquisition and read what still comes; without `stop`, it has ended by itself.

        Parameters
        ----------
        stop : bool
            Whether to send STOP.
        patience_s : float, optional
            Longest wait for its confirmation, if not that for a reply: light may be on meanwhile.
        """
        with self._talking(also_in_stream=True) as wire:
            self._streaming = False
            wire.stop_recording()
            self.wire_recording_failed = wire.recording_failed
            if stop:
                wire.send("STOP")
                wire.drain(self._settings.drain_timeout_s)
                self._catch_up(wire, patience_s)

    def calibrate_tdc(self, timeout_s: float) -> None:
        """Calibrate the time-to-digital converters."""
        with self._talking() as wire:
            wire.send("T,c,1")
            reply = wire.read_until(("completed", FAILURE), "T,c,1", timeout_s)
        if "completed" not in reply:
            raise FaultError(self._device, f"the TDC calibration failed: lSPAD answers {shown(reply)}")

    def _ask_unit(self) -> Unit:
        text = self._ask("D")
        serial, wanted = find_serial(text) or UNKNOWN, self._calibration.serial
        if UNKNOWN not in (serial, wanted) and serial != wanted:
            raise StateError(
                self._device,
                f"lSPAD says that the unit has the serial number {serial}, but the calibration file is of {wanted}; "
                "name the file of this unit in the rig file",
            )
        return Unit(serial, shown(text).strip("'\""))

    def _send_mask(self, mask: tuple[int, ...]) -> None:
        """Let lSPAD switch pixels off; the file that it reads is on this computer, as lSPAD must be."""
        with tempfile.TemporaryDirectory(prefix="cascadescope-") as folder:
            path = Path(folder) / "mask.txt"
            path.write_text("".join(f"{position}\n" for position in mask), encoding="ascii")
            reply = self._ask(f"M,{path}")
        if "success" not in reply.lower():
            raise FaultError(
                self._device, f"lSPAD answers {shown(reply)} to the pixel mask; it must run on this computer"
            )
