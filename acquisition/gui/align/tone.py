"""A tone whose pitch follows the count rate, so that an emitter is found with the eyes at the microscope."""

import importlib.util
import math
import threading
from typing import Any

import numpy as np

from drivers.interfaces.closing import Closing

SAMPLES_PER_S = 44_100
LOWEST_HZ, HIGHEST_HZ = 110.0, 1760.0
"""Four octaves."""

DECADES = 3.0
"""The pitch spans so many decades of count rate below the peak: a third more light is a clear step."""

VOLUME = 0.15
SLIDE_S = 0.03
"""Time constant with which the pitch follows, so that it slides and does not click."""


def pitch_hz(rate_cps: float, peak_cps: float) -> float:
    """Return the pitch of a count rate: the highest at the peak, lower by the same interval for each factor."""
    if rate_cps <= 0 or peak_cps <= 0:
        return LOWEST_HZ
    below = min(max(-math.log10(rate_cps / peak_cps) / DECADES, 0.0), 1.0)
    return HIGHEST_HZ * math.exp(below * math.log(LOWEST_HZ / HIGHEST_HZ))


def is_possible() -> bool:
    """Return whether this computer can play a tone: the package sounddevice and a sound card are there."""
    if importlib.util.find_spec("sounddevice") is None:
        return False
    try:
        import sounddevice

        sounddevice.check_output_settings(samplerate=SAMPLES_PER_S, channels=1)
    except Exception:  # no PortAudio, no card: whatever it is, there will be no sound
        return False
    return True


class Wave:
    """A sine without jumps whose frequency slides to where it is told.

    Attributes
    ----------
    wanted_hz : float
        Where the frequency goes; 0 fades to silence.
    """

    def __init__(self) -> None:
        self.wanted_hz = 0.0
        self._hz, self._level, self._phase = LOWEST_HZ, 0.0, 0.0

    def samples(self, count: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        """Return the next samples, float32 of shape (count,), within +-`VOLUME`."""
        share = 1.0 - np.exp(-np.arange(1, count + 1) / (SLIDE_S * SAMPLES_PER_S))
        wanted = self.wanted_hz
        hz = self._hz + (max(wanted, LOWEST_HZ) - self._hz) * share
        level = self._level + ((VOLUME if wanted > 0 else 0.0) - self._level) * share
        phase = self._phase + 2 * np.pi * np.cumsum(hz) / SAMPLES_PER_S
        if count:
            self._hz, self._level, self._phase = float(hz[-1]), float(level[-1]), float(phase[-1] % (2 * np.pi))
        return (level * np.sin(phase)).astype(np.float32)


class Tone(Closing):
    """Plays a wave on the sound card, in the thread of the sound library.

    Raises
    ------
    OSError
        If the card cannot be used.
    """

    def __init__(self) -> None:
        import sounddevice

        self._wave, self._lock = Wave(), threading.Lock()
        try:
            self._stream = sounddevice.OutputStream(
                samplerate=SAMPLES_PER_S, channels=1, dtype="float32", callback=self._fill
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise OSError(f"the tone cannot be played: {error}; choose another sound card in the system") from error

    def follow(self, rate_cps: float, peak_cps: float) -> None:
        """Let the pitch follow a count rate."""
        with self._lock:
            self._wave.wanted_hz = pitch_hz(rate_cps, peak_cps)

    def silence(self) -> None:
        """Fade out until the next rate."""
        with self._lock:
            self._wave.wanted_hz = 0.0

    def close(self) -> None:
        """End the tone; no effect if closed."""
        self._stream.close()

    def _fill(self, out: Any, frames: int, time: object, status: object) -> None:
        with self._lock:
            out[:, 0] = self._wave.samples(frames)
