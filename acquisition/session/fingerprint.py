"""Whether a run goes on with the rig that it began with: instruments, limits, calibrations, simulated world."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

_IDENTITY = ("manufacturer", "model", "serial", "firmware", "simulated")
_SET_BY_STEPS = frozenset(
    {
        "repetition_rate_hz", "intensity_percent", "emission", "open", "setpoint_c", "heating", "bias", "x_um", "y_um",
        "exposure_s", "em_gain", "cooler", "transmission", "z_um", "wavelength_nm", "light", "grating", "centre_nm",
    }
)  # fmt: skip
"""Settings that are as the steps have left them; the others belong to the instrument."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not as it was when the run began: what, how it was then, how it is now."""

    what: str
    then: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.what}: was {_text(self.then)}, is now {_text(self.now)}"

    def plain(self) -> dict[str, Any]:
        """Return it for run.json and the journal."""
        return asdict(self)


def changes_of_rig(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    """Compare two fingerprints of a rig (`Rig.fingerprint`); how steps have set its instruments does not count."""
    before, after = dict(_parts(then)), dict(_parts(json.loads(json.dumps(now))))
    names = [*before, *(name for name in after if name not in before)]
    pairs = ((name, before.get(name), after.get(name)) for name in names)
    return tuple(Change(name, old, new) for name, old, new in pairs if old != new)


def _parts(fingerprint: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "name of the rig", fingerprint.get("name")
    for role, device in fingerprint.get("devices", {}).items():
        yield from ((f"{role}, {key}", device.get(key)) for key in _IDENTITY)
        settings = device.get("settings", {})
        yield from ((f"{role}, {key}", value) for key, value in settings.items() if key not in _SET_BY_STEPS)
    yield from ((f"limit {name}", value) for name, value in fingerprint.get("limits", {}).items())
    yield from ((f"calibration {name} (SHA-256)", value) for name, value in fingerprint.get("calibrations", {}).items())
    simulation = fingerprint.get("simulation", {})
    sample = simulation.get("sample", {})
    yield "simulated sample", sample.get("name")
    yield "file of the simulated sample (SHA-256)", sample.get("sha256")
    yield "seed of the simulation", simulation.get("seed")
    for part in ("optics", "plant"):
        yield from ((f"simulated {part}, {key}", value) for key, value in simulation.get(part, {}).items())


def _text(value: Any) -> str:
    if isinstance(value, str) and len(value) == 64:  # a check sum
        return f"{value[:12]}..."
    return "not there" if value is None else repr(value)
