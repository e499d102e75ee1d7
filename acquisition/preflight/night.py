"""How long it takes to check a night of eight hours: a temperature sweep with soaks and long acquisitions."""

import time
from dataclasses import dataclass

import numpy as np

from acquisition.preflight.foresee import foresee
from acquisition.rig.twin import open_twin
from acquisition.sequence import Sequence


@dataclass(frozen=True, slots=True)
class NightCheck:
    """Wall time in s that the check took, time in s that the night would take, and its acquisitions."""

    wall_s: float
    night_s: float
    points: int


def check_a_night(temperatures: int = 12, rig: str = "simulated") -> NightCheck:
    """Check a sweep from 20 to 64 degC, 40 minutes at each temperature, and return how long the check took.

    Parameters
    ----------
    temperatures : int
        Twelve make a night of eight hours.
    rig : str
        Path of a rig file with a heater, or name of a shipped one.
    """
    sequence = _sweep(temperatures)
    started_s = time.perf_counter()
    with open_twin(rig) as twin:
        found = foresee(twin, sequence)
    return NightCheck(time.perf_counter() - started_s, found.duration_s, len(found.points))


def _sweep(temperatures: int) -> Sequence:
    at_each = [
        {"kind": "set_temperature", "temperature_c": "$temperature"},
        {"kind": "wait_until_stable", "tolerance_c": 0.1, "window_s": 60.0, "timeout_s": 1800.0},
        {"kind": "soak", "duration_s": 900.0},
        {"kind": "set_laser", "emission": True},
        {"kind": "acquire_photons", "duration_s": 1420.0, "label": "$temperature degC"},
        {"kind": "set_laser", "emission": False},
    ]
    values = [round(float(value), 1) for value in np.linspace(20.0, 64.0, temperatures)]
    steps = [
        {"kind": "set_laser", "repetition_rate_hz": 1e6, "intensity_percent": 20.0},
        {"kind": "set_shutter", "open": True},
        {"kind": "repeat", "variable": "temperature", "values": values, "steps": at_each},
    ]
    return Sequence.model_validate({"name": "night", "steps": steps})
