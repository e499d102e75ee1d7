"""Names of keys and kinds for people, and what the docstrings say of them."""

import re

from pydantic.fields import FieldInfo

from acquisition.config import ConfigModel
from acquisition.config.json_schema import docstring_of
from acquisition.config.model import unit_of
from acquisition.gui.forms.quantity_field import pretty
from acquisition.gui.forms.shape import Shape

LABELS = {
    "for": "Variable",
    "with": "Variables",
    "value": "Value",
    "most": "At most",
    "suspend": "Pauses by itself",
    "all": "All of these",
    "any": "Any of these",
    "not": "Not this",
    "dose_percent_s": "Dose (% s)",
    "em_gain": "EM gain",
    "dx": "Step in x",
    "dy": "Step in y",
    "spot_fwhm": "Spot FWHM",
}
"""Keys whose words are not simply those of their name."""

KINDS = {
    "if": "If",
    "call": "Call a sequence",
    "prompt": "Ask a person",
    "analyze": "Analyse the newest point",
    "raster_scan": "Raster scan",
}
"""Kinds whose words are not simply those of their name."""

TIPS = {
    "duration_s": "How long it lasts.",
    "temperature_c": "Of the substrate, as the heater controls it.",
    "repetition_rate_hz": "Laser pulses per second.",
    "intensity_percent": "Share of the laser's full power.",
    "emission": "Whether the laser sends light.",
    "open": "Whether light reaches the sample.",
    "label": "What it is called in results and reports.",
    "until": "Goal that ends it earlier: so many cascades, a number known well enough, a dose, ...",
    "window_s": "How long the temperature must stay there.",
    "tolerance_c": "Largest distance from the setpoint.",
    "timeout_s": "Longest wait.",
    "relative": "Whether the numbers are distances from where it is now.",
    "grating": "Number of the grating on the turret.",
    "centre_nm": "Wavelength in the middle of the detector.",
    "slit_um": "Width of the entrance slit.",
    "condition": "What decides, by values that the steps before have given.",
    "value": "Name of a value that a step before has given, such as count_rate_cps or BX-.lifetime_ns.",
    "above": "Holds above this number, in the unit that the value's name carries.",
    "below": "Holds below this number, in the unit that the value's name carries.",
    "equals": "Holds if the value is this: a text, a number, true or false.",
    "variable": "Name of the variable: $name in the steps below stands for its value in each round.",
    "values": "The values that the variable takes, one round each.",
    "most_rounds": "After so many rounds it ends even if the condition does not hold.",
    "exposure_s": "Time that light is collected for each reading.",
    "title": "What the table is called.",
    "x_um": "Along x, in the plane of the sample.",
    "y_um": "Along y, in the plane of the sample.",
    "z_um": "Height of the objective.",
    "light": "Whether light stays on the sample.",
    "rate_c_per_min": "How fast the setpoint moves.",
    "transmission_percent": "Share of the laser light that passes.",
    "em_gain": "Electron-multiplying gain; 1 is none.",
    "pixels": "Pixels of the SPAD array that are counted: first, and the one after the last.",
    "most_s": "Longest time.",
    "power_percent": "Share of the heater's full power.",
    "columns": "Names of the columns.",
    "rows": "The numbers, row by row.",
    "suspend": "When the run pauses by itself, and what follows.",
    "name": "What runs of it are called: letters, digits, - and _.",
}
"""Tooltips of fields whose docstring leaves them to the one of the model."""


_IN_PYTHON = {"None": "not set", "True": "on", "False": "off"}
"""What docstrings say and a form shows otherwise."""


def label_of(key: str) -> str:
    """Return a key of files in words, e.g. ``Repetition rate``."""
    words = LABELS.get(key, key.replace("_", " "))
    return words[:1].upper() + words[1:]


def words_of_kind(kind: str) -> str:
    """Return the kind of a step in words, e.g. ``Set laser``."""
    words = KINDS.get(kind, kind.replace("_", " "))
    return words[:1].upper() + words[1:]


def about(model: type[ConfigModel]) -> str:
    """Return what the docstring of a model says of it, without its attributes."""
    return docstring_of(model)[0]


def tip_of(model: type[ConfigModel], name: str, field: FieldInfo) -> str:
    """Return what is known of a field in words: what it means, and how it is written."""
    said = docstring_of(model)[1].get(name, TIPS.get(name, ""))
    unit = unit_of(field)
    written = "" if unit is None else f"Write {unit.dimension}, for example {unit.example}; any fitting unit will do."
    for word, shown in _IN_PYTHON.items():
        said = re.sub(rf"\b{word}\b", shown, said)
    return "\n".join(part for part in (said[:1].upper() + said[1:], written) if part)


def allowed(shape: Shape) -> str:
    """Return the bounds of a number in words; empty if it has none."""
    unit = shape.unit if shape.kind == "quantity" else None
    if shape.kind not in ("quantity", "int", "float"):
        return ""
    low, high = (
        None if end is None else f"{end:g}" if unit is None else pretty(float(end), unit)
        for end in (shape.low, shape.high)
    )
    least = "" if low is None else f"{'above' if shape.above_low else 'at least'} {low}"
    parts = [part for part in (least, "" if high is None else f"at most {high}") if part]
    return f"Allowed: {', '.join(parts)}." if parts else ""
