"""The pulses that a SPAD Lambda counts while time goes by: photons are drawn for as many as really come."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulators.light import Excitation, Interval
from simulators.stream import PhotonStream, intervals

PhotonPart: TypeAlias = tuple[NDArray[np.int64], NDArray[np.uint16], NDArray[np.uint32]]
"""Pulse, pixel and delay in ps."""

_FIRST_REST = 1_000_000
"""Number of the first interval that begins where another was broken off; its photons are others."""


class PulseCount:
    """How many pulses have come since the start of an acquisition, at a rate that may change."""

    def __init__(self) -> None:
        self._rate_hz = 0.0
        self._base_s, self._base_pulses = 0.0, 0
        self._last_s, self._last_pulses = 0.0, 0

    def until(self, elapsed_s: float, rate_hz: float) -> int:
        """Return the count at `elapsed_s`, not before that of the last call; since then the rate was `rate_hz`."""
        if rate_hz != self._rate_hz:
            self._rate_hz = rate_hz
            self._base_s, self._base_pulses = self._last_s, self._last_pulses
        self._last_s = elapsed_s
        self._last_pulses = self._base_pulses + round((elapsed_s - self._base_s) * rate_hz)
        return self._last_pulses


class Photons:
    """The photons of one acquisition, drawn interval by interval as in the simulator without a wire.

    An interval of 1 s is drawn under the conditions of its beginning. When intensity or place change in the
    middle of it, the rest is drawn anew. More pulses than expected lead to further intervals.
    """

    def __init__(self, stream: PhotonStream, duration_s: float, rate_hz: float) -> None:
        self._stream = stream
        self._planned = intervals(duration_s, rate_hz)
        self._length = max(1, round(rate_hz))
        self._next = self._rests = 0
        self._interval = Interval(0, 0, 0)
        self._excitation: Excitation | None = None
        self._arrays = np.empty(0, np.int64), np.empty(0, np.uint16), np.empty(0, np.uint32)
        self._pulse = 0

    def until(self, pulse: int, excitation: Excitation) -> list[PhotonPart]:
        """Return pulse, pixel and delay of the photons from the last call's pulse to `pulse`, in parts."""
        parts: list[PhotonPart] = []
        if pulse > self._pulse < self._interval.end_pulse and self._changed(excitation):
            rest = Interval(_FIRST_REST + self._rests, self._pulse, self._interval.end_pulse)
            self._rests += 1
            self._draw(rest, excitation)
        while self._pulse < pulse:
            if self._pulse == self._interval.end_pulse:
                self._draw(self._following(), excitation)
            end = min(pulse, self._interval.end_pulse)
            begin_at, end_at = np.searchsorted(self._arrays[0], (self._pulse, end))
            pulses, pixels, delays_ps = self._arrays
            which = slice(begin_at, end_at)
            parts.append((pulses[which], pixels[which], delays_ps[which]))
            self._pulse = end
        return parts

    def _changed(self, excitation: Excitation) -> bool:
        before = self._excitation
        return before is None or (before.intensity, before.place) != (excitation.intensity, excitation.place)

    def _following(self) -> Interval:
        number, begin = self._next, self._pulse
        self._next += 1
        if number < len(self._planned):
            return self._planned[number]
        return Interval(number, begin, begin + self._length)

    def _draw(self, interval: Interval, excitation: Excitation) -> None:
        block = self._stream.block(interval, excitation)
        self._interval, self._excitation = interval, excitation
        self._arrays = block.pulse, block.pixel, block.delay_ps
