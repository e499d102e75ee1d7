"""Numbers of an analysis as rows of text: a table of the states, what is known once, and what is missing and why."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from acquisition.analysis.state_table import BIEXCITON_OF, EXCITON_OF
from acquisition.report.words import CHARGE_NAMES, CHARGES, QUANTITIES, STATES, estimate_text, state_text

Row = list[str]

_VERDICTS = {
    "one": "one emitter",
    "several": "several emitters: the numbers are mixtures",
    "undecided": "undecided whether one or several: too few pairs of photons",
}
_CONSTANTS = {"B_per_us": "B′", "C_minus_per_us": "C₋", "C_plus_per_us": "C₊"}


def quantities_of(results: Mapping[str, Any]) -> list[str]:
    """Return the quantities that any state has, in their order."""
    states = results.get("states", {}).values()
    return [key for key in QUANTITIES if any(key in values for values in states)]


def state_cell(results: Mapping[str, Any], state: str, quantity: str) -> str:
    """Return a quantity of a state as text."""
    text = estimate_text(results.get("states", {}).get(state, {}).get(quantity))
    return f"{text} (assumed)" if f"{state}.{quantity}" in results.get("assumed", ()) else text


def why_missing(results: Mapping[str, Any], state: str) -> str:
    """Return why a state lacks numbers, from the warnings; empty if nothing is said of it."""
    charge = next(name for name in CHARGES if state in (EXCITON_OF[name], BIEXCITON_OF[name]))
    warnings = [str(text) for text in results.get("warnings", ())]
    own = [text.removeprefix(f"{charge}: ") for text in warnings if text.startswith(f"{charge}: ")]
    common = [text for text in warnings if not text.startswith(tuple(f"{name}: " for name in CHARGES))]
    return "\n".join(own or common)


def table_rows(results: Mapping[str, Any]) -> list[Row]:
    """Return the table of the states, headings first."""
    keys = quantities_of(results)
    rows = [["state", *(QUANTITIES[key] for key in keys)]]
    for state in STATES:
        if state in results.get("states", {}):
            rows.append([state_text(state), *(state_cell(results, state, key) for key in keys)])
    return rows


def facts(results: Mapping[str, Any], cascades: int) -> Iterator[tuple[str, str]]:
    """Yield what is known once, as pairs of a name and a text."""
    yield "cascades", str(cascades)
    for charge in CHARGES:
        found = results.get("g2", {}).get(charge)
        if found is not None:
            yield f"g⁽²⁾(0) / g⁽²⁾(side), {CHARGE_NAMES[charge]}", estimate_text(found["center_over_side"])
    emitters = results.get("emitters")
    if emitters is not None:
        verdict = _VERDICTS.get(emitters["verdict"], str(emitters["verdict"]))
        gated = f"; time-gated g⁽²⁾(0) = {estimate_text(emitters['g2_gated'])}" if "g2_gated" in emitters else ""
        yield "emitters", verdict + gated
    if "excitations_per_pulse" in results:
        yield "excitations per pulse", estimate_text(results["excitations_per_pulse"])
    model = results.get("model")
    if model is not None:
        texts = (f"{name} = {estimate_text(model[key])}" for key, name in _CONSTANTS.items())
        yield "model constants (1/µs)", ", ".join(texts)


def as_text(rows: Sequence[Row]) -> str:
    """Return a table as text in columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def as_csv(results: Mapping[str, Any]) -> str:
    """Return all numbers of the states as CSV, one row for each with value, error and unit-bearing name."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["state", "quantity", "value", "standard error", "assumed"])
    for state in STATES:
        for key in QUANTITIES:
            found = results.get("states", {}).get(state, {}).get(key)
            if found is not None:
                assumed = "yes" if f"{state}.{key}" in results.get("assumed", ()) else "no"
                writer.writerow([state, key, repr(found["value"]), repr(found["error"]), assumed])
    return text.getvalue()


def missing_rows(results: Mapping[str, Any]) -> list[str]:
    """Return in words which states were not found, and all warnings."""
    states = results.get("states", {})
    absent = [state_text(state) for state in STATES if state not in states]
    said = [f"Not found: {', '.join(absent)}."] if absent else []
    return said + [f"\N{WARNING SIGN} {text}" for text in results.get("warnings", ())]
