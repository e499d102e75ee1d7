"""A forecast as a page that fits a narrow dock: what it takes, what it gives, and what one should know before."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from acquisition.gui.run.words import precision_ranges, remarks, summary
from acquisition.gui.theme.themes import Theme

_HEADS = {
    "problem": "Cannot work",
    "warning": "\N{WARNING SIGN} Warning",
    "limit": "Near a limit",
    "person": "Needs a person",
    "calibration": "Not calibrated",
    "note": "Note",
}
_FIRST = ("problem", "warning")
"""Stands above everything else."""


def forecast_html(found: Mapping[str, Any], theme: Theme, now: datetime) -> str:
    """Return a forecast as HTML.

    Parameters
    ----------
    found : mapping
        As of `Session.check`.
    theme : Theme
        Colours.
    now : datetime
        The present time, with its time zone.
    """
    said = list(remarks(found))
    parts = [_head(found, theme), *(_remark(kind, text, theme) for kind, text in said if kind in _FIRST)]
    parts.append(_table((name, value) for name, value, _ in summary(found, now)))
    if precisions := list(precision_ranges(found["points"])):
        parts += [_line("Expected errors, about", theme.faint), _table(precisions)]
    parts += [_remark(kind, text, theme) for kind, text in said if kind not in _FIRST]
    return "".join(parts)


def problem_html(text: str, theme: Theme) -> str:
    """Return why there is no forecast."""
    return _remark("problem", text, theme)


def _head(found: Mapping[str, Any], theme: Theme) -> str:
    points = len(found["points"])
    what = f"{points} point{'s' if points != 1 else ''} on {found['rig']}"
    sign, colour = ("✓ Can be started", theme.good) if found["ok"] else ("✗ Cannot be started", theme.bad)
    if found["ok"] and found["warnings"]:
        sign, colour = "\N{WARNING SIGN} Can be started, but", theme.warn
    return f'<p style="margin:0"><b style="color:{colour}">{sign}</b> · {escape(what)}</p>'


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><td style="padding-right:10px">{escape(name)}</td><td>{_unbroken(value)}</td></tr>'
        for name, value in rows
    )
    return f'<table cellspacing="0" cellpadding="1">{cells}</table>'


def _unbroken(value: str) -> str:
    """Return a value whose numbers stay with their units when a line is broken."""
    return escape(value).replace(" ", "&nbsp;").replace(",&nbsp;", ", ")


def _line(text: str, colour: str) -> str:
    return f'<p style="margin:4px 0 0 0; color:{colour}">{escape(text)}</p>'


def _remark(kind: str, text: str, theme: Theme) -> str:
    colour = {"problem": theme.bad, "warning": theme.bad, "note": theme.faint}.get(kind, theme.warn)
    shown = escape(text).replace("\n", "<br>")
    return f'<p style="margin:4px 0 0 0"><b style="color:{colour}">{_HEADS[kind]}:</b> {shown}</p>'
