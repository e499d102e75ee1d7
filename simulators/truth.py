"""What the bench knows and a measurement should find, as plain data to be stored beside simulated data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulators.detector import DetectorSettings, personality
from simulators.light import Excitation, SampleLight
from simulators.nanocrystal import named_states
from simulators.optics import Optics
from simulators.sample import Emitter, MicrostatePhotophysics, Sample


@dataclass(slots=True)
class Point:
    """One acquisition: its light, how long it ran and under which conditions (of the last interval)."""

    light: SampleLight
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

    ``states``, ``model`` and ``charge_path`` are those of the first emitter. ``model`` is there only
    if it follows the microstate model; ``emitters`` holds the states and charge paths of all.
    ``points`` are the acquisitions of this process with their numbers.
    """
    excitation = points[max(points)].excitation if points else now
    truth: dict[str, Any] = {
        "sample": sample.name,
        "seed": seed,
        "multiexciton": sample.multiexciton,
        "emitter_count": len(sample.emitters),
        **_conditions(sample, excitation),
        "collection_efficiency": optics.collection_efficiency,
        "detectors": {name: _detector(settings, optics.pixel_count) for name, settings in detectors.items()},
        "points": [_point(number, point, sample) for number, point in points.items()],
    }
    if sample.emitters:
        truth |= _emitter(sample.emitters[0], excitation.temperature_c)
        truth["emitters"] = [_emitter(emitter, excitation.temperature_c) for emitter in sample.emitters]
    return truth


def _conditions(sample: Sample, excitation: Excitation) -> dict[str, float]:
    mean = excitation.intensity * sample.excitations_per_pulse_at_full_intensity
    return {"temperature_c": excitation.temperature_c, "excitations_per_pulse": mean}


def _emitter(emitter: Emitter, temperature_c: float) -> dict[str, Any]:
    truth: dict[str, Any] = {
        "states": {name: state.to_dict() for name, state in named_states(emitter, temperature_c).items()},
        "splitting_ev": 1e-3 * emitter.levels.splitting_mev,
        "linewidth_ev": 1e-3 * emitter.spectrum.linewidth_mev,
    }
    if isinstance(emitter.photophysics, MicrostatePhotophysics):
        constants = emitter.photophysics.constants
        truth["model"] = {
            "B_per_us": constants.b_per_us,
            "C_minus_per_us": constants.c_minus_per_us,
            "C_plus_per_us": constants.c_plus_per_us,
        }
    return truth


def _point(number: int, point: Point, sample: Sample) -> dict[str, Any]:
    paths = [
        [[start_s, -charge] for start_s, charge in path.segments(0.0, point.elapsed_s)] if point.elapsed_s > 0 else []
        for path in point.light.paths
    ]
    truth: dict[str, Any] = {
        "point": number,
        "duration_s": point.elapsed_s,
        **_conditions(sample, point.excitation),
    }
    if sample.emitters:
        states = named_states(sample.emitters[0], point.excitation.temperature_c)
        truth["states"] = {name: state.to_dict() for name, state in states.items()}
        truth["charge_path"] = paths[0]
        truth["charge_paths"] = paths
    return truth


def _detector(settings: DetectorSettings, pixel_count: int) -> dict[str, Any]:
    device = personality(settings, pixel_count)
    return {
        **settings.model_dump(),
        "dark_rate_cps": device.dark_rate_cps.tolist(),
        "offset_ps": device.offset_ps.tolist(),
    }
