"""The SPAD Lambda of Pi Imaging, driven through its program lSPAD: 320 pixels in a row that tag photons in time."""

import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import DeviceError, DeviceTimeoutError, RangeError, StateError
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from drivers.interfaces.pixel_calibration import PixelCalibration
from drivers.interfaces.rescue import Rescue
from drivers.interfaces.spad_array import CalibratingSpadArray
from drivers.spad_array.device_calibration import PIXELS, LoadedCalibration, load_device_calibration
from drivers.spad_array.lspad_commands import LspadCommands
from drivers.spad_array.lspad_stream import LspadStream
from drivers.spad_array.spad_lambda_settings import NO_RECORD, SpadLambdaSettings
from drivers.spad_array.time_scale import TOLERANCE, TimeScale, time_scale

LONGEST_S = 3600.0
"""Longest stream: so long lSPAD would go on by itself if this program and the guardian died together."""
SILENT_PATIENCE_S = 0.5
"""Longest wait for word of an lSPAD whose stream has broken: only then the light goes off."""
SAME_RATE = 1e-4
"""Laser rates that differ by less are the same, measured twice: the period of the streams stays what it was."""


class SpadLambda(CalibratingSpadArray):
    """A SPAD Lambda. Everything below is unverified on hardware; see the README of this folder.

    `set_bias(False)` and `make_safe` from another thread send STOP and POW,0 at once and end a stream at its
    next block. lSPAD tells no state of the bias: it is a setting, not a reading.

    Parameters
    ----------
    name : str
        Its role in the rig.
    settings : SpadLambdaSettings
        Of the rig file.
    calibration : LoadedCalibration, optional
        Of the device; by default the file that the settings name.

    Raises
    ------
    ConfigError
        If the calibration file cannot be read.
    """

    def __init__(self, name: str, settings: SpadLambdaSettings, calibration: LoadedCalibration | None = None) -> None:
        super().__init__(name)
        self._settings = settings
        self._calibration = calibration or load_device_calibration(settings.calibration)
        self._lspad = LspadCommands(name, settings, self._calibration.values)
        self._acquiring = threading.Lock()
        self._stream: LspadStream | None = None
        self._counters: Mapping[str, float | int] = {}
        self._laser_hz = 0.0
        self._wire_files = 0

    @property
    def connected(self) -> bool:
        """Whether lSPAD can be talked to."""
        return self._lspad.connected

    @property
    def identity(self) -> Identity:
        """What lSPAD says of itself and the unit."""
        self.require_connected()
        unit = self._lspad.unit
        return Identity("Pi Imaging", "SPAD Lambda", unit.serial, unit.description, self._settings.simulated)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed excess voltage."""
        return MappingProxyType({"excess_voltage_v": Limits(4.0, 9.0)})

    @property
    def pixel_count(self) -> int:
        """Number of pixels."""
        return PIXELS

    @property
    def pixel_calibration(self) -> PixelCalibration:
        """Offsets and mask of the calibration file."""
        return self._calibration.pixel_calibration

    def require_connected(self) -> None:
        """Raise `StateError` unless connected."""
        if not self.connected:
            raise StateError(self.name, "is not connected; connect it first")

    def connect(self) -> None:
        """Connect to lSPAD, end what runs there, switch the bias off and send the mask; no effect if connected.

        Raises
        ------
        CommunicationError
            If lSPAD does not answer, or goes on sending after STOP.
        StateError
            If a simulator answers instead of hardware or the reverse, or the calibration is of another unit.
        FaultError
            If lSPAD refuses the mask.
        """
        if not self.connected:
            self._lspad.open()

    def close(self) -> None:
        """Switch the bias off and hang up; no effect if closed."""
        self._lspad.close()

    def make_safe(self) -> None:
        """Send STOP and POW,0 at once; after a lost connection, on a new one.

        Raises
        ------
        CommunicationError
            If lSPAD cannot be told.
        """
        self._lspad.switch_off()

    def rescue(self) -> Rescue:
        """Return how another process switches the bias off."""
        arguments: dict[str, str | float | int | bool | None] = {
            "host": self._settings.host,
            "port": self._settings.port,
        }
        return Rescue(device=self.name, kind="lspad", arguments=arguments, last=True)

    def set_bias(self, on: bool) -> None:
        """Switch the bias: excess voltage, its readback, then power; off is power off.

        Raises
        ------
        StateError
            If not connected, if it is made safe meanwhile, or if a stream has still to end.
        FaultError
            If lSPAD refuses, or reads another voltage back; the bias is off then.
        """
        self.require_connected()
        if not on:
            self._lspad.switch_off()
        elif not self._lspad.bias:
            if self._acquiring.locked():
                raise StateError(self.name, "is still ending a stream; close it before switching the bias on")
            self._lspad.switch_on(self._settings.excess_voltage_v)

    def calibrate_tdc(self, timeout_s: float = 900.0) -> None:
        """Let the unit calibrate its time-to-digital converters, which takes minutes.

        Raises
        ------
        StateError
            If not connected, or acquiring.
        FaultError
            If it fails.
        DeviceTimeoutError
            If it takes longer than `timeout_s`; the connection is given up then.
        """
        self.require_connected()
        with self._alone():
            self._lspad.calibrate_tdc(timeout_s)

    def stream_info(self) -> PhotonStreamInfo:
        """Return what holds for the next stream, or the running one."""
        self.require_connected()
        return self._scale().info if (running := self._stream) is None else running.scale.info

    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        """Yield the photons of the next `duration_s` seconds in blocks of 0.2 to 1 s; first the bias is set anew."""
        if not 0 < duration_s <= LONGEST_S:
            message = f"duration_s = {duration_s} must be above 0 and at most {LONGEST_S:g}; measure several points"
            raise RangeError(self.name, message)
        self.require_connected()
        if not self._lspad.bias:
            raise StateError(self.name, "has its bias off; switch the bias on before acquiring")
        with self._alone():
            self._lspad.prepare(self._settings.excess_voltage_v)
            stream = self._new_stream(duration_s)
            try:
                for block in stream.blocks():
                    if not self._lspad.bias:
                        break
                    yield block
            except DeviceError as error:
                raise self._explained(stream, error) from error.__cause__
            finally:
                self._end(stream)

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what is set; the hash is that of the calibration file."""
        values = self._calibration.values
        return {
            "bias": self._lspad.bias,
            "excess_voltage_v": self._settings.excess_voltage_v,
            "host": self._settings.host,
            "port": self._settings.port,
            "calibration": self._settings.calibration,
            "calibration_sha256": self._calibration.sha256,
            "coarse_clock": str(values.coarse_clock),
            "chip_offset_ps": values.chip_offset_ps,
            "masked_pixels": None if values.mask is None else len(values.mask),
            "record_wire": self._settings.record_wire,
        }

    def readings(self) -> Mapping[str, PlainValue]:
        """Return temperatures and clock rates of the unit, and what the last stream, or the running one, counted.

        lSPAD cannot be asked during a stream: `status_age_s` says how old the former are.
        """
        self.require_connected()
        running = self._stream
        fresh = running is None
        status, asked_at = self._lspad.status(fresh=fresh)
        found: dict[str, PlainValue] = {
            "laser_rate_hz": status.laser_hz,
            "fpga_master_c": status.fpga_master_c,
            "fpga_slave_c": status.fpga_slave_c,
            "main_board_c": status.main_board_c,
            "chip_board_c": status.chip_board_c,
            "dwell_rate_hz": status.dwell_hz,
            "status_age_s": round(time.monotonic() - asked_at, 3),
        }
        if status.humidity_percent is not None:
            found["humidity_percent"] = status.humidity_percent
        voltage_v = self._lspad.excess_voltage_v() if fresh else None
        if voltage_v is not None:
            found["excess_voltage_v"] = voltage_v
        return {**found, **(self._counters if running is None else running.counters())}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._acquiring.acquire(blocking=False):
            raise StateError(self.name, "is already acquiring; close the running stream first")
        try:
            yield
        finally:
            self._acquiring.release()

    def _scale(self) -> TimeScale:
        """Return the time scale that the unit's measured laser rate means."""
        laser_hz = self._lspad.status(fresh=True)[0].laser_hz
        if abs(laser_hz - self._laser_hz) > SAME_RATE * self._laser_hz:
            self._laser_hz = laser_hz
        return time_scale(self.name, self._calibration.values, self._laser_hz)

    def _new_stream(self, duration_s: float) -> LspadStream:
        scale = self._scale()
        if self._settings.record_wire != NO_RECORD:
            self._record_wire(Path(self._settings.record_wire))
        self._stream = LspadStream(
            self.name,
            self._lspad.begin_stream(),
            scale,
            self._calibration.values,
            duration_s,
            silence_s=self._settings.silence_timeout_s,
            stopped=lambda: not self._lspad.bias,
            expects_dark_counts=self._settings.expects_dark_counts,
        )
        return self._stream

    def _record_wire(self, folder: Path) -> None:
        self._wire_files += 1
        path = folder / f"{self.name}_{datetime.now(UTC):%Y%m%dT%H%M%S}_{self._wire_files:04d}.bin"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lspad.wire.start_recording(path)
        except OSError as error:
            raise StateError(
                self.name,
                f"the bytes of the stream cannot be written to {path} ({error}); correct record_wire in the rig file, "
                "or write `record_wire: none`",
            ) from error

    def _explained(self, stream: LspadStream, error: DeviceError) -> DeviceError:
        """Return the error that says why a stream broke: silence may mean that there are no laser pulses."""
        with suppress(DeviceError):
            self._end(stream, patience_s=SILENT_PATIENCE_S)
            if isinstance(error, DeviceTimeoutError) and stream.scale.info.pulsed:
                share = self._lspad.status(fresh=True)[0].laser_hz / stream.scale.laser_hz
                if abs(share - 1) > TOLERANCE:
                    return stream.pulses_missing(share)
        return error

    def _end(self, stream: LspadStream, patience_s: float | None = None) -> None:
        """Leave lSPAD idle, within `patience_s` if given; no effect if done. Raises `CommunicationError` if not."""
        if self._stream is not stream:
            return
        self._counters = {**stream.counters(), "wire_recording_failed": self._lspad.wire_recording_failed}
        self._stream = None
        if self.connected:
            self._lspad.become_idle(stop=not stream.done, patience_s=patience_s)
