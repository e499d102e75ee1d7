"""What a run folder says, as a page: who, what, when, conditions, warnings and results."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from acquisition.gui.live.number_rows import table_rows
from acquisition.gui.runs.columns import Run, count_text, outcome, started
from acquisition.gui.theme.themes import Theme
from acquisition.numbers import duration
from acquisition.report.conditions import condition_rows

MOST_WARNINGS = 30


def details_page(entry: Run, said: Mapping[str, Any] | None, theme: Theme) -> str:
    """Return HTML of a run.

    Parameters
    ----------
    entry : mapping
        Of `Session.runs`.
    said : mapping or None
        As `Session.read` returns it; None while it is read.
    theme : Theme
    """
    parts = [f"<h3>{escape(str(entry['name']))}</h3>", _facts(_about(entry))]
    if entry.get("problem"):
        parts.append(_coloured(theme.bad, f"\N{WARNING SIGN} {entry['problem']}"))
    if said is None:
        return "".join([*parts, "<p>Reading…</p>"])
    record, results = said.get("run") or {}, said.get("results") or {}
    parts.append(_facts(_metadata(record)))
    parts += [_coloured(theme.bad, f"\N{WARNING SIGN} {text}") for text in record.get("problems") or ()]
    parts.append(_table(condition_rows(record), "Conditions"))
    points = points_of(results)
    for point in points:
        heading = "Results" if len(points) == 1 else f"Results of point {point.get('number', '')}{_label(point)}"
        parts.append(_table(table_rows(point), heading) if point.get("states") else "")
    warnings = list(_warnings(record, points))
    parts += [_coloured(theme.warn, f"\N{WARNING SIGN} {text}") for text in warnings[:MOST_WARNINGS]]
    if len(warnings) > MOST_WARNINGS:
        parts.append(f"<p>and {len(warnings) - MOST_WARNINGS} more warnings in the report</p>")
    if not points:
        parts.append("<p>Not analysed yet.</p>")
    return "".join(parts)


def points_of(results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the results of each point of a run; a run of one point has them itself."""
    if not results:
        return []
    return list(results["points"]) if "points" in results else [results]


def _about(entry: Run) -> Iterator[tuple[str, str]]:
    yield "started (UTC)", started(entry)
    yield "outcome", outcome(entry)
    for key in ("sample", "operator", "kind"):
        if entry.get(key):
            yield key, str(entry[key])
    points = int(entry.get("points") or 0)
    yield "photons", f"{count_text(entry.get('photons'))} in {points} {'point' if points == 1 else 'points'}"
    if entry.get("measured_s"):
        yield "acquired", f"{entry['measured_s']:.6g} s ({duration(entry['measured_s'])})"
    if entry.get("simulated"):
        yield "data", "SIMULATED"
    yield "folder", str(entry["path"])


def _metadata(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in (record.get("metadata") or {}).items():
        yield str(key).replace("_", " "), str(value)
    judged = record.get("judgement") or {}
    if judged.get("verdict") or judged.get("comment"):
        by = f" ({judged['by']}, {str(judged.get('at', ''))[:16].replace('T', ' ')})" if judged.get("by") else ""
        yield "verdict", f"{judged.get('verdict') or 'none'}: {judged.get('comment') or 'no comment'}{by}"


def _warnings(record: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for source, of in ((record.get("points") or (), "point"), (points, "analysis of point")):
        for place, point in enumerate(source, start=1):
            several = f"{of} {point.get('number', place)}: " if len(source) > 1 else ""
            yield from (several + str(text) for text in point.get("warnings") or ())


def _label(point: Mapping[str, Any]) -> str:
    return f": {point['label']}" if point.get("label") else ""


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f"<tr><td style='padding-right: 12px'>{escape(name)}</td><td>{escape(text)}</td></tr>" for name, text in facts
    )
    return f"<table>{rows}</table>" if rows else ""


def _table(rows: Sequence[Sequence[str]], heading: str) -> str:
    if len(rows) < 2:
        return ""
    head = "".join(f"<th align='left' style='padding-right: 14px'>{escape(cell)}</th>" for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td style='padding-right: 14px'>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows[1:]
    )
    return f"<h4>{escape(heading)}</h4><table><tr>{head}</tr>{body}</table>"


def _coloured(colour: str, text: str) -> str:
    return f"<p style='color: {colour}'>{escape(text)}</p>"
