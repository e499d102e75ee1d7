"""Panels of what goes on beside the photons: temperature and rates of the last minutes, the camera, the goals."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from acquisition.live_view.panel import Scene, panel
from acquisition.live_view.run_scene import CameraView


@panel("conditions", "Temperature and count rate", sources=("readings",))
def conditions(scene: Scene) -> Mapping[str, Any] | None:
    """Return the slow readings of the last minutes: temperature, set point, count rate, and what else is a number."""
    return None if scene.readings is None else scene.readings.columns()


@panel("camera", "Camera", sources=("camera",))
def camera(scene: Scene) -> Mapping[str, Any] | None:
    """Return the last frame: a picture of at most 512 x 512, the profiles of rows and columns, and saturation."""
    if scene.camera is None:
        return None
    view = CameraView.of(scene.camera)
    return {
        "picture_counts": view.picture,
        "block_pixels": list(view.block),
        "row_mean_counts": view.row_mean,
        "column_mean_counts": view.column_mean,
        "wavelength_nm": view.wavelength_nm,
        "saturated_share": view.saturated_share,
        "number": view.number,
        "exposure_s": view.exposure_s,
        "em_gain": view.em_gain,
        "started_s": view.started_s,
    }


@panel("progress", "Enough data?", sources=("goals", "states"))
def progress(scene: Scene) -> Mapping[str, Any] | None:
    """Return how far each goal is; without goals, how well the lifetimes are known.

    If the newest analysis is of the last photons only, the errors are those that all photons so far should give.
    """
    if scene.goals is not None:
        return {"goals": [dict(goal) for goal in scene.goals], "lifetimes": []}
    if scene.states is None:
        return None
    seen_s = scene.states.of_last_s
    of_all = 1.0 if seen_s is None else min(1.0, seen_s / scene.states.elapsed_s) ** 0.5
    found = [
        {
            "of": f"lifetime of {state}",
            "value": values["lifetime_ns"]["value"],
            "error": of_all * values["lifetime_ns"]["error"],
            "unit": "ns",
            "percent": 100.0 * of_all * values["lifetime_ns"]["error"] / abs(values["lifetime_ns"]["value"]),
        }
        for state, values in scene.states.results.get("states", {}).items()
        if "lifetime_ns" in values and values["lifetime_ns"]["value"] and np.isfinite(values["lifetime_ns"]["error"])
    ]
    return {"goals": [], "lifetimes": found}
