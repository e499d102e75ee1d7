"""What the engine of a run says of itself, as plain data of the status of a session."""

from typing import Any

from acquisition.sequence import EngineStatus


def engine_status(engine: EngineStatus) -> dict[str, Any]:
    """Return the part of `Session.status` that the engine knows."""
    progress = engine.progress
    live = progress.live if progress else None
    return {
        "step": engine.step,
        "step_number": engine.step_number,
        "point": engine.point,
        "elapsed_s": progress.elapsed_s if progress else None,
        "remaining_s": engine.remaining_s,
        "planned_s": engine.planned_s,
        "photons": progress.photons if progress else None,
        "count_rate_cps": live.count_rate_cps if live else None,
        "cascades": live.cascades if live else None,
        "charge_state": live.charge_state if live else None,
        "paused_because": engine.paused_because,
        "suspended": engine.suspended,
    }
