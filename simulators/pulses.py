"""The laser pulses that reach a detector of the bench, and the light that reaches the sample, faults included."""

from dataclasses import replace

from simulators.bench import Bench
from simulators.light import Excitation


def pulse_rate_hz(bench: Bench) -> float:
    """Return the rate of the laser pulses that reach the detector's clock input now; 0 if there are none."""
    with bench.lock:
        if not bench.beam.emission or bench.faults.active("laser_stops") is not None:
            return 0.0
        missing = bench.faults.active("laser_drops_pulses")
        return bench.beam.repetition_rate_hz * (1.0 if missing is None else 1.0 - missing["share"])


def excitation_of(bench: Bench) -> Excitation:
    """Return what reaches the sample now."""
    excitation = bench.excitation()
    return replace(excitation, intensity=0.0) if bench.faults.active("laser_stops") is not None else excitation
