"""Bench: a night of measurements is looked through before it begins, within a minute."""

import tempfile
import time
from typing import Any

from acquisition.bench.registry import BenchResult, Say
from acquisition.session import LocalSession

LONGEST_S = 60.0
NIGHT_S = 8 * 3600.0
TEMPERATURES_C = range(20, 60, 2)
POINT_S = 340.0
POINTS_AT_EACH = 4


def bench_check(say: Say) -> BenchResult:
    """Check a temperature series that takes 8 h, with a background and four intensities at each temperature."""
    with tempfile.TemporaryDirectory(prefix="cascadescope-bench-") as out, LocalSession("simulated", out) as session:
        say("a night of 8 h on the twin of the simulated rig")
        begin = time.monotonic()
        found = session.check(_night())
        wall_s = time.monotonic() - begin
    failures = list(map(str, found["problems"]))
    if found["duration_s"] < NIGHT_S:
        failures.append(f"the sequence takes {found['duration_s']:.0f} s only, which is no night")
    if wall_s > LONGEST_S:
        failures.append(f"it took {wall_s:.1f} s")
    numbers = {
        "expected duration in h": round(found["duration_s"] / 3600, 2),
        "points": len(TEMPERATURES_C) * POINTS_AT_EACH,
        "wall time in s": round(wall_s, 2),
    }
    promise = f"a night of 8 h is checked in under {LONGEST_S:g} s"
    return BenchResult(not failures, promise, numbers, tuple(failures))


def _night() -> dict[str, Any]:
    return {
        "name": "night",
        "steps": [
            {"kind": "set_laser", "repetition_rate": "1 MHz"},
            {
                "kind": "repeat",
                "for": "temperature",
                "values": [f"{temperature} degC" for temperature in TEMPERATURES_C],
                "steps": [
                    {"kind": "set_temperature", "temperature": "$temperature"},
                    {"kind": "wait_until_stable", "tolerance": "0.2 degC", "window": "2 min", "timeout": "20 min"},
                    *_points(),
                ],
            },
        ],
    }


def _points() -> list[dict[str, Any]]:
    intensities = [f"{5 * (number + 1)} %" for number in range(POINTS_AT_EACH)]
    acquire = {"kind": "acquire_photons", "duration": f"{POINT_S:g} s", "label": "$intensity"}
    light = {"kind": "set_laser", "intensity": "$intensity", "emission": True}
    steps = [light, {"kind": "set_shutter", "open": True}, acquire, {"kind": "set_shutter", "open": False}]
    return [{"kind": "repeat", "for": "intensity", "values": intensities, "steps": steps}]
