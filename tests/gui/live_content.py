"""Contents of the live panels of photons, as a session gives them: made-up numbers of the right shapes."""

import numpy as np

from acquisition.gui.client.feed import Said
from acquisition.live_view import PANELS

CHARGES = ["neutral", "minus1", "minus2"]
PIXELS = 40


def contents(seed=1):
    """A blinking dot, a minute after the start; every number changes with the seed."""
    rng = np.random.default_rng(seed)
    bins, rows = 750, 300
    charge = np.repeat(rng.integers(0, 3, 75), 10).astype(np.int8)
    counts = rng.poisson(np.array([320, 290, 270])[charge]).astype(np.float32)
    edges = np.arange(0, 402)
    circle = np.linspace(0, 2 * np.pi, 49)
    pairs = rng.poisson(1000, 41)
    return {
        "count_trace": {
            "bin_s": 0.04, "charges": CHARGES, "background_counts": 72.0,
            "recent": {
                "start_s": 30.0, "counts": counts, "array_counts": (counts + 4000).astype(np.int32),
                "mean_delay_ns": counts / 10, "charge": charge, "lost": np.zeros(bins, bool),
            },
            "overview": {
                "start_s": 0.0, "row_s": 0.2, "least_counts": rng.poisson(250, rows).astype(np.float32),
                "most_counts": rng.poisson(350, rows).astype(np.float32), "mean_counts": np.full(rows, 300.0),
                "array_least_counts": rng.poisson(4000, rows), "array_most_counts": rng.poisson(4500, rows),
                "array_mean_counts": np.full(rows, 4250.0), "charge": rng.integers(-1, 3, rows).astype(np.int8),
                "lost": np.zeros(rows, bool),
            },
        },
        "intensity_histogram": {
            "edges_counts": edges, "bins": np.histogram(counts, edges)[0],
            "bins_by_charge": {
                name: np.histogram(counts[charge == index], edges)[0] for index, name in enumerate(CHARGES)
            },
            "bin_s": 0.04, "covered_s": 30.0, "background_counts": 72.0,
        },
        "flid": {
            "counts_edges": np.linspace(0, 400, 81), "mean_delay_edges_ns": np.linspace(5, 60, 81),
            "bins": rng.poisson(0.2, (80, 80)).astype(np.uint32),
            "regions": {
                name: {"counts": 280 + 20 * index + 20 * np.sin(circle), "mean_delay_ns": 40 - index + np.cos(circle)}
                for index, name in enumerate(CHARGES)
            },
            "bin_s": 0.04, "covered_s": 30.0,
        },
        "spectrum": {
            "counts": rng.poisson(5000, PIXELS), "duration_s": 10.0, "latest_counts": rng.poisson(25, PIXELS),
            "latest_duration_s": 0.05, "used": np.arange(PIXELS) != 7, "wavelength_nm": np.linspace(600, 700, PIXELS),
            "region_pixels": [10, 20],
        },
        "delays": {
            "counts": rng.poisson(1e4 * np.exp(-np.arange(2000) / 100) + 5), "bin_ns": 0.5, "period_ns": 1000.0,
            "time_zero_ns": 21.5, "window_ns": [19.5, 182.0], "region_pixels": [10, 20],
        },
        "pixel_delay_map": {
            "counts": rng.poisson(20, (PIXELS, 250)).astype(np.uint16), "pixel_edges": np.arange(PIXELS + 1),
            "delay_edges_ns": np.linspace(0, 1000, 251), "wavelength_nm": np.linspace(600, 700, PIXELS),
            "time_zero_ns": 21.5, "window_ns": [19.5, 182.0], "region_pixels": [10, 20],
        },
        "g2": {
            "lag_pulses": np.arange(-20, 21), "pairs": pairs, "center_over_side": {"value": 0.8652, "error": 0.0072},
        },
        "losses": {"gaps": 0, "lost_pulses": 0, "lost_s": 0.0, "lost_share": 0.0, "unseen_s": 0.0, "latest": []},
        "pile_up": {
            "pulses_by_photons": np.array([900, 90, 9, 1, 0]), "photons_per_pulse": 0.11, "several_share": 0.1,
            "brightest_pixel_per_pulse": 0.006, "lost_in_brightest_share": 0.003,
        },
        "counts": {
            "elapsed_s": 60.0, "photons": int(rng.integers(10**6, 10**7)), "count_rate_cps": 106_330.0,
            "cascades": 14_384, "charge_state": "minus1", "has_light": True,
        },
    }  # fmt: skip


def said(panels, version=1, **live):
    """What a window is told of these panels."""
    about = {"run": "/runs/2026-11-21T085634_cascade", "point": 1, "label": "cascade", "simulated": True}
    return Said(
        status={"run": about["run"]}, live={**about, "problem": "", **live},
        panels=panels, versions=dict.fromkeys(panels, version),
    )  # fmt: skip


def of_scene(scene):
    """What the session's own panels make of a scene."""
    return {name: panel.compute(scene) for name, panel in PANELS.items() if "stream" in panel.sources}
