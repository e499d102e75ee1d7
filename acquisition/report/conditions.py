"""Under which conditions a run was recorded, as rows of text from run.json: light, heat, instruments, limits."""

from collections.abc import Iterator, Mapping
from typing import Any

from acquisition.numbers import unit_in, words_of

_CONDITIONS = {
    "temperature_c": ("temperature, measured", 1.0, "°C"),
    "laser_repetition_rate_hz": ("laser rate", 1e-6, "MHz"),
    "laser_intensity_percent": ("laser intensity", 1.0, "%"),
    "excitations_per_pulse": ("excitations per pulse, declared", 1.0, ""),
}
"""What is recorded of a point: its heading, factor and unit on the page; anything else is shown by its own name."""

Row = list[str]


def condition_rows(run: Mapping[str, Any]) -> list[Row]:
    """Return the table of the points with their conditions, headings first; empty if none are known."""
    points = [point for point in run.get("points") or [] if point.get("conditions")]
    names = list(dict.fromkeys(name for point in points for name in point["conditions"]))
    ordered = [name for name in _CONDITIONS if name in names] + [name for name in names if name not in _CONDITIONS]
    if not points:
        return []
    rows = [["point", *(_heading(name) for name in ordered), "recorded"]]
    for point in points:
        cells = [_value(name, point["conditions"].get(name)) for name in ordered]
        seconds = point.get("elapsed_s")
        rows.append([str(point.get("number", "")), *cells, "–" if seconds is None else f"{seconds:g} s"])
    return rows


def _heading(name: str) -> str:
    return _CONDITIONS[name][0] if name in _CONDITIONS else words_of(name)


def _value(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    _, factor, unit = _CONDITIONS.get(name, ("", 1.0, unit_in(name)))
    return f"{value * factor:.4g} {unit}".rstrip()


def rig_facts(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield rig, simulated world, limits and the settings of the detector, as pairs of a name and a text."""
    rig = run.get("rig") or {}
    if rig.get("name"):
        yield "rig", str(rig["name"])
    simulation = run.get("simulation") or {}
    if "seed" in simulation:
        yield "seed of the simulation", str(simulation["seed"])
    sample = simulation.get("sample") or {}
    if sample.get("file"):
        yield "sample file", f"{sample['file']} (SHA-256 {sample.get('sha256', 'not known')})"
    if rig.get("limits"):
        yield "limits", _settings(rig["limits"])
    detector = (rig.get("devices") or {}).get("spad_array") or {}
    if detector.get("settings"):
        yield "settings of the SPAD array", _settings(detector["settings"])


def _settings(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{words_of(name)} {_plain(value)} {unit_in(name)}".rstrip() for name, value in values.items())


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
