"""Panels of what is known of each state, from an analysis of everything that is recorded so far.

Each holds ``arrays`` and ``values`` by the names of `acquisition.report.figure_data.FigureData`, so that display and
report draw the same.
"""

from collections.abc import Mapping
from typing import Any

from acquisition.live_view.panel import Kind, Scene, panel
from acquisition.live_view.state_results import StateResults

_OF_ALL_FIGURES = (
    "charges", "pulsed", "has_light", "period_ns", "pixel_count", "map_bin_ns", "time_zero_ns", "temperature_k",
    "response_known", "region_pixels", "window_bins",
)  # fmt: skip

_LONG = ("photons_by_pixel",)
"""Results that no panel shows."""


@panel("spectra", "Spectra of the states", Kind.STATES)
def spectra(scene: Scene) -> Mapping[str, Any] | None:
    """Return the spectra of exciton and biexciton of each charge state, with their fits."""
    return _figure(scene, "spectrum/", "survey/")


@panel("decays", "Decays of the states", Kind.STATES)
def decays(scene: Scene) -> Mapping[str, Any] | None:
    """Return the decays of each charge state, with their fits."""
    return _figure(scene, "decay/")


@panel("emission", "Emission of the states", Kind.STATES)
def emission(scene: Scene) -> Mapping[str, Any] | None:
    """Return the light of each charge state by pixel and delay."""
    return _figure(scene, "emission/")


@panel("state_g2", "Pairs of the states", Kind.STATES)
def state_g2(scene: Scene) -> Mapping[str, Any] | None:
    """Return the pairs of each charge state by pulse lag."""
    return _figure(scene, "g2/")


@panel("numbers", "Numbers with errors", Kind.STATES)
def numbers(scene: Scene) -> Mapping[str, Any] | None:
    """Return lifetimes, efficiencies, energies, g2, rates and cascades, as in results.json, and the warnings."""
    states = scene.states
    if states is None:
        return None
    results = {key: value for key, value in states.results.items() if key not in _LONG}
    cascades = sum(int(found.get("cascades", 0)) for found in states.results.get("g2", {}).values())
    return {**_about(states), "results": results, "cascades": cascades}


def _figure(scene: Scene, *groups: str) -> dict[str, Any] | None:
    states = scene.states
    if states is None:
        return None
    arrays = {name: array for name, array in states.arrays.items() if name.startswith(groups)}
    values = {name: states.values[name] for name in _OF_ALL_FIGURES if name in states.values}
    if states.values:
        values["results"] = {key: value for key, value in states.results.items() if key not in _LONG}
    return {**_about(states), "arrays": arrays, "values": values}


def _about(states: StateResults) -> dict[str, Any]:
    return {
        "elapsed_s": states.elapsed_s,
        "took_s": states.took_s,
        "of_last_s": states.of_last_s,
        "problem": states.problem,
        "final": states.final,
    }
