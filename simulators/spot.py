"""How much of the laser an emitter beside the middle of the spot gets, and how much of its light is collected."""

from math import exp, hypot, log

from simulators.motion import Place
from simulators.optics import Optics
from simulators.sample import Emitter, Sample

FAR = 1e-9
"""Product of both shares below which an emitter is out of sight."""

IN_SPOT = 0.01
"""Product of both shares above which an emitter counts as lying in the spot."""


def spot_shares(emitter: Emitter, place: Place, optics: Optics) -> tuple[float, float]:
    """Return the shares of the peak intensity that excites an emitter and of its light that is collected.

    Both are Gaussians of the distance d from the middle of the spot, exp(-4 ln2 d^2 / fwhm^2): 1 in the
    middle. Both are 0 for an emitter that is out of sight.
    """
    distance_um = hypot(emitter.position_x_um - place[0], emitter.position_y_um - place[1])
    excited = exp(-4 * log(2) * (distance_um / optics.excitation_fwhm_um) ** 2)
    collected = exp(-4 * log(2) * (distance_um / optics.collection_fwhm_um) ** 2)
    return (excited, collected) if excited * collected > FAR else (0.0, 0.0)


def emitters_in_spot(sample: Sample, place: Place, optics: Optics) -> int:
    """Return how many emitters lie in the spot."""
    shares = [spot_shares(emitter, place, optics) for emitter in sample.emitters]
    return sum(excited * collected > IN_SPOT for excited, collected in shares)


def brightest_emitter(sample: Sample, place: Place, optics: Optics) -> int:
    """Return the number (from 0) of the emitter that sends most light; the first if none sends any or all the same."""
    brightness = []
    for emitter in sample.emitters:
        excited, collected = spot_shares(emitter, place, optics)
        brightness.append(emitter.relative_absorption * excited * collected)
    return brightness.index(max(brightness))
