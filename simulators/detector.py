"""The simulated SPAD array itself: what each of its pixels is like, and its state during an acquisition."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import CountsPerSecond, Nanoseconds, Picoseconds
from simulators.avalanche_data import Response, Tags, new_memory

FWHM_PER_SIGMA = 2.3548200450309493
"""Full width at half maximum of a normal distribution of unit sigma."""

MAX_OFFSET_PS = 1000.0
"""Largest time offset of a pixel."""


class DetectorSettings(ConfigModel):
    """Properties of a SPAD array; what differs from pixel to pixel is drawn from the serial number.

    Dark rates are lognormal around a median, with a few hot pixels whose rates are log-uniform in
    a range. A crosstalk probability holds for each of the two neighbours, an afterpulse
    probability for the time after the dead time. Afterpulses are off by default, because nothing
    measures them yet.
    """

    serial: int = Field(ge=0, default=1)
    dark_rate_median_cps: CountsPerSecond = Field(ge=0, le=1e6, default=250.0)
    dark_rate_log_sigma: float = Field(ge=0, le=2, default=0.3)
    hot_pixels: int = Field(ge=0, le=320, default=3)
    hot_pixel_low_cps: CountsPerSecond = Field(gt=0, le=1e6, default=3e3)
    hot_pixel_high_cps: CountsPerSecond = Field(gt=0, le=1e6, default=1e4)
    crosstalk_probability: float = Field(ge=0, le=0.05, default=1e-3)
    dead_time_ns: Nanoseconds = Field(ge=0, le=1e4, default=10.0)
    jitter_fwhm_ps: Picoseconds = Field(ge=0, le=2000, default=120.0)
    offset_sigma_ps: Picoseconds = Field(ge=0, le=300, default=150.0)
    time_zero_ns: Nanoseconds = Field(ge=7, le=1000, default=21.3)
    tdc_resolution_ps: Picoseconds = Field(ge=1, le=10_000, default=20.0)
    afterpulse_probability: float = Field(ge=0, le=0.2, default=0.0)
    afterpulse_lifetime_ns: Nanoseconds = Field(gt=0, le=10_000, default=100.0)


class Personality:
    """What the pixels of one device are like; the same for every run with it.

    Attributes
    ----------
    dark_rate_cps, offset_ps : float64 arrays, shape (pixels,)
        Dark count rate and time offset of each pixel.
    """

    def __init__(self, settings: DetectorSettings, pixel_count: int) -> None:
        rng = np.random.default_rng(np.random.SeedSequence(settings.serial, spawn_key=(pixel_count,)))
        self.dark_rate_cps = settings.dark_rate_median_cps * np.exp(
            settings.dark_rate_log_sigma * rng.standard_normal(pixel_count)
        )
        offsets = settings.offset_sigma_ps * rng.standard_normal(pixel_count)
        self.offset_ps = np.clip(offsets, -MAX_OFFSET_PS, MAX_OFFSET_PS)
        hot = rng.choice(pixel_count, min(settings.hot_pixels, pixel_count), replace=False)
        bounds = np.log([settings.hot_pixel_low_cps, settings.hot_pixel_high_cps])
        self.dark_rate_cps[hot] = np.exp(rng.uniform(bounds.min(), bounds.max(), len(hot)))


@lru_cache(maxsize=16)
def personality(settings: DetectorSettings, pixel_count: int) -> Personality:
    """Return what the pixels of the device with these settings are like."""
    return Personality(settings, pixel_count)


class Detector:
    """A SPAD array during one acquisition; remembers dead pixels and late tags from interval to interval."""

    def __init__(self, settings: DetectorSettings, pixel_count: int, period_ps: float) -> None:
        device = personality(settings, pixel_count)
        self._dark_hz = float(device.dark_rate_cps.sum())
        self._memory = new_memory(pixel_count)
        self._late = _new_tags(0)
        self._response = Response(
            1e12 / self._dark_hz if self._dark_hz > 0 else np.inf,
            *alias_table(device.dark_rate_cps),
            device.offset_ps + 1e3 * settings.time_zero_ns,
            settings.crosstalk_probability,
            1e3 * settings.dead_time_ns,
            settings.jitter_fwhm_ps / FWHM_PER_SIGMA,
            settings.afterpulse_probability,
            1e3 * settings.afterpulse_lifetime_ns,
            period_ps,
            settings.tdc_resolution_ps,
        )

    def detect(
        self, rng: np.random.Generator, photon_ps: NDArray[np.float64], photon_pixel: NDArray[np.int64], pulses: int
    ) -> Tags:
        """Return what is counted in the next `pulses` laser periods, pulses counted from the first of them.

        Parameters
        ----------
        photon_ps, photon_pixel : float64 and int64 arrays, shape (n,)
            Absorbed photons of these periods, ascending in time since the first of them.
        """
        from simulators.avalanches import detect_interval  # the compiled code is loaded only here

        length_ps, late = pulses * self._response.period_ps, len(self._late.pulse)
        tags = _new_tags(late + self._most_tags(len(photon_ps), length_ps))
        tags.pulse[:late] = self._late.pulse
        tags.pixel[:late] = self._late.pixel
        tags.delay_ps[:late] = self._late.delay_ps
        count = detect_interval(rng, photon_ps, photon_pixel, length_ps, self._response, self._memory, tags, late)
        end = int(np.searchsorted(tags.pulse[:count], pulses))
        after = slice(end, count)
        self._late = Tags(tags.pulse[after] - pulses, tags.pixel[after].copy(), tags.delay_ps[after].copy())
        return Tags(tags.pulse[:end], tags.pixel[:end], tags.delay_ps[:end])

    def _most_tags(self, photons: int, length_ps: float) -> int:
        """Return a number of tags that is not exceeded by 10 sigma."""
        mean = (photons + 1e-12 * length_ps * self._dark_hz) * (1 + 2 * self._response.crosstalk_probability)
        mean = mean / (1 - self._response.afterpulse_probability) + self._memory.pending_count[0]
        return int(mean + 10 * mean**0.5) + 100


def _new_tags(capacity: int) -> Tags:
    return Tags(np.empty(capacity, np.int64), np.empty(capacity, np.uint16), np.empty(capacity, np.uint32))


def alias_table(weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return an alias table of a discrete distribution (Walker 1977, as built by Vose 1991).

    A place is drawn uniformly and kept with probability `share`, otherwise replaced by `other`.

    Returns
    -------
    share : float64 array, shape (n,)
    other : int64 array, shape (n,)
    """
    count = len(weights)
    other = np.arange(count, dtype=np.int64)
    total = float(weights.sum())
    share = weights * (count / total) if total > 0 else np.ones(count)
    small = [i for i in range(count) if share[i] < 1]
    large = [i for i in range(count) if share[i] >= 1]
    while small and large:
        low, high = small.pop(), large[-1]
        other[low] = high
        share[high] -= 1 - share[low]
        if share[high] < 1:
            small.append(large.pop())
    share[small] = 1.0
    return share, other
