"""Panels of the photons that come in: spectrum, delays, map, pairs, losses, pile-up, counts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from acquisition.live_view.panel import Scene, panel

if TYPE_CHECKING:
    from acquisition.analysis.live_frame import LiveFrame


@panel("spectrum", "Spectrum")
def spectrum(scene: Scene) -> Mapping[str, Any] | None:
    """Return the counts of each pixel over all delays, of the whole point and of its newest block."""
    frame = scene.stream
    if frame is None:
        return None
    period_s = frame.info.period_ps * 1e-12
    return {
        "counts": frame.pixel_counts,
        "duration_s": (frame.pulses - frame.losses.lost_pulses - frame.losses.unseen_pulses) * period_s,
        "latest_counts": frame.latest.pixel_counts,
        "latest_duration_s": frame.latest.duration_s,
        "used": frame.used,
        "wavelength_nm": frame.wavelength_nm,
        "region_pixels": None if frame.selection is None else list(frame.selection.region),
    }


@panel("delays", "Delays")
def delays(scene: Scene) -> Mapping[str, Any] | None:
    """Return the counts of the region (of all pixels before it is chosen) by delay after the pulse."""
    frame = scene.stream
    if frame is None or not frame.info.pulsed:
        return None
    return {
        "counts": frame.region_delay,
        "bin_ns": frame.bin_ns,
        "period_ns": frame.info.period_ps / 1e3,
        **_window(frame),
    }


def _window(frame: "LiveFrame") -> dict[str, Any]:
    chosen = frame.selection
    return {
        "time_zero_ns": None if chosen is None else chosen.time_zero_bin * frame.bin_ns,
        "window_ns": None if chosen is None else [edge * frame.bin_ns for edge in chosen.window],
        "region_pixels": None if chosen is None else list(chosen.region),
    }


@panel("pixel_delay_map", "Pixels and delays")
def pixel_delay_map(scene: Scene) -> Mapping[str, Any] | None:
    """Return the counts by pixel and delay, at most 320 x 256 of them."""
    frame = scene.stream
    if frame is None or not frame.info.pulsed:
        return None
    most = int(frame.pixel_delay.max(initial=0))
    return {
        "counts": frame.pixel_delay.astype(np.uint16 if most < 1 << 16 else np.uint32),
        "pixel_edges": frame.pixel_edges,
        "delay_edges_ns": frame.delay_edges_ns,
        "wavelength_nm": frame.wavelength_nm,
        **_window(frame),
    }


@panel("g2", "Pairs by pulse lag")
def g2(scene: Scene) -> Mapping[str, Any] | None:
    """Return the pairs in region and window by pulse lag, as counted: background is among them.

    The centre counts each pair within a pulse twice, as the mirrored sides do; its ratio to the sides carries the
    error of counting.
    """
    frame = scene.stream
    if frame is None or frame.pairs_by_lag is None or len(frame.pairs_by_lag) < 2:
        return None
    pairs = frame.pairs_by_lag
    side, lags = float(pairs[1:].sum()), len(pairs) - 1
    found: dict[str, Any] = {
        "lag_pulses": np.arange(-lags, lags + 1),
        "pairs": np.concatenate([pairs[:0:-1], [2 * pairs[0]], pairs[1:]]),
        "center_over_side": None,
    }
    if side > 0:
        ratio = 2.0 * float(pairs[0]) * lags / side
        error = np.hypot(2.0 * np.sqrt(max(float(pairs[0]), 1.0)) * lags / side, ratio / np.sqrt(side))
        found["center_over_side"] = {"value": ratio, "error": float(error)}
    return found


@panel("losses", "Losses")
def losses(scene: Scene) -> Mapping[str, Any] | None:
    """Return gaps of the stream, and what the live analysis has skipped because it lagged."""
    frame = scene.stream
    if frame is None:
        return None
    lost, period_s = frame.losses, frame.info.period_ps * 1e-12
    return {
        "gaps": lost.gaps,
        "lost_pulses": lost.lost_pulses,
        "lost_s": lost.lost_pulses * period_s,
        "lost_share": lost.lost_pulses / max(1, frame.pulses),
        "unseen_s": lost.unseen_pulses * period_s,
        "latest": [{"from_s": gap.first_pulse * period_s, "reason": gap.reason} for gap in lost.latest],
    }


@panel("pile_up", "Pile-up")
def pile_up(scene: Scene) -> Mapping[str, Any] | None:
    """Return how many pulses of the newest block have how many photons, and how full its brightest pixel is.

    A pixel that sees one photon per pulse only loses about half of its photons per pulse, as a share.
    """
    frame = scene.stream
    if frame is None or not frame.info.pulsed:
        return None
    by_photons = frame.latest.pulses_by_photons
    pulses, lit = int(by_photons.sum()), int(by_photons[1:].sum())
    if pulses == 0:
        return None
    brightest = float(frame.latest.pixel_counts.max(initial=0)) / pulses
    return {
        "pulses_by_photons": by_photons,
        "photons_per_pulse": float(frame.latest.pixel_counts.sum()) / pulses,
        "several_share": float(by_photons[2:].sum()) / lit if lit else 0.0,
        "brightest_pixel_per_pulse": brightest,
        "lost_in_brightest_share": brightest / 2.0,
    }


@panel("counts", "Counts")
def counts(scene: Scene) -> Mapping[str, Any] | None:
    """Return the numbers of the live analysis."""
    frame = scene.stream
    if frame is None:
        return None
    numbers = frame.numbers
    return {
        "elapsed_s": numbers.elapsed_s,
        "photons": numbers.photons,
        "count_rate_cps": numbers.count_rate_cps,
        "cascades": numbers.cascades,
        "charge_state": numbers.charge_state,
        "has_light": frame.selection is not None,
    }
