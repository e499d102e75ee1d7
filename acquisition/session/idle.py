"""What a session says of itself before its first run."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

IDLE: Mapping[str, Any] = MappingProxyType(
    {
        "state": "idle",
        "mode": None,
        "last_step": None,
        "outcome": None,
        "ok": True,
        "run": None,
        "step": "",
        "step_number": 0,
        "point": 0,
        "elapsed_s": None,
        "remaining_s": None,
        "planned_s": None,
        "photons": None,
        "count_rate_cps": None,
        "cascades": None,
        "charge_state": None,
        "message": "",
        "warnings": (),
        "question": None,
        "paused_because": "",
        "suspended": False,
        "simulated": None,
        "interlocks": (),
        "guardian": None,
        "sample": None,
        "ends": 0,
    }
)
"""The status, with the keys of `Session.status`."""
