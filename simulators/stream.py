"""The photon stream of one acquisition on the bench, cut into intervals of at most one second."""

from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from simulators.detector import Detector, DetectorSettings
from simulators.light import Excitation, Interval, SampleLight
from simulators.seeding import Purpose, generator

INTERVAL_S = 1.0
"""Length of an interval; the last of an acquisition may be shorter."""


def intervals(duration_s: float, pulse_rate_hz: float) -> list[Interval]:
    """Return the intervals of an acquisition, each a whole number of pulses, at least one in all."""
    total = max(1, round(duration_s * pulse_rate_hz))
    edges = [0]
    while edges[-1] < total:
        edges.append(min(total, round(len(edges) * INTERVAL_S * pulse_rate_hz)))
    return [Interval(number, *edges[number : number + 2]) for number in range(len(edges) - 1)]


class PhotonStream:
    """What the SPAD array counts during one acquisition.

    Parameters
    ----------
    light : SampleLight
        Light of the sample in this acquisition.
    settings : DetectorSettings
        The SPAD array.
    seed, point : int
        Seed of the bench and number of the acquisition on it.
    info : PhotonStreamInfo
        Laser period and number of pixels.
    """

    def __init__(
        self, light: SampleLight, settings: DetectorSettings, *, seed: int, point: int, info: PhotonStreamInfo
    ) -> None:
        self._light, self._seed, self._point = light, seed, point
        self._detector = Detector(settings, info.pixel_count, info.period_ps)

    def block(self, interval: Interval, excitation: Excitation) -> PhotonBlock:
        """Return the photons of the next interval; intervals must come in order."""
        photon_ps, photon_pixel = self._light.photons(interval, excitation)
        rng = generator(self._seed, Purpose.DETECTOR, self._point, interval.number)
        tags = self._detector.detect(rng, photon_ps, photon_pixel, interval.pulses)
        pulse = tags.pulse + interval.first_pulse
        return PhotonBlock(pulse, tags.pixel, tags.delay_ps, interval.first_pulse, interval.end_pulse)
