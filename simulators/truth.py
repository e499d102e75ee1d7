"""What the bench knows and a measurement should find, as plain data to be stored beside simulated data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulators.detector import DetectorSettings, personality
from simulators.light import Excitation, SampleLight, excitations_of
from simulators.nanocrystal import named_states
from simulators.optics import Optics
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.spot import brightest_emitter, emitters_in_spot
from simulators.widefield import WidefieldLight


@dataclass(slots=True)
class Point:
    """One acquisition: its light, how long it ran and under which conditions (of the last interval)."""

    light: SampleLight | WidefieldLight
    elapsed_s: float
    excitation: Excitation


def bench_truth(
    sample: Sample,
    seed: int,
    optics: Optics,
    now: Excitation,
    points: Mapping[int, Point],
    detectors: Mapping[str, DetectorSettings],
) -> dict[str, Any]:
    """Return the truth of a bench; numbers, text, lists and dicts only.

    ``states``, ``model``, ``excitations_per_pulse`` and ``charge_path`` are those of the emitter that
    sends most light, whose number (from 0) is ``emitter``. ``model`` is there only if it follows the
    microstate model; ``emitters`` holds the states of all, ``charge_paths`` the charge paths.
    ``points`` are the acquisitions of this process with their numbers.
    """
    excitation = points[max(points)].excitation if points else now
    truth: dict[str, Any] = {
        "sample": sample.name,
        "seed": seed,
        "multiexciton": sample.multiexciton,
        "emitter_count": len(sample.emitters),
        **_conditions(sample, optics, excitation),
        "collection_efficiency": optics.collection_efficiency,
        "detectors": {name: _detector(settings, optics.pixel_count) for name, settings in detectors.items()},
        "points": [point_truth(number, point, sample, optics) for number, point in points.items()],
    }
    if sample.emitters:
        truth |= _emitter(sample.emitters[truth["emitter"]], excitation.temperature_c)
        truth["emitters"] = [_emitter(emitter, excitation.temperature_c) for emitter in sample.emitters]
    return truth


def _conditions(sample: Sample, optics: Optics, excitation: Excitation) -> dict[str, Any]:
    x_um, y_um = excitation.place
    found: dict[str, Any] = {"temperature_c": excitation.temperature_c, "x_um": x_um, "y_um": y_um}
    if not sample.emitters:
        mean = excitation.intensity * sample.excitations_per_pulse_at_full_intensity
        return {**found, "excitations_per_pulse": mean}
    number = brightest_emitter(sample, excitation.place, optics)
    return {
        **found,
        "excitations_per_pulse": excitations_of(sample.emitters[number], sample, optics, excitation),
        "emitter": number,
        "emitters_in_spot": emitters_in_spot(sample, excitation.place, optics),
    }


def _emitter(emitter: Emitter, temperature_c: float) -> dict[str, Any]:
    truth: dict[str, Any] = {
        "states": {name: state.to_dict() for name, state in named_states(emitter, temperature_c).items()},
        "splitting_ev": 1e-3 * emitter.levels.splitting_mev,
        "linewidth_ev": 1e-3 * emitter.spectrum.linewidth_mev,
        "position_x_um": emitter.position_x_um,
        "position_y_um": emitter.position_y_um,
        "relative_absorption": emitter.relative_absorption,
    }
    if isinstance(emitter.photophysics, MicrostatePhotophysics):
        constants = emitter.photophysics.constants
        truth["model"] = {
            "B_per_us": constants.b_per_us,
            "C_minus_per_us": constants.c_minus_per_us,
            "C_plus_per_us": constants.c_plus_per_us,
        }
    return truth


def point_truth(number: int, point: Point, sample: Sample, optics: Optics) -> dict[str, Any]:
    """Return the truth of one acquisition."""
    paths = [
        [[start_s, -charge] for start_s, charge in path.segments(0.0, point.elapsed_s)] if point.elapsed_s > 0 else []
        for path in point.light.paths
    ]
    truth: dict[str, Any] = {
        "point": number,
        "duration_s": point.elapsed_s,
        **_conditions(sample, optics, point.excitation),
    }
    if isinstance(point.light, WidefieldLight):
        return {**truth, "charge_paths": paths, **point.light.truth(point.excitation)}
    if sample.emitters:
        states = named_states(sample.emitters[truth["emitter"]], point.excitation.temperature_c)
        truth["states"] = {name: state.to_dict() for name, state in states.items()}
        truth["charge_path"] = paths[truth["emitter"]]
        truth["charge_paths"] = paths
    return truth


def _detector(settings: DetectorSettings, pixel_count: int) -> dict[str, Any]:
    device = personality(settings, pixel_count)
    return {
        **settings.model_dump(),
        "dark_rate_cps": device.dark_rate_cps.tolist(),
        "offset_ps": device.offset_ps.tolist(),
    }
