"""Columns of the list of runs: what stands in them, and by what they are sorted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from acquisition.numbers import duration

Run: TypeAlias = Mapping[str, Any]
"""An entry of `Session.runs`."""

UNKNOWN = "–"

OUTCOMES = ("running", "completed", "stopped", "aborted", "failed", "killed")
KINDS = ("sequence", "alignment")
VERDICTS = {"keep": "\N{CHECK MARK} keep", "reject": "\N{MULTIPLICATION X} reject"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    title, tip : str
    text : callable
        What is shown of a run.
    key : callable
        By what runs are sorted.
    to_the_right : bool
        Whether its texts end at the right, as numbers do.
    """

    title: str
    tip: str
    text: Callable[[Run], str]
    key: Callable[[Run], Any]
    to_the_right: bool = False


def text_of(run: Run, key: str) -> str:
    """Return a text of a run; a dash where it is not known."""
    return str(run.get(key) or UNKNOWN)


def started(run: Run) -> str:
    """Return when a run began, to the minute, in UTC."""
    return text_of(run, "started_at")[:16].replace("T", " ")


def count_text(value: float | None) -> str:
    """Return a large number with its thousands apart."""
    return UNKNOWN if value is None else f"{value:,.0f}".replace(",", "\N{THIN SPACE}")


def outcome(run: Run) -> str:
    """Return how a run ended; one whose folder is damaged says so."""
    return "\N{WARNING SIGN} damaged" if run.get("problem") else text_of(run, "outcome")


def _simulated(run: Run) -> str:
    return {True: "simulated", False: "no", None: UNKNOWN}[run.get("simulated")]


def _plain(key: str) -> Callable[[Run], str]:
    return lambda run: text_of(run, key)


def _sorted(key: str) -> Callable[[Run], Any]:
    return lambda run: str(run.get(key) or "").casefold()


def _number(key: str) -> Callable[[Run], Any]:
    return lambda run: float(run.get(key) or 0.0)


COLUMNS = (
    Column("started (UTC)", "When the run began.", started, lambda run: str(run.get("started_at") or "")),
    Column("name", "Of its sequence.", _plain("name"), _sorted("name")),
    Column("sample", "As its metadata say.", _plain("sample"), _sorted("sample")),
    Column("dot", "Number or name of the nanocrystal, as its metadata say.", _plain("dot"), _sorted("dot")),
    Column("operator", "Who started it.", _plain("operator"), _sorted("operator")),
    Column(
        "outcome",
        "Completed; stopped (ended early on purpose, and analysed); aborted; failed; or killed: its program ended.",
        outcome, outcome,
    ),
    Column("points", "Points that were acquired.", lambda run: str(run.get("points", 0)), _number("points"), True),
    Column(
        "photons", "Photon records of all points, dark counts included.",
        lambda run: count_text(run.get("photons")), _number("photons"), True,
    ),
    Column(
        "measured", "Time for which photons were recorded, in all points; simulated time where the clock was.",
        lambda run: UNKNOWN if run.get("measured_s") is None else duration(run["measured_s"]),
        _number("measured_s"), True,
    ),
    Column(
        "took", "From start to end on the wall clock, waiting included.",
        lambda run: UNKNOWN if run.get("duration_s") is None else duration(run["duration_s"]),
        _number("duration_s"), True,
    ),
    Column("kind", "A sequence, or an alignment by hand.", _plain("kind"), _sorted("kind")),
    Column(
        "verdict", "What a person thinks of the dot.",
        lambda run: VERDICTS.get(str(run.get("verdict")), UNKNOWN), _sorted("verdict"),
    ),
    Column("simulated", "Whether any instrument was simulated.", _simulated, _simulated),
)  # fmt: skip
