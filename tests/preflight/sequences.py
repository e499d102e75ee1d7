"""Sequences and twins that the tests of the pre-flight share."""

from collections.abc import Mapping, Sequence
from typing import Any

from acquisition.preflight import Forecast, Learnt, foresee
from acquisition.rig.twin import open_twin
from acquisition.sequence import Sequence as MeasurementSequence

LIGHT = (
    {"kind": "set_laser", "repetition_rate_hz": 1e6, "intensity_percent": 20.0, "emission": True},
    {"kind": "set_shutter", "open": True},
)


def measurement(*steps: Mapping[str, Any], **metadata: Any) -> MeasurementSequence:
    return MeasurementSequence.model_validate({"name": "tried", "metadata": metadata, "steps": list(steps)})


def forecast(
    *steps: Mapping[str, Any],
    metadata: Mapping[str, Any] | None = None,
    sample: str = "never_charges",
    waits: Sequence[Any] = (),
    **options: Any,
) -> Forecast:
    with open_twin("simulated", sample=sample) as twin:
        return foresee(twin, measurement(*steps, **(metadata or {})), learnt=Learnt(waits), **options)


def heat_and_wait(temperature_c: float, timeout_s: float = 1200.0) -> list[dict[str, Any]]:
    return [
        {"kind": "set_temperature", "temperature_c": temperature_c},
        {"kind": "wait_until_stable", "tolerance_c": 0.2, "window_s": 30.0, "timeout_s": timeout_s},
    ]


def acquire(duration_s: float, **more: Any) -> dict[str, Any]:
    return {"kind": "acquire_photons", "duration_s": duration_s, **more}
