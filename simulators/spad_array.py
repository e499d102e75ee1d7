"""A simulated SPAD array that time-tags the photons of the bench."""

import threading
from collections.abc import Generator, Mapping

from drivers.interfaces.device import Identity, PlainValue
from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, StateError
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from drivers.interfaces.software import SoftwareSpadArray
from drivers.interfaces.spad_array import CalibratingSpadArray
from simulators.bench import Bench
from simulators.detector import DetectorSettings, personality
from simulators.pulses import pulse_rate_hz
from simulators.stream import PhotonStream, intervals

VIRTUAL_PERIOD_PS = 1e6
"""Period by which time is told where no laser pulses are seen."""

TDC_CALIBRATION_S = 120.0
"""How long the calibration of the time-to-digital converters takes: a choice, as real ones take minutes."""


class SimulatedSpadArray(SoftwareSpadArray, CalibratingSpadArray):
    """A linear SPAD array with time tagging; its stream drives the time of the bench.

    Without emission no pulses are seen and the stream is not pulsed. `set_bias(False)` or
    `make_safe` from another thread end a stream at the next block.
    """

    def __init__(self, name: str, bench: Bench, settings: DetectorSettings | None = None) -> None:
        super().__init__(name)
        self._bench = bench
        self._settings = settings or DetectorSettings()
        bench.add_detector(name, self._settings)

    @property
    def identity(self) -> Identity:
        """Who the instrument says it is."""
        self.require_connected()
        return Identity("cascadescope", "simulated SPAD array", str(self._settings.serial), "1", simulated=True)

    @property
    def pixel_count(self) -> int:
        """Number of pixels."""
        return self._bench.optics.pixel_count

    def stream_info(self) -> PhotonStreamInfo:
        """Return what holds for the next stream."""
        self.require_connected()
        with self._bench.lock:
            pulsed = pulse_rate_hz(self._bench) > 0
            period_ps = 1e12 / self._bench.beam.repetition_rate_hz if pulsed else VIRTUAL_PERIOD_PS
        return PhotonStreamInfo(period_ps, pulsed, self._settings.tdc_resolution_ps, self.pixel_count)

    def calibrate_tdc(self, timeout_s: float) -> None:
        """Let the time pass that a calibration takes; the simulated converters are always calibrated."""
        self.require_connected()
        if not self._acquiring.acquire(blocking=False):
            raise StateError(self.name, "is already acquiring; close the running stream first")
        try:
            self._bench.clock.wait(threading.Event(), min(timeout_s, TDC_CALIBRATION_S))
        finally:
            self._acquiring.release()
        if timeout_s < TDC_CALIBRATION_S:
            raise DeviceTimeoutError(self.name, f"the calibration has not ended in {timeout_s:g} s; allow more time")

    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        """Yield the photons of the next `duration_s` seconds in blocks of 1 s."""
        with self._occupied(duration_s), self._bench.clock.driven():
            info = self.stream_info()
            rate_hz = 1e12 / info.period_ps
            clock, start_s = self._bench.clock, self._bench.clock.now()
            point, light = self._bench.begin_point(info.period_ps)
            stream = PhotonStream(light, self._settings, seed=self._bench.seed, point=point, info=info)
            for interval in intervals(duration_s, rate_hz):
                excitation = self._bench.excitation()
                block = stream.block(interval, excitation)
                self._check_pulses(info)
                if not self._bias:
                    return
                elapsed_s = interval.end_pulse / rate_hz
                self._bench.end_interval(point, elapsed_s, excitation)
                clock.drive_to(start_s + elapsed_s)
                self._check_no_pulses_missed(info)
                yield block

    def _check_pulses(self, info: PhotonStreamInfo) -> None:
        """Raise if the laser pulses came at another rate than at the start of the stream."""
        with self._bench.lock:
            rate_hz, shines = self._bench.beam.repetition_rate_hz, pulse_rate_hz(self._bench) > 0
        if info.pulsed and 1e12 / rate_hz != info.period_ps:
            raise CommunicationError(
                self.name, "the laser's repetition rate changed during the stream; start a new one"
            )
        if not info.pulsed and shines:
            raise CommunicationError(self.name, "laser pulses began during an unpulsed stream; start a new one")

    def _check_no_pulses_missed(self, info: PhotonStreamInfo) -> None:
        """Raise if pulses are missing by a fault; the block in which that began is not given out."""
        with self._bench.lock:
            came_hz, due_hz = pulse_rate_hz(self._bench), self._bench.beam.repetition_rate_hz
            emission = self._bench.beam.emission
        if info.pulsed and emission and came_hz < due_hz:
            raise CommunicationError(
                self.name,
                f"laser pulses are missing: {came_hz / due_hz:.1%} of {due_hz:g} Hz come; check the laser and the "
                "cable of its sync output, then start again",
            )

    def settings(self) -> Mapping[str, PlainValue]:
        """Return whether the bias is set on, and the model of the simulated device."""
        return {"bias": self._bias, **self._settings.model_dump()}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return bias, dark rate of the whole array and measured laser period."""
        info = self.stream_info()
        dark_rate_cps = float(personality(self._settings, self.pixel_count).dark_rate_cps.sum())
        return {"bias": self._bias, "dark_rate_cps": dark_rate_cps, "period_ps": info.period_ps, "pulsed": info.pulsed}
