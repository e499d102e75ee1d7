"""Exposures of an Andor camera: how long, with which gain, and the frames that come of them."""

import threading
import time
from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from drivers.camera.andor_facts import CameraFacts
from drivers.camera.andor_link import AndorLink
from drivers.camera.andor_series import MOST_FRAMES, SERIES_S, KineticSeries, Timings, set_timings, stop
from drivers.camera.andor_settings import AndorSdk2Settings
from drivers.camera.andor_wire import AndorWire
from drivers.camera.gain_protection import GainProtection
from drivers.interfaces.camera import CameraLight, Frame
from drivers.interfaces.errors import FaultError, RangeError, StateError

FIRST_EXPOSURE_S = 0.1


class Exposing:
    """What an opened camera does with light.

    Attributes
    ----------
    asked_s : float
        Exposure as it was asked for.
    timings : Timings
        What the camera makes of it.
    light : CameraLight
        As it was declared.
    gain_lowered_by : str or None
        Which setting has switched the gain off since it was last set.
    """

    def __init__(self, link: AndorLink, settings: AndorSdk2Settings, light: CameraLight = CameraLight.SAMPLE) -> None:
        self._link, self._settings = link, settings
        self._protection = GainProtection(link.name, settings.gain)
        self._protection.light = light
        self.asked_s, self.timings = FIRST_EXPOSURE_S, Timings(0.0, 0.0)
        self.gain_lowered_by: str | None = None

    @property
    def light(self) -> CameraLight:
        """What light falls on the camera, as it was declared."""
        return self._protection.light

    def declare_light(self, light: CameraLight) -> None:
        """See `SpectrographCamera.declare_light`."""
        with self._link.idle() as wire:
            self._protection.light = light
            self.forget()
            if light is not CameraLight.SAMPLE:
                self._link.gain_off(wire)

    def forget(self) -> None:
        """Forget what was seen without gain, as it holds no longer."""
        self._protection.forget()

    def set_exposure_s(self, value: float) -> None:
        """Set the exposure and read back what the camera makes of it; a longer one switches the gain off."""
        with self._link.idle() as wire:
            if value > self.asked_s and gain_of(wire) > 1:
                self.gain_lowered_by = f"exposure of {value:g} s after {self.asked_s:g} s"
                self._link.gain_off(wire)
            self.timings = set_timings(wire, value, 1)
            self.asked_s = value
            self.forget()

    def set_gain(self, gain: int) -> None:
        """Set the gain; above 1 only if a frame at gain 1, taken if there is none, leaves room.

        Raises
        ------
        StateError
            If it does not, or the camera was made safe meanwhile.
        FaultError
            If the camera does not take the gain.
        """
        before = self._link.times_made_safe
        with self._link.idle() as wire:
            self.gain_lowered_by = None
            if gain <= 1:
                self._link.gain_off(wire)
                return
            self._protection.check_light()
        if self._protection.needs_frame:
            self._take_frame_without_gain()
        with self._link.idle() as wire:
            if self._link.times_made_safe != before:
                raise StateError(self._link.name, "was made safe while its EM gain was to rise; it stays off")
            self._protection.check(gain)
            self._link.set_gain(wire, gain)
            if gain_of(wire) != gain:
                self._link.gain_off(wire)
                raise FaultError(
                    self._link.name,
                    f"was set to an EM gain of {gain} but tells another; it was switched off. Fetch whoever knows it",
                )

    def _take_frame_without_gain(self) -> None:
        with self._link.idle() as wire:
            self._link.gain_off(wire)
        for _ in self.frames(1):
            pass

    def frames(self, count: int) -> Generator[Frame, None, None]:
        """Yield frames; see `SpectrographCamera.frames`."""
        if count < 1:
            raise RangeError(self._link.name, f"{count} frames cannot be taken; at least 1")
        cut = self._link.begin()
        began = time.monotonic()
        try:
            cut.wait(self._settings.shutter_opening_ms * 1e-3)
            most = max(1, min(MOST_FRAMES, int(SERIES_S / max(self.asked_s, 1e-3))))
            for first in range(0, count, most):
                yield from self._series(first, min(most, count - first), cut, began)
        finally:
            self._link.end(cut)

    def _series(self, first: int, count: int, cut: threading.Event, began: float) -> Generator[Frame, None, None]:
        if cut.is_set():
            return
        with self._link.talking() as wire:
            if cut.is_set():
                return
            facts, gain = self._known(), gain_of(wire)
            timings = self.timings = set_timings(wire, self.asked_s, count)
            wire.do("PrepareAcquisition")
            wire.do("StartAcquisition")
        start_s = 0.0 if first == 0 else time.monotonic() - began
        series = KineticSeries(wire, self._link.held, cut, timings, first, self._settings.patience_s)
        for number in range(count):
            counts = series.fetch(number, facts.shape)
            if counts is None:
                self._raise_if_lost()
                return
            frame = self._frame(counts, first + number, gain, start_s + number * timings.cycle_s)
            yield from self._given_out(frame)

    def _raise_if_lost(self) -> None:
        """Tell whoever waits for frames what another thread has noticed."""
        if self._link.lost is not None:
            self._link.require_connected()

    def _known(self) -> CameraFacts:
        if self._link.facts is None:
            raise StateError(self._link.name, "is not connected; connect it first")
        return self._link.facts

    def _frame(self, counts: NDArray[np.uint16], number: int, gain: float, started_s: float) -> Frame:
        full_scale = self._known().full_scale
        upright = counts[:, ::-1].copy() if self._settings.readout.flip_columns else counts
        saturated = bool(counts.max() >= full_scale)
        frame = Frame(upright, number, self.timings.exposure_s, gain, started_s, saturated)
        self._protection.note(frame, full_scale)
        return frame

    def _given_out(self, frame: Frame) -> Generator[Frame, None, None]:
        """Yield a frame; if it is saturated with gain, the gain is off before, and the acquisition ends after it."""
        tripped = frame.saturated and frame.em_gain > 1
        if tripped:
            self._switch_gain_off()
        try:
            yield frame
        finally:
            if tripped:
                raise FaultError(
                    self._link.name,
                    f"frame {frame.number} is saturated at an EM gain of {frame.em_gain:g}: the gain was switched off "
                    "to protect the sensor. Lower light, exposure or gain",
                )

    def _switch_gain_off(self) -> None:
        self.forget()
        with self._link.talking() as wire:
            stop(wire)
            self._link.gain_off(wire)


def gain_of(wire: AndorWire) -> float:
    """Return the gain as the camera tells it; 0 is its word for none."""
    return float(max(1, wire.ints("GetEMCCDGain", 1)[0]))
