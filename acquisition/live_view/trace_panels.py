"""Panels of the count trace: counts per bin with their charge states, how often which counts and delays occur."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from acquisition.live_view.panel import Scene, panel

if TYPE_CHECKING:
    from acquisition.analysis.live_frame import LiveFrame
    from acquisition.analysis.trace_history import Trace

Array = NDArray[Any]

RECENT_S = 30.0
OVERVIEW_ROWS = 1500
HISTOGRAM_BINS = 256
FLID_BINS = 80

LEAST_LIGHT = 5.0
"""A bin has a mean delay if its light is at least so many standard deviations of its counts."""

FLID_RANGE = (0.5, 99.5)
"""Percentiles of the mean delays that the FLID shows."""

LEAST_BINS = 10
ENCLOSED_SIGMA2 = 4.61
"""Squared Mahalanobis distance that holds 90 % of a normal distribution in two dimensions."""

OUTLINE_POINTS = 49


@panel("count_trace", "Count trace")
def count_trace(scene: Scene) -> Mapping[str, Any] | None:
    """Return each bin of the last half minute, and least and most of the whole point in at most 1500 rows.

    Counts are those of region and window, NaN before those are chosen, and of the whole array; ``charge`` is an index
    into ``charges`` or -1; ``lost`` tells where photons may be missing, as in a pause: there counts are NaN.
    """
    frame = scene.stream
    if frame is None or not len(frame.trace.bins):
        return None
    trace = frame.trace
    bins = trace.bins[-max(1, round(RECENT_S / trace.bin_s)) :]
    first = trace.first_bin + len(trace.bins) - len(bins)
    return {
        "bin_s": trace.bin_s,
        "charges": list(frame.charges),
        "background_counts": frame.background_counts,
        "recent": {
            "start_s": first * trace.bin_s,
            "counts": _known(bins["counts"]),
            "array_counts": _known(bins["array_counts"]),
            "mean_delay_ns": _mean_delay_ns(frame, bins).astype(np.float32),
            "charge": bins["charge"].copy(),
            "lost": bins["lost"].copy(),
        },
        "overview": _overview(trace),
    }


def _overview(trace: "Trace") -> dict[str, Any]:
    """Return the whole trace in rows of the same number of bins; the newest bins that fill no row are left out."""
    from acquisition.analysis.trace_history import folded, joined

    width = trace.row_bins if len(trace.rows) else max(1, -(-len(trace.bins) // OVERVIEW_ROWS))
    rows = np.concatenate([trace.rows, folded(trace.bins, width)])
    if len(rows) > OVERVIEW_ROWS:
        by = -(-len(rows) // OVERVIEW_ROWS)
        rows, width = joined(rows, by), width * by
    charge = np.where(rows["charge"].any(axis=1), rows["charge"].argmax(axis=1), -1)
    return {
        "start_s": trace.first_row_bin * trace.bin_s,
        "row_s": width * trace.bin_s,
        **_extent(rows, ""),
        **_extent(rows, "array_"),
        "charge": charge.astype(np.int8),
        "lost": rows["lost"] > 0,
    }


def _extent(rows: Array, kind: str) -> dict[str, NDArray[np.float32]]:
    """Return least, most and mean of counts, NaN where none of a row is known."""
    number = rows[f"{kind}counted"]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = rows[f"{kind}sum"] / number
    found = {"least": rows[f"{kind}least"], "most": rows[f"{kind}most"], "mean": mean}
    return {f"{kind}{name}_counts": np.where(number > 0, it, np.nan).astype(np.float32) for name, it in found.items()}


@panel("intensity_histogram", "Counts per bin")
def intensity_histogram(scene: Scene) -> Mapping[str, Any] | None:
    """Return how many bins of the last minutes hold how many counts of region and window, in all and by charge."""
    found = _selected(scene)
    if found is None:
        return None
    frame, bins = found
    counts = bins["counts"]
    step = max(1, -(-(int(counts.max()) + 1) // HISTOGRAM_BINS))
    edges = np.arange(0, int(counts.max()) + step + 1, step)
    by_charge = {name: _histogram(counts[bins["charge"] == index], edges) for index, name in enumerate(frame.charges)}
    return {
        "edges_counts": edges,
        "bins": _histogram(counts, edges),
        "bins_by_charge": by_charge,
        "bin_s": frame.trace.bin_s,
        "covered_s": len(bins) * frame.trace.bin_s,
        "background_counts": frame.background_counts,
    }


@panel("flid", "Counts and mean delay")
def flid(scene: Scene) -> Mapping[str, Any] | None:
    """Return how many bins of the last minutes have which counts and mean delay, and where each charge state lies.

    ``regions`` hold an outline for each charge state that encloses 90 % of its bins if they are spread normally.
    """
    found = _selected(scene)
    if found is None:
        return None
    frame, bins = found
    delay_ns = _mean_delay_ns(frame, bins)
    known = np.isfinite(delay_ns)
    if known.sum() < LEAST_BINS:
        return None
    counts, delay_ns, charge = bins["counts"][known], delay_ns[known], bins["charge"][known]
    low, high = np.percentile(delay_ns, FLID_RANGE)
    margin = 0.1 * (high - low) + 1e-3
    edges = (
        np.linspace(0, 1.05 * float(counts.max()) + 1.0, FLID_BINS + 1),
        np.linspace(low - margin, high + margin, FLID_BINS + 1),
    )
    seen, _, _ = np.histogram2d(counts, delay_ns, bins=edges)
    return {
        "counts_edges": edges[0],
        "mean_delay_edges_ns": edges[1],
        "bins": seen.astype(np.uint32),
        "regions": {
            name: outline
            for index, name in enumerate(frame.charges)
            if (outline := _outline(counts[charge == index], delay_ns[charge == index])) is not None
        },
        "bin_s": frame.trace.bin_s,
        "covered_s": len(bins) * frame.trace.bin_s,
    }


def _outline(counts: Array, delay_ns: Array) -> dict[str, Array] | None:
    if len(counts) < LEAST_BINS:
        return None
    points = np.stack([counts, delay_ns]).astype(float)
    values, vectors = np.linalg.eigh(np.cov(points))
    angle = np.linspace(0, 2 * np.pi, OUTLINE_POINTS)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    spread = vectors * np.sqrt(ENCLOSED_SIGMA2 * np.maximum(values, 0.0))
    outline = points.mean(axis=1)[:, None] + spread @ circle
    return {"counts": outline[0].astype(np.float32), "mean_delay_ns": outline[1].astype(np.float32)}


def _selected(scene: Scene) -> tuple["LiveFrame", Array] | None:
    """Return the bins of the last minutes of which region and window are known; None if there are none."""
    frame = scene.stream
    if frame is None:
        return None
    bins = frame.trace.bins
    bins = bins[(bins["counts"] >= 0) & ~bins["lost"]]
    return (frame, bins) if len(bins) else None


def _mean_delay_ns(frame: "LiveFrame", bins: Array) -> Array:
    """Return the mean delay after time zero of the light of each bin; NaN where there is too little."""
    selection = frame.selection
    if selection is None or frame.background_counts is None:
        return np.full(len(bins), np.nan)
    counts, background = bins["counts"].astype(float), frame.background_counts
    middle_ns = 0.5 * sum(selection.window) * frame.bin_ns
    light = counts - background
    sum_ns = bins["delay_ps"] / 1e3 - background * middle_ns
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(light > LEAST_LIGHT * np.sqrt(np.maximum(counts, 0.0)), sum_ns / light, np.nan)
    return np.asarray(mean - selection.time_zero_bin * frame.bin_ns)


def _known(counts: Array) -> NDArray[np.float32]:
    return np.where(counts >= 0, counts, np.nan).astype(np.float32)


def _histogram(values: Array, edges: Array) -> NDArray[np.uint32]:
    return np.histogram(values, edges)[0].astype(np.uint32)
