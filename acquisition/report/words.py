"""How states, charge states and their quantities are called wherever a person reads of them: report, window, tables."""

from collections.abc import Mapping
from typing import Any

from acquisition.numbers import with_error

STATES = ("X", "X-", "X2-", "BX", "BX-", "BX2-")

CHARGES = ("neutral", "minus1", "minus2")
CHARGE_NAMES = {"neutral": "neutral", "minus1": "charge −1", "minus2": "charge −2"}
CHARGE_SIGNS = {"neutral": "0", "minus1": "−1", "minus2": "−2"}
"""Names where there is little room."""

QUANTITIES = {
    "lifetime_ns": "lifetime (ns)",
    "quantum_efficiency": "efficiency",
    "energy_ss_ev": "E(SS) (eV)",
    "energy_pp_ev": "E(PP) (eV)",
    "pp_fraction": "PP fraction",
    "k_rad_per_us": "k rad (1/µs)",
    "k_nonrad_per_us": "k nonrad (1/µs)",
}
"""Quantities of a state as in results.json, and their headings."""

NOT_FOUND = "–"


def state_text(state: str) -> str:
    """Return the name of a state with its charge raised, e.g. ``X²⁻``."""
    return state.replace("2-", "²⁻").replace("-", "⁻")


def estimate_text(estimate: Mapping[str, float] | None) -> str:
    """Return value and error as text."""
    return NOT_FOUND if estimate is None else with_error(estimate["value"], estimate.get("error"))


def why_no_states(values: Mapping[str, Any]) -> str:
    """Return why nothing can be said about charge states, by the values of `FigureData`; empty if they were."""
    if values["results"]["photons"] == 0:
        return "The recording holds no photons."
    if not values["pulsed"]:
        return "The stream has no laser pulses, so there are no delays to tell charge states by."
    if not values["has_light"]:
        return "No light was found: the delays are uniform, as those of dark counts are."
    if not values["charges"]:
        return "The recording is too short or too dim to assign charge states."
    return ""
