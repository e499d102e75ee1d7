"""What a session says of runs, for tests of what the window shows of them."""

from acquisition.gui.client.feed import Said
from acquisition.session.idle import IDLE

RUN = "/runs/2026-11-21T093000_cascade"

RUNNING = {
    **IDLE, "state": "running", "run": RUN, "step": "acquire photons for 600 s (cascade)", "elapsed_s": 150.0,
    "message": "acquire photons for 600 s (cascade)", "remaining_s": 450.0, "planned_s": 600.0, "point": 1,
    "photons": 2_100_123, "count_rate_cps": 105_123.0, "charge_state": "minus1", "simulated": True,
}  # fmt: skip
ENDED = {**RUNNING, "state": "idle", "outcome": "completed", "ok": True, "message": ""}

POINT = {
    "number": 1, "label": "cascade", "duration_s": 600.0, "goal": "", "goal_reached": False, "temperature_c": 20.0,
    "intensity_percent": 20.0, "repetition_rate_hz": 1e6, "count_rate_cps": 105_652.0, "photons": 63.4e6,
    "signal_photons": 4.2e6, "cascades": 7660.0, "accidental_pairs": 7049.0, "dose_percent_s": 12000.0,
    "dose_uj": None, "notes": ["few cascades"],
    "precision_percent": {
        "states.X.lifetime_ns": 0.245, "states.BX.lifetime_ns": 2.65, "states.X.energy_ss_ev": 0.0046,
        "emitters.g2_gated": 196.0,
    },
}  # fmt: skip

FORECAST = {
    "sequence": "cascade", "rig": "simulated", "ok": True, "problems": [], "warnings": [], "duration_s": 600.0,
    "acquiring_s": 600.0,
    "waiting_s": 0.0, "photons": 63.4e6, "signal_photons": 4.2e6, "segment_bytes": 634e6, "file_bytes": 444e6,
    "peak_bytes": 1.08e9,
    "dose_percent_s": 12000.0, "lit_s": 600.0, "dose_uj": 12_300.0, "limits": ["laser intensity: 100 %"],
    "missing_calibrations": {"wavelength": "energies are in pixels"}, "asked": ["turn the key of the laser"],
    "settling": [], "points": [POINT], "notes": ["expectations of the twin"],
    "steps": [{"number": 1, "kind": "acquire_photons", "text": "acquire photons for 600 s", "duration_s": 600.0}],
}  # fmt: skip


def said(status=None, **more):
    """Return what the feed would say."""
    return Said(status=dict(IDLE) if status is None else status, **more)
