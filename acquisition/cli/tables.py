"""The table of the six states, for a person at a terminal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from acquisition.numbers import pull, with_error

STATES = ("X", "X-", "X2-", "BX", "BX-", "BX2-")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a state: its key in results.json, and its heading."""

    key: str
    heading: str


QUANTITIES = (
    Quantity("lifetime_ns", "lifetime (ns)"),
    Quantity("quantum_efficiency", "efficiency"),
    Quantity("energy_ss_ev", "E SS (eV)"),
    Quantity("energy_pp_ev", "E PP (eV)"),
    Quantity("pp_fraction", "PP fraction"),
    Quantity("k_rad_per_us", "k rad (1/us)"),
    Quantity("k_nonrad_per_us", "k nonrad (1/us)"),
)
_PER_TABLE = 3
_PER_TABLE_WITH_TRUTH = 2


def state_tables(
    results: Mapping[str, Any], truth: Mapping[str, Any] | None = None, plus_minus: str = "±"
) -> Iterator[Table]:
    """Yield the tables of one recording; nothing if no state was found.

    Parameters
    ----------
    results : mapping
        As in results.json, of one point.
    truth : mapping, optional
        The simulation's truth of each state by name; adds columns with the truth and the pull.
    plus_minus : str
        What stands between value and error.
    """
    states = results.get("states", {})
    found = [quantity for quantity in QUANTITIES if any(quantity.key in state for state in states.values())]
    size = _PER_TABLE if truth is None else _PER_TABLE_WITH_TRUTH
    for start in range(0, len(found), size):
        yield _table(states, found[start : start + size], truth, plus_minus)


def _table(
    states: Mapping[str, Any], quantities: list[Quantity], truth: Mapping[str, Any] | None, plus_minus: str
) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("state", no_wrap=True)
    for quantity in quantities:
        table.add_column(quantity.heading, no_wrap=True, justify="right")
        if truth is not None:
            table.add_column("truth", no_wrap=True, justify="right", style="dim")
            table.add_column("pull", no_wrap=True, justify="right", style="dim")
    for name in STATES:
        cells: list[str] = []
        for quantity in quantities:
            cells += _cells(states.get(name, {}).get(quantity.key), plus_minus)
            if truth is not None:
                cells += _truth_cells(states.get(name, {}).get(quantity.key), truth.get(name, {}).get(quantity.key))
        table.add_row(name, *cells)
    return table


def _cells(estimate: Mapping[str, float] | None, plus_minus: str) -> list[str]:
    return ["-" if estimate is None else with_error(estimate["value"], estimate.get("error"), plus_minus)]


def _truth_cells(estimate: Mapping[str, float] | None, truth: float | None) -> list[str]:
    if truth is None:
        return ["-", "-"]
    error = 0.0 if estimate is None else estimate.get("error", 0.0)
    distance = "-" if estimate is None or not error > 0 else f"{pull(estimate['value'], error, truth):+.1f}"
    return [f"{truth:.4g}", distance]


def summary_lines(results: Mapping[str, Any], plus_minus: str = "±") -> Iterator[str]:
    """Yield what results.json says beside the states: photons, g2, model, single emitter or not."""
    if "photons" in results:
        span = f" in {results['duration_s']:.4g} s" if "duration_s" in results else ""
        yield f"photons: {results['photons']}{span}"
    named = {"neutral": "0", "minus1": "-1", "minus2": "-2"}
    ratios = [
        f"{charge}: {_estimate(results['g2'][key]['center_over_side'], plus_minus)}"
        for key, charge in named.items()
        if "center_over_side" in results.get("g2", {}).get(key, {})
    ]
    if ratios:
        yield f"g2, centre over side peaks, by charge: {', '.join(ratios)}"
    constants = {"B_per_us": "B", "C_minus_per_us": "C-", "C_plus_per_us": "C+"}
    model = [
        f"{short} = {_estimate(results['model'][key], plus_minus)}"
        for key, short in constants.items()
        if key in results.get("model", {})
    ]
    if model:
        yield f"model (1/us): {', '.join(model)}"
    if "emitters" in results:
        yield f"emitters: {results['emitters']['verdict']}"


def _estimate(estimate: Mapping[str, float], plus_minus: str) -> str:
    return with_error(estimate["value"], estimate.get("error"), plus_minus)
