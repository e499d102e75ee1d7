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
_BETWEEN_COLUMNS = 3


def state_tables(
    results: Mapping[str, Any], truth: Mapping[str, Any] | None = None, plus_minus: str = "±", width: int = 80
) -> Iterator[Table]:
    """Yield the tables of one recording, each with as many quantities as fit; nothing if no state was found.

    Parameters
    ----------
    results : mapping
        As in results.json, of one point.
    truth : mapping, optional
        The simulation's truth of each state by name; adds columns with the truth and the pull.
    plus_minus : str
        What stands between value and error.
    width : int
        Columns of the terminal. A quantity that alone is wider has a table of its own: no value is ever cut.
    """
    states = results.get("states", {})
    found = [quantity for quantity in QUANTITIES if any(quantity.key in state for state in states.values())]
    together: list[_Column] = []
    for quantity in found:
        columns = _columns(results, quantity, truth, plus_minus)
        if together and _width([_NAMES, *together, *columns]) > width:
            yield _table([_NAMES, *together])
            together = []
        together += columns
    if together:
        yield _table([_NAMES, *together])


@dataclass(frozen=True, slots=True)
class _Column:
    """A column with one cell per state."""

    heading: str
    cells: tuple[str, ...]
    style: str = ""


_NAMES = _Column("state", STATES)


def _columns(
    results: Mapping[str, Any], quantity: Quantity, truth: Mapping[str, Any] | None, plus_minus: str
) -> list[_Column]:
    """Return the column of a quantity, and those of its truth and pull where the truth is known."""
    estimates = [results["states"].get(name, {}).get(quantity.key) for name in STATES]
    assumed = [f"{name}.{quantity.key}" in results.get("assumed", ()) for name in STATES]
    cells = (_cell(one, plus_minus, assumed=each) for one, each in zip(estimates, assumed, strict=True))
    columns = [_Column(quantity.heading, tuple(cells))]
    if truth is not None:
        known = [truth.get(name, {}).get(quantity.key) for name in STATES]
        columns += [
            _Column("truth", tuple("-" if value is None else f"{value:.4g}" for value in known), "dim"),
            _Column("pull", tuple(map(_pull, estimates, known)), "dim"),
        ]
    return columns


def _width(columns: list[_Column]) -> int:
    """Return the width of a table without edges."""
    widths = [max(map(len, (column.heading, *column.cells))) for column in columns]
    return sum(widths) + _BETWEEN_COLUMNS * (len(columns) - 1)


def _table(columns: list[_Column]) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="bold", width=_width(columns))
    for column in columns:
        table.add_column(
            column.heading, no_wrap=True, justify="left" if column is _NAMES else "right", style=column.style
        )
    for cells in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*cells)
    return table


def _cell(estimate: Mapping[str, Any] | None, plus_minus: str, *, assumed: bool) -> str:
    if estimate is None:
        return "-"
    text = with_error(estimate["value"], estimate.get("error"), plus_minus)
    return f"{text} (assumed)" if assumed else text


def _pull(estimate: Mapping[str, Any] | None, truth: float | None) -> str:
    error = 0.0 if estimate is None else estimate.get("error", 0.0)
    return (
        "-" if estimate is None or truth is None or not error > 0 else f"{pull(estimate['value'], error, truth):+.1f}"
    )


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
