"""The command `check`: what a sequence would be like on a rig, before anything is switched on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from acquisition.cli.assignments import assignments
from acquisition.cli.exit_status import FAILED, SUCCESS
from acquisition.cli.tables import STATES
from acquisition.cli.terminal import complain, console
from acquisition.numbers import duration
from acquisition.session import LocalSession

_PRECISION = (("lifetime_ns", "lifetime"), ("quantum_efficiency", "efficiency"))


def check_sequence(
    sequence: str, rig: str, out: str, sample: str | None, settings: Iterable[str] = (), *, attended: bool = True
) -> int:
    """Show the forecast for a sequence with settings replaced; returns the exit status: success if it can work."""
    overrides = assignments(settings)
    with LocalSession(rig, out, sample=sample) as session:
        found = session.check(sequence, overrides, attended)
    show_forecast(found, console())
    for problem in found["problems"]:
        complain(f"cannot work: {problem}")
    return SUCCESS if found["ok"] else FAILED


def show_forecast(found: Mapping[str, Any], screen: Console) -> None:
    """Print a forecast, as `Session.check` returns it."""
    screen.print(f"{found['sequence']} on the twin of {found['rig']}: all numbers are expectations", markup=False)
    for line in _summary(found):
        screen.print(line, markup=False)
    if found["points"]:
        screen.print()
        screen.print(_points(found["points"]))
    precision = _precision(found["points"])
    if precision is not None:
        screen.print()
        screen.print(precision)
    for line in _remarks(found):
        screen.print(line, markup=False)


def energy(dose_uj: float) -> str:
    """Return an energy for people, e.g. ``12.3 mJ``."""
    for factor, unit in ((1e6, "J"), (1e3, "mJ")):
        if dose_uj >= factor:
            return f"{dose_uj / factor:.3g} {unit}"
    return f"{dose_uj:.3g} uJ"


def size(count: float) -> str:
    """Return bytes for people, e.g. ``1.2 GB``."""
    for factor, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return f"{count / 1e3:.3g} kB"


def _summary(found: Mapping[str, Any]) -> Iterator[str]:
    acquiring, waiting = duration(found["acquiring_s"]), duration(found["waiting_s"])
    yield f"time: {duration(found['duration_s'])} (acquiring {acquiring}, waiting {waiting})"
    yield (
        f"data: {found['photons']:.3g} photons, {found['signal_photons']:.3g} of them of emitters; "
        f"{size(found['segment_bytes'])} while it runs, {size(found['file_bytes'])} afterwards, "
        f"{size(found['peak_bytes'])} at most"
    )
    known = "" if found["dose_uj"] is None else f", {energy(found['dose_uj'])}"
    yield f"light on the sample: {found['dose_percent_s']:.4g} % s in {duration(found['lit_s'])}{known}"


def _points(points: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("point", justify="right", no_wrap=True)
    table.add_column("label", no_wrap=True)
    for heading in ("time", "degC", "laser %", "counts/s", "photons", "cascades", "of them by chance"):
        table.add_column(heading, justify="right", no_wrap=True)
    for point in points:
        temperature_c = point["temperature_c"]
        table.add_row(
            str(point["number"]),
            point["label"],
            f"{'about ' if point['goal_reached'] else ''}{duration(point['duration_s'])}",
            "-" if temperature_c is None else f"{temperature_c:.1f}",
            f"{point['intensity_percent']:g}",
            *(f"{point[key]:.3g}" for key in ("count_rate_cps", "photons")),
            f"{point['cascades'] + point['accidental_pairs']:.3g}",
            f"{point['accidental_pairs']:.3g}",
        )
    return table


def _precision(points: Sequence[Mapping[str, Any]]) -> Table | None:
    """Return the relative errors of lifetimes and efficiencies; None if there is none."""
    if not any(point["precision_percent"] for point in points):
        return None
    table = Table(
        show_edge=False, pad_edge=False, header_style="bold", title="errors in %, about", title_justify="left"
    )
    table.add_column("point", justify="right", no_wrap=True)
    table.add_column("of", no_wrap=True)
    for state in STATES:
        table.add_column(state, justify="right", no_wrap=True)
    for point in points:
        for key, name in _PRECISION:
            errors = [point["precision_percent"].get(f"states.{state}.{key}") for state in STATES]
            if any(error is not None for error in errors):
                table.add_row(
                    str(point["number"]), name, *("-" if error is None else f"{error:.2g}" for error in errors)
                )
    return table


def _remarks(found: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    for warning in found["warnings"]:
        yield f"WARNING: {warning}"
    for wait in found["settling"]:
        known = "simulated plate"
        if wait["learnt_from"]:
            known = f"median of {wait['learnt_from']} earlier waits, {wait['low_s']:.3g} ... {wait['high_s']:.3g} s"
        change = f"{wait['from_c']:.1f} -> {wait['to_c']:.1f} degC"
        yield f"step {wait['step']}: {change} settles after {wait['settled_after_s']:.3g} s ({known})"
    for touched in found["limits"]:
        yield f"near a limit: {touched}"
    for name, consequence in found["missing_calibrations"].items():
        yield f"not calibrated: {name}: {consequence}"
    for question in found["asked"]:
        yield f"needs a person: {question}"
    for point in found["points"]:
        for note in point["notes"]:
            yield f"point {point['number']}: {note}"
    for note in found["notes"]:
        yield f"note: {note}"
