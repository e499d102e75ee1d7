"""Curves of the states as the report draws them: spectra with their lines, decays with their fits, pairs, emission."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.spectra import HC_EV_NM
from acquisition.analysis.state_table import BIEXCITON_OF, EXCITON_OF
from acquisition.gui.live.state_figures import StateFigures
from acquisition.report.bins import merged

Array = NDArray[Any]

FIRST_BIN_NS = 1.0
"""Width of the bins in which the decay of first photons is shown."""

MAP_END_NS = 120.0
MAP_STEP_NS = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumCurves:
    """A spectrum scaled to the highest point of its fit; all arrays have the shape (pixels,).

    Attributes
    ----------
    x : float64 array, rising
        Photon energy in eV, or wavelength in nm.
    light, error : float64 arrays
        Per eV, or per nm; background subtracted, NaN where there is no response.
    fit, ss, pp : float64 arrays
        The fit, and its two lines.
    """

    x: Array
    light: Array
    error: Array
    fit: Array
    ss: Array
    pp: Array

    def fit_at(self, x: float) -> float:
        """Return the height of the fit at a place."""
        known = np.isfinite(self.fit)
        return float(np.interp(x, self.x[known], self.fit[known]))


def spectrum_curves(figures: StateFigures, state: str, *, in_nm: bool) -> SpectrumCurves | None:
    """Return the spectrum of a state per energy or, with the Jacobian, per wavelength; None if none was fitted."""
    arrays = figures.group(f"spectrum/{state}")
    if not arrays or figures.estimate(state, "energy_ss_ev") is None:
        return None
    low, high = arrays["low_ev"], arrays["high_ev"]
    x = 0.5 * (low + high)
    jacobian = np.ones(len(low))
    if in_nm:
        x = 0.5 * HC_EV_NM * (1.0 / low + 1.0 / high)
        jacobian = (high - low) / (HC_EV_NM * (1.0 / low - 1.0 / high))
    order = np.argsort(x)
    curves = {
        name: (arrays[f"{name}_per_ev"] * jacobian)[order] for name in ("light", "light_error", "model", "ss", "pp")
    }
    known = curves["model"][np.isfinite(curves["model"])]
    if not len(known) or known.max() <= 0:
        return None
    light, error, fit, ss, pp = (curve / known.max() for curve in curves.values())
    return SpectrumCurves(x[order], light, error, fit, ss, pp)


def energy_as(value_ev: float, error_ev: float, *, in_nm: bool) -> tuple[float, float]:
    """Return an energy with its error in eV, or as a wavelength in nm."""
    if not in_nm:
        return value_ev, error_ev
    wavelength_nm = HC_EV_NM / value_ev
    return wavelength_nm, error_ev * wavelength_nm / value_ev


@dataclass(frozen=True, slots=True, eq=False)
class DecayCurves:
    """A decay with its fit; all arrays have the shape (bins,).

    Attributes
    ----------
    delay_ns : float64 array, rising
        Since time zero.
    rate, error : float64 arrays
        Photons per ns; NaN where there is no more than noise.
    fit_delay_ns, fit : float64 arrays
        The fit where it was made; empty without one.
    rise_delay_ns, rise : float64 arrays
        The light before the fit begins.
    """

    delay_ns: Array
    rate: Array
    error: Array
    fit_delay_ns: Array
    fit: Array
    rise_delay_ns: Array
    rise: Array

    @property
    def end_ns(self) -> float:
        """Where the curves end."""
        return float(self.delay_ns[-1]) if len(self.delay_ns) else 0.0


_NONE = np.zeros(0)


def exciton_decay(figures: StateFigures, charge: str) -> DecayCurves | None:
    """Return all photons of a charge state by delay, background subtracted; None if no decay was fitted."""
    decay = figures.group(f"decay/{charge}")
    if "fit_edges_ns" not in decay:
        return None
    edges, counts, model = decay["fit_edges_ns"], decay["fit_counts"], decay["fit_model_counts"]
    width, middle = np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    all_edges = decay["edges_ns"]
    level = float(decay["background_counts"][0] / np.diff(all_edges)[0])
    lifetime = figures.estimate(EXCITON_OF[charge], "lifetime_ns")
    end = min(8.0 * lifetime[0] if lifetime else 200.0, float(edges[-1]))
    fitted = (edges[:-1] > 0) & (middle < end)
    if fitted.sum() < 2:
        return None
    start = int(np.argmax(fitted))
    fitted[start] = False  # the rise, which is not fitted
    light, error = counts / width - level, np.sqrt(np.maximum(counts, 1.0)) / width
    shown = fitted & (light > 1.5 * error)
    early = (all_edges[:-1] > -3.0) & (all_edges[1:] < edges[start + 1])
    rise = decay["counts"][early] / np.diff(all_edges)[early] - level
    return DecayCurves(
        middle[shown], light[shown], error[shown], middle[fitted], (model / width - level)[fitted],
        0.5 * (all_edges[1:] + all_edges[:-1])[early], np.where(rise > 0, rise, np.nan),
    )  # fmt: skip


def biexciton_decay(figures: StateFigures, charge: str) -> DecayCurves | None:
    """Return first photons of pairs within a pulse by delay, with accidental ones; None if no decay was fitted."""
    decay = figures.group(f"decay/{charge}")
    if "first_edges_ns" not in decay:
        return None
    edges = decay["first_edges_ns"]
    size = max(1, round(FIRST_BIN_NS / float(np.diff(edges)[0])))
    zero = int(np.searchsorted(edges, 0.0))
    edges, (counts, model, _) = merged(
        edges[zero:],
        [decay[name][zero:] for name in ("first_counts", "first_model_counts", "first_accidental_counts")],
        size,
    )
    width, middle = np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    lifetime = figures.estimate(BIEXCITON_OF[charge], "lifetime_ns")
    end = min(8.0 * lifetime[0] if lifetime else 60.0, float(edges[-1]))
    shown = (middle < end) & (counts > 0)
    fitted = (middle < end) & (np.arange(len(middle)) > 0)
    if lifetime is None:
        fitted[:] = False
    return DecayCurves(
        middle[shown], (counts / width)[shown], (np.sqrt(counts) / width)[shown], middle[fitted],
        (model / width)[fitted], _NONE, _NONE,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PairBars:
    """Pairs of a charge state by pulse lag, as counted; the centre counts each pair within a pulse twice.

    Attributes
    ----------
    lag : int array, shape (lags,)
    pairs : float64 array, shape (lags,)
    background : float
        Of each bar.
    ratio : tuple of float
        Centre over sides, corrected, with its error.
    """

    lag: Array
    pairs: Array
    background: float
    ratio: tuple[float, float]


def pair_bars(figures: StateFigures, charge: str) -> PairBars | None:
    """Return the pairs of a charge state; None if there are too few."""
    pairs = figures.arrays.get(f"g2/{charge}/pairs_counts")
    found = figures.results.get("g2", {}).get(charge)
    if pairs is None or found is None or len(pairs) < 2:
        return None
    mirrored = np.concatenate([pairs[:0:-1], [2.0 * pairs[0]], pairs[1:]])
    ratio = found["center_over_side"]
    return PairBars(
        np.arange(len(mirrored)) - len(pairs) + 1,
        mirrored,
        2.0 * float(found["accidental_pairs"]),
        (float(ratio["value"]), float(ratio["error"])),
    )


@dataclass(frozen=True, slots=True, eq=False)
class EmissionMap:
    """Light of a charge state on a regular grid.

    Attributes
    ----------
    delay_edges_ns : float64 array, shape (delays + 1,)
    spectral_edges : float64 array, shape (rows + 1,)
        Photon energies in eV or wavelengths in nm, rising.
    light : float64 array, shape (rows, delays)
        Per energy (or wavelength) and time, in percent of the maximum; NaN where nothing was left.
    """

    delay_edges_ns: Array
    spectral_edges: Array
    light: Array


def emission_map(figures: StateFigures, charge: str, *, in_nm: bool) -> EmissionMap | None:
    """Return the time-resolved emission of a charge state; None without wavelengths."""
    arrays = figures.group(f"emission/{charge}")
    if not arrays:
        return None
    low, high = arrays["low_ev"], arrays["high_ev"]
    if in_nm:
        low, high = HC_EV_NM / high, HC_EV_NM / low
    order = np.argsort(low)
    low, high, delays = low[order], high[order], arrays["delay_edges_ns"]
    area = (high - low)[:, None] * np.diff(delays) * np.maximum(arrays["response"][order, None], 1e-9)
    density = arrays["light_counts"][order] / area
    if not np.isfinite(density).any() or np.nanmax(density) <= 0:
        return None
    density = np.where(density > 0, 100.0 * density / np.nanmax(density), np.nan)
    end = min(MAP_END_NS, float(delays[-1]))
    delay_edges = np.linspace(0.0, end, max(2, round(end / MAP_STEP_NS) + 1))
    spectral_edges = np.linspace(float(low[0]), float(high[-1]), len(low) + 1)
    rows = _places(np.append(low, high[-1]), spectral_edges)
    columns = _places(delays, delay_edges)
    return EmissionMap(delay_edges, spectral_edges, density[np.ix_(rows, columns)])


def _places(edges: Array, regular: Array) -> Array:
    """Return in which bin of `edges` the middle of each regular bin lies."""
    middle = 0.5 * (regular[1:] + regular[:-1])
    return np.clip(np.searchsorted(edges, middle, side="right") - 1, 0, len(edges) - 2)
