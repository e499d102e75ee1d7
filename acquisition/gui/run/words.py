"""Sizes, doses and times of a forecast, written for people."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from acquisition.gui.run.progress import clock_time
from acquisition.numbers import duration

_LINE = re.compile(r"`(\w+): ([^`]+)`")
_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_ENERGIES = ((1e6, "J"), (1e3, "mJ"), (1.0, "µJ"), (1e-3, "nJ"))
_COUNTS = ((1e12, "\u2009×\u200910¹²"), (1e9, "\u2009×\u200910⁹"), (1e6, " million"))


def size(count: float) -> str:
    """Return bytes for people, e.g. ``1.2 GB``."""
    return _scaled(count, _SIZES, "B")


def energy(energy_uj: float) -> str:
    """Return an energy given in uJ for people, e.g. ``12.3 mJ``."""
    return _scaled(energy_uj, _ENERGIES, "µJ")


def count(number: float) -> str:
    """Return a number of events for people, e.g. ``63.4 million``."""
    if number >= 1e6:
        return _scaled(number, _COUNTS, "")
    return f"{number:.0f}" if number < 1e4 else f"{number / 1e3:.3g} thousand"


def time_words(duration_s: float) -> str:
    """Return a time with its units, which cannot be taken for one of the clock, e.g. ``1 h 10 min``."""
    if duration_s < 120.0:
        return f"{duration_s:.3g} s"
    minutes = round(duration_s / 60.0)
    hours, rest = divmod(minutes, 60)
    return f"{minutes} min" if not hours else f"{hours} h {rest} min" if rest else f"{hours} h"


def time_and_end(duration_s: float, now: datetime) -> str:
    """Return how long something takes and when it ends if it begins `now`, e.g. ``10:00, ends 18:42``."""
    return f"{duration(duration_s)}, ends {clock_time(now + timedelta(seconds=duration_s), now)}"


def summary(found: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and explanation of what a forecast says in all.

    Parameters
    ----------
    found : mapping
        As of `Session.check`.
    now : datetime
        The present time, with its time zone; asked persons and a machine that waits make the end later.
    """
    least = "at least " if found["asked"] else ""
    yield (
        "Time",
        least + time_and_end(found["duration_s"], now),
        (f"{duration(found['acquiring_s'])} acquiring, {duration(found['waiting_s'])} waiting for temperatures"),
    )
    yield (
        "Photons",
        f"{count(found['photons'])}, {count(found['signal_photons'])} of emitters",
        "Time tags of all points; those that are not of emitters are dark counts and other background",
    )
    yield (
        "On disk",
        f"{size(found['file_bytes'])}, {size(found['peak_bytes'])} at most",
        (f"{size(found['segment_bytes'])} while it runs; the most is needed when files are made at the end"),
    )
    known = "" if found["dose_uj"] is None else f", {energy(found['dose_uj'])}"
    yield (
        "Light on sample",
        f"{time_words(found['lit_s'])}{known}",
        (f"{found['dose_percent_s']:.4g} % s: laser intensity times the time for which it falls on the sample"),
    )


def as_the_form_says(text: str) -> str:
    """Return a remark that names lines of a file with the words of the form instead."""
    said = _LINE.sub(lambda line: f"“{line[1].replace('_', ' ')}” (e.g. {line[2]})", text)
    return said if said == text else said.replace("in the metadata", "by “+ Other …” above")


def remarks(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield kind and text of what one should know.

    Kinds are ``problem``, ``warning``, ``limit``, ``person``, ``calibration`` and ``note``.
    """
    for text in found["problems"]:
        yield "problem", text
    for text in found["warnings"]:
        yield "warning", text
    for text in found["limits"]:
        yield "limit", text
    for text in found["asked"]:
        yield "person", text
    for name, consequence in found["missing_calibrations"].items():
        yield "calibration", f"{name}: {consequence}"
    for point in found["points"]:
        for text in point["notes"]:
            yield "note", f"point {point['number']}: {text}"
    for text in found["notes"]:
        yield "note", as_the_form_says(text)


def precision_ranges(points: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield each quantity with its expected relative standard errors over all states and points, e.g. ``0.3 … 4 %``."""
    found: dict[str, list[float]] = {}
    for point in points:
        for place, percent in point["precision_percent"].items():
            found.setdefault(place.rpartition(".")[2] if place.startswith("states.") else place, []).append(percent)
    for key, name in _PRECISIONS:
        if key in found:
            low, high = min(found[key]), max(found[key])
            texts = [_percent(low), _percent(high)]
            yield name, f"{' … '.join(dict.fromkeys(texts))} %"


_PRECISIONS = (
    ("lifetime_ns", "Lifetimes"),
    ("quantum_efficiency", "Quantum efficiencies"),
    ("energy_ss_ev", "Energies (S–S)"),
    ("energy_pp_ev", "Energies (P–P)"),
    ("emitters.g2_gated", "Gated g⁽²⁾"),
)


def _percent(value: float) -> str:
    """Return a percentage with two digits; beyond 100 % nothing is measured, and digits say nothing."""
    return f"{value:.2g}" if value <= 100 else "over 100"


def _scaled(value: float, scales: tuple[tuple[float, str], ...], least: str) -> str:
    for factor, unit in scales:
        if value >= factor:
            shown = value / factor
            digits = f"{shown:.3g}" if shown < 999.5 else f"{shown:.0f}"
            return f"{digits}{'' if unit[:1].isspace() else ' '}{unit}"
    return f"{value:.3g} {least}".rstrip()
