"""Numbers of a report as rows of text: states, charge states, and everything else that belongs to a point."""

from collections.abc import Iterator, Mapping
from typing import Any

from acquisition.analysis.rate_model import CARRIERS
from acquisition.analysis.state_table import BIEXCITON_OF, EXCITON_OF
from acquisition.numbers import duration, with_error
from acquisition.report.figure_data import FigureData
from acquisition.report.words import CHARGE_NAMES, NOT_FOUND, QUANTITIES, STATES, estimate_text, state_text

_VERDICTS = {
    "one": "one emitter",
    "several": "several emitters: the numbers of this report are mixtures",
    "undecided": "undecided: too few pairs of photons",
}

Row = list[str]


def state_headings(data: FigureData) -> Row:
    """Return the headings of `state_rows`; quantities that no state has are left out."""
    return ["state", "nₑ, nₕ", *(QUANTITIES[key] for key in _found_quantities(data))]


def state_rows(data: FigureData) -> Iterator[Row]:
    """Yield one row per state that was found."""
    for state in STATES:
        values = data.results.get("states", {}).get(state)
        if values is None:
            continue
        electrons, holes = CARRIERS[state]
        row = [state_text(state), f"{electrons}, {holes}"]
        for key in _found_quantities(data):
            text = estimate_text(values.get(key))
            row.append(f"{text} (assumed)" if f"{state}.{key}" in data.results.get("assumed", ()) else text)
        yield row


def _found_quantities(data: FigureData) -> Row:
    states = data.results.get("states", {}).values()
    return [key for key in QUANTITIES if any(key in values for values in states)]


CHARGE_HEADINGS = [
    "charge state", "states", "time (s)", "mean dwell time (s)", "cascades", "g⁽²⁾(0) / g⁽²⁾(side)",
    "accidental pairs",
]  # fmt: skip


def charge_rows(data: FigureData) -> Iterator[Row]:
    """Yield one row per charge state that was found, as `CHARGE_HEADINGS` says."""
    for name in data.charges:
        times = data.results["charge_states"][name]
        g2 = data.results["g2"].get(name)
        row = [CHARGE_NAMES[name], f"{state_text(EXCITON_OF[name])}, {state_text(BIEXCITON_OF[name])}"]
        longest = data.results["duration_s"]
        dwell = f"{times['dwell_s']:.2f}" if "dwell_s" in times else f"> {longest:.4g}"
        row += [f"{times['time_s']:.1f}", dwell]
        if g2 is None:
            row += [NOT_FOUND] * 3
        else:
            share = g2["accidental_pairs"] / max(g2["center_pairs"], 1.0)
            row += [f"{g2['cascades']}", estimate_text(g2["center_over_side"]), f"{100 * share:.0f} %"]
        yield row


def facts(data: FigureData) -> Iterator[tuple[str, str]]:
    """Yield what is to be said of a point beside the states, as pairs of a name and a text."""
    results = data.results
    yield "photon records", f"{results['photons']:,}".replace(",", " ")
    seconds = results["duration_s"]
    yield "duration", f"{seconds:.6g} s" + (f" ({duration(round(seconds))})" if seconds >= 60 else "")
    if "excitations_per_pulse" in results:
        yield "excitations per pulse", estimate_text(results["excitations_per_pulse"])
    if data.charges:
        emitters = results["emitters"]
        verdict = _VERDICTS.get(emitters["verdict"], emitters["verdict"])
        gated = f"; time-gated g⁽²⁾(0) = {estimate_text(emitters['g2_gated'])}" if "g2_gated" in emitters else ""
        yield "emitters", verdict + gated
    yield from _model_facts(results)
    if data.values["has_light"]:
        yield from _selection_facts(results, bool(data.values["pulsed"]))
    if results["selection"]["unused_pixels"]:
        yield "pixels not used", ", ".join(str(pixel) for pixel in results["selection"]["unused_pixels"])
    losses = results["losses"]
    lost = f"{len(losses['gaps'])} gaps, {losses['pulses_lost']} laser pulses" if losses["gaps"] else "none known"
    yield "losses", lost


def _model_facts(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    model = results.get("model")
    if model is None:
        return
    names = {"B_per_us": "B′", "C_minus_per_us": "C₋", "C_plus_per_us": "C₊"}
    constants = ", ".join(f"{name} = {estimate_text(model[key])}" for key, name in names.items())
    yield "model constants (1/µs)", f"{constants}; {model['occupations']}, {model['temperature_k']:.2f} K"
    if model["scatter"] > 0:
        yield "scatter about the model", f"{100 * model['scatter']:.1f} % of the values, beyond their errors"


def _selection_facts(results: Mapping[str, Any], pulsed: bool) -> Iterator[tuple[str, str]]:
    chosen = results["selection"]
    first, end = chosen["region_pixels"]
    yield "region of interest", f"pixels {first} to {end - 1}, chosen {chosen['region_chosen']}"
    if pulsed:
        start_ns, end_ns = chosen["window_ns"]
        zero = chosen["time_zero_ns"]
        yield "delay window", f"{start_ns:.1f} to {end_ns:.1f} ns, chosen {chosen['window_chosen']}"
        width_ps = 2.355e3 * chosen["irf_sigma_ns"]
        response = f"response {width_ps:.0f} ps (FWHM, time offsets of the pixels included)"
        yield "time zero", f"{with_error(zero['value'], zero['error'])} ns, {response}"
        cut = chosen["crosstalk_cut"]
        yield "crosstalk cut", f"pixels up to {cut['pixels']} apart within {cut['window_ns']:g} ns"
        yield "three and more excitons", _MULTIEXCITON.get(chosen["multiexciton"], chosen["multiexciton"])


_MULTIEXCITON = {"cascade": "part of the model", "cap2": "left out of the model"}
