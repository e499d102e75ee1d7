"""What a SPAD Lambda is asked and told through lSPAD outside of its streams, and the state that follows from it."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, FaultError, StateError
from drivers.rescue.lspad import rescue
from drivers.spad_array import merging, records
from drivers.spad_array.device_calibration import DeviceCalibration
from drivers.spad_array.lspad_replies import (
    FAILURE,
    UnitStatus,
    check_success,
    check_tdc,
    find_serial,
    parse_status,
    parse_voltage,
    shown,
)
from drivers.spad_array.lspad_wire import LOCK_S, LspadWire
from drivers.spad_array.spad_lambda_settings import SpadLambdaSettings
from drivers.wire.whose import check_whose

UNKNOWN = "unknown"
VOLTAGE_TOLERANCE_V = 0.1
SETTLE_S = 0.5
"""Longest wait for the confirmation of the safe commands."""


class AcquiringError(StateError):
    """lSPAD cannot be asked during a stream, as its replies would stand among the records."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What lSPAD says of itself and the unit."""

    serial: str
    description: str


class LspadCommands:
    """The conversation with lSPAD. Any thread may switch off at any time; the others take turns.

    A question without an answer, or a reply that is none, ends the connection: a late reply could be taken for
    the answer to something else.

    Parameters
    ----------
    device : str
        Name of the instrument, for messages.
    settings : SpadLambdaSettings
        Of the rig file.
    calibration : DeviceCalibration
        Of the unit.
    """

    def __init__(self, device: str, settings: SpadLambdaSettings, calibration: DeviceCalibration) -> None:
        self._device, self._settings, self._calibration = device, settings, calibration
        self._turn, self._power = threading.Lock(), threading.Lock()
        self._wire: LspadWire | None = None
        self._unread = False
        self._streaming = False
        self._perhaps_on = False
        self._switched_off = 0
        self._status: tuple[UnitStatus, float] | None = None
        self.unit = Unit(UNKNOWN, UNKNOWN)
        self.bias = False
        self.wire_recording_failed = False

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._wire is not None

    @property
    def wire(self) -> LspadWire:
        """The connection. Raises `StateError` if there is none."""
        wire = self._wire
        if wire is None:
            raise StateError(self._device, "is not connected; connect it first")
        return wire

    def open(self) -> None:
        """Connect, make safe, and learn who answers."""
        records.warm_up()
        merging.warm_up()
        settings = self._settings
        wire = LspadWire(self._device, settings.host, settings.port, settings.connect_timeout_s)
        try:
            check_whose(self._device, wire.greet(settings.connect_timeout_s), simulated=settings.simulated)
            wire.send("STOP", "POW,0")
            wire.drain(settings.drain_timeout_s)
            self.bias = self._unread = self._streaming = self._perhaps_on = False
            self._status = None
            self._wire = wire
            self.unit = self._ask_unit()
            self.status(fresh=True)
            if self._calibration.mask is not None:
                self._send_mask(self._calibration.mask)
        except BaseException:
            self._wire = None
            wire.close()
            raise

    def close(self) -> None:
        """Switch off and hang up; no effect if closed."""
        wire = self._wire
        if wire is None and not self._perhaps_on:
            return
        try:
            self.switch_off()
        finally:
            self._wire = None
            if wire is not None:
                wire.close()

    def switch_off(self) -> None:
        """Send STOP and POW,0, and wait shortly for what comes back unless photons are read.

        Raises
        ------
        CommunicationError
            If lSPAD cannot be told, neither on this connection nor on a new one.
        """
        wire = self._wire
        held = self._power.acquire(timeout=LOCK_S)
        try:
            self._switched_off += 1
            self.bias = False
            if wire is not None:
                self._unread = True
                wire.send("STOP", "POW,0")
        except CommunicationError:
            self._give_up()
        finally:
            if held:
                self._power.release()
        if wire is not None and wire is self._wire and self._turn.acquire(timeout=LOCK_S):
            try:
                self._hear_confirmation(wire)
            finally:
                self._turn.release()
        if self._perhaps_on:
            self._rescue()

    def _hear_confirmation(self, wire: LspadWire) -> None:
        """Read what comes after the safe commands, unless a stream is being read."""
        if self._streaming:
            return
        try:
            wire.drain(SETTLE_S)
            self._unread = False
        except DeviceTimeoutError:
            pass  # a backlog comes first; whoever asks next reads it
        except CommunicationError:
            self._give_up()

    def switch_on(self, excess_voltage_v: float) -> None:
        """Set the voltage, read it back, and switch the power on, unless switched off meanwhile."""
        switched_off = self._switched_off
        check_success(self._device, "V", self._ask(f"V,{excess_voltage_v:g}"))
        told_v = parse_voltage(self._ask("V"))
        if told_v is not None and abs(told_v - excess_voltage_v) > VOLTAGE_TOLERANCE_V:
            raise FaultError(
                self._device,
                f"an excess voltage of {excess_voltage_v:g} V was set, but {told_v:g} V is read back; the bias stays "
                "off: look at the window of lSPAD",
            )
        with self._talking() as wire:
            with self._power:
                if self._switched_off != switched_off:
                    raise StateError(self._device, "was made safe while its bias was being switched on; it stays off")
                wire.send("POW,1")
                self.bias = True
            reply = wire.read_text("POW,1", self._settings.reply_timeout_s)
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
            field_count = None if known is None else known[0].field_count
            found = parse_status(self._device, self._ask("R"), field_count), time.monotonic()
        except AcquiringError:
            if known is None:
                raise
            return known
        self._status = found
        return found

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

    def prepare(self) -> None:
        """Make sure that nothing runs, that the TDC is calibrated, and that both chips get dwell markers."""
        self.become_idle(stop=True)
        check_tdc(self._device, self._ask("T,v,1"))
        self._ask("N,1")

    def become_idle(self, *, stop: bool) -> None:
        """End an acquisition and read what still comes; without `stop`, it has ended by itself."""
        with self._talking(also_in_stream=True) as wire:
            self._streaming = False
            wire.stop_recording()
            self.wire_recording_failed = wire.recording_failed
            if stop:
                wire.send("STOP")
                wire.drain(self._settings.drain_timeout_s)

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

    def _ask(self, command: str) -> str:
        with self._talking() as wire:
            return wire.ask(command, self._settings.reply_timeout_s)

    @contextmanager
    def _talking(self, *, also_in_stream: bool = False) -> Iterator[LspadWire]:
        """Wait for one's turn; a connection that fails meanwhile is given up."""
        if not self._turn.acquire(timeout=self._settings.reply_timeout_s):
            raise DeviceTimeoutError(self._device, "is busy with the commands of others; try again")
        try:
            wire = self.wire
            if self._streaming and not also_in_stream:
                raise AcquiringError(
                    self._device, "is acquiring and cannot be asked; wait for the end, or close the stream"
                )
            if self._unread:
                self._unread = False
                wire.drain(self._settings.drain_timeout_s)
            yield wire
        except CommunicationError:
            self._give_up()
            raise
        finally:
            self._turn.release()

    def _give_up(self) -> None:
        """Hang up; try to switch off before. Without a confirmation the bias counts as on."""
        wire, self._wire = self._wire, None
        self._perhaps_on = self._perhaps_on or self.bias or self._unread
        self._streaming = self.bias = False
        if wire is not None:
            with suppress(CommunicationError):
                wire.send("STOP", "POW,0")
            wire.close()

    def _rescue(self) -> None:
        """Switch off on a connection of its own."""
        try:
            rescue(self._settings.host, self._settings.port)
        except OSError as error:
            raise CommunicationError(
                self._device,
                f"the bias may be on, and lSPAD cannot be told to switch it off ({error}); switch it off in lSPAD or "
                "at the unit, and keep light away from it until then",
            ) from error
        self._perhaps_on = False
