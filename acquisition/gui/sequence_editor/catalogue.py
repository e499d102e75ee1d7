"""All kinds of steps: their models, groups for a menu, what each does, and what a new one holds."""

import re
from collections.abc import Mapping, Sequence
from itertools import count
from types import MappingProxyType
from typing import Any, get_args

from acquisition.config import ConfigModel
from acquisition.gui.forms.words import about, label_of, words_of_kind
from acquisition.sequence.steps.blocks import CleanupStep, Step

MODELS: Mapping[str, type[ConfigModel]] = MappingProxyType(
    {str(model.model_fields["kind"].default): model for model in get_args(get_args(Step)[0])}
)
"""Model by kind."""

CLEANUP_KINDS = frozenset(str(model.model_fields["kind"].default) for model in get_args(get_args(CleanupStep)[0]))
"""Kinds that may stand in the cleanup."""

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Light": ("set_laser", "set_shutter", "set_attenuator", "measure_power", "power_series"),
    "Temperature": ("set_temperature", "ramp_temperature", "wait_until_stable", "soak", "heat_with_power"),
    "Stage and focus": ("move_stage", "set_focus", "raster_scan", "centre_on_emitter"),
    "Spectrograph and camera": ("set_spectrograph", "set_camera_light", "acquire_spectra"),
    "Photons": (
        "acquire_photons", "acquire_background", "confirm_single_emitter", "acquire_intensity_series", "count_photons",
        "count_late_light", "calibrate_detector",
    ),
    "Order and decisions": ("repeat", "repeat_until", "if", "call", "analyze", "prompt", "store_table"),
}  # fmt: skip

_REPEATS: tuple[dict[str, Any], ...] = (
    {"for": "temperature", "values": ["20 degC", "40 degC", "60 degC"]},
    {"for": "intensity", "values": ["5 %", "20 %", "50 %"]},
    {"for": "round", "values": [1, 2, 3]},
)
"""What a new `repeat` repeats over: the first that no other one around it has."""

_BEGIN: Mapping[str, dict[str, Any]] = {
    "set_laser": {"intensity": "20 %"},
    "set_shutter": {"open": True},
    "set_attenuator": {"transmission": "100 %"},
    "set_temperature": {"temperature": "40 degC"},
    "ramp_temperature": {"temperature": "40 degC", "rate": "5 degC/min"},
    "heat_with_power": {"power": "10 %", "duration": "1 s"},
    "soak": {"duration": "1 min"},
    "move_stage": {"x": "0 um", "y": "0 um"},
    "set_focus": {"z": "0 um"},
    "set_spectrograph": {"centre": "650 nm"},
    "set_camera_light": {"light": "sample"},
    "acquire_photons": {"duration": "10 min"},
    "acquire_spectra": {"exposure": "1 s"},
    "count_photons": {"duration": "1 s"},
    "count_late_light": {"points": 4, "after": "60 ns", "until": "250 ns"},
    "store_table": {"title": "table", "columns": [], "rows": []},
    "prompt": {"text": "Go on?"},
    "raster_scan": {"width": "10 um", "height": "10 um"},
    "power_series": {"intensities": ["5 %", "20 %", "50 %", "100 %"], "duration": "1 min"},
    "acquire_background": {"mode": "dark", "duration": "1 min"},
    "acquire_intensity_series": {"interval": "1 min", "count": 10, "exposure": "100 ms"},
    "repeat": {**_REPEATS[0], "steps": []},
    "repeat_until": {"condition": {"value": "verdict", "equals": "one"}, "most_rounds": 3, "steps": []},
    "if": {"condition": {"value": "verdict", "equals": "one"}, "then": []},
    "call": {"sequence": "cascade"},
}


def groups() -> dict[str, list[str]]:
    """Return the kinds by group, every kind once; those that no group names stand under "More"."""
    named = {kind for kinds in _GROUPS.values() for kind in kinds}
    found = {group: [kind for kind in kinds if kind in MODELS] for group, kinds in _GROUPS.items()}
    more = [kind for kind in MODELS if kind not in named]
    return {**found, **({"More": more} if more else {})}


def new_step(kind: str, repeats: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return what a new step of a kind holds; blocks are empty yet.

    Parameters
    ----------
    kind : str
    repeats : sequence of mapping
        The `repeat` steps around it, outermost first: what they repeat over is taken where the step sets it, and
        another `repeat` takes another variable.
    """
    taken = [str(repeat.get("for", "")) for repeat in repeats]
    step = {"kind": kind, **_BEGIN.get(kind, {})}
    if kind == "repeat":
        return {**step, **next((each for each in _REPEATS if each["for"] not in taken), _counted(taken))}
    return {key: f"${key}" if key in taken and key != "kind" else value for key, value in step.items()}


def _counted(taken: Sequence[str]) -> dict[str, Any]:
    number = next(number for number in count(2) if f"round_{number}" not in taken)
    return {"for": f"round_{number}", "values": [1, 2, 3]}


def what_it_does(kind: str) -> str:
    """Return what the docstring of a kind says, with its settings as the form calls them."""
    if kind not in MODELS:
        return "There is no such kind of step."
    fields = MODELS[kind].model_fields
    words = {name: label_of(field.alias or name).lower() for name, field in fields.items()}
    return re.sub(r"`(\w+)`", lambda match: words.get(match[1], match[1]), about(MODELS[kind]))


def title_of(kind: str) -> str:
    """Return a kind in words."""
    return words_of_kind(kind)


def lists_of(kind: str) -> tuple[str, ...]:
    """Return the keys under which a step of a kind holds others; empty if it holds none that a file writes."""
    model = MODELS.get(kind)
    if model is None or kind == "call":
        return ()
    return tuple(model.model_fields[name].alias or name for name in getattr(model, "children", ()))
