"""What all instruments say of themselves before and after a run, to see later what was different."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from acquisition.rig import Rig


def baseline(rig: Rig) -> dict[str, Any]:
    """Return settings and readings of every instrument, as plain values; never raises.

    Returns
    -------
    dict
        ``at`` (UTC), ``time_s`` (time of the rig) and ``devices``: by role, ``settings`` and ``readings``. In place of
        what could not be read stands ``settings_error`` or ``readings_error``, in words. What is not finite is None.
    """
    devices = {}
    for role, device in rig.devices.items():
        devices[role] = {**_read("settings", device.settings), **_read("readings", device.readings)}
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {"at": at, "time_s": rig.clock.now(), "devices": devices}


def unreadable(found: Mapping[str, Any]) -> list[str]:
    """Return in words what a baseline could not read."""
    return [
        f"{role}: {text}"
        for role, said in found["devices"].items()
        for key, text in said.items()
        if key.endswith("_error")
    ]


def _read(what: str, read: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    try:
        return {what: {name: _plain(value) for name, value in read().items()}}
    except Exception as error:  # whatever a driver raises: a baseline is no reason to end a run
        return {f"{what}_error": str(error) or repr(error)}


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
