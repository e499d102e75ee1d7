"""Lifetimes of the exciton and the biexciton of one charge state, by maximum likelihood.

The total decay is a slow component (exciton) and a fast one that shares its lifetime with the decay
of the earlier photons of pairs (biexciton). Both histograms are fitted together with Poisson
statistics, so the uncertainty of the one is in the other.
"""

from dataclasses import dataclass

import numpy as np
from iminuit import Minuit
from numpy.typing import NDArray

from acquisition.analysis.decay_bins import coarse_bins, exponential_in_bins
from acquisition.analysis.estimate import Estimate
from acquisition.photophysics.cascade import Cascade

FloatArray = NDArray[np.float64]

GUARD_NS = 1.0
"""The fit begins at least this long after time zero: from there on the instrument response only
scales the exponentials, by exp(k^2 sigma^2 / 2), whatever its shape near the rise."""

LONGEST_IN_PERIODS = 0.5
"""A longer decay is not told from a level background within one laser period."""

POOR_FIT = 1.5
"""Deviance per degree of freedom that a true model does not reach with the hundreds of bins of a decay."""


@dataclass(frozen=True, slots=True, eq=False)
class DecayData:
    """Histograms of one charge state, delays counted from time zero.

    Attributes
    ----------
    edges_ns : float64 array, shape (bins + 1,)
        Edges of the bins in ns; bins before time zero are negative.
    counts : float64 array, shape (bins,)
        All photons of the region of interest, over the whole period.
    first_edges_ns, first_counts, accidental
        Earlier photons of pairs in the window, and the expected accidental ones among them.
    period_ns, window_ns, irf_sigma_ns : float
        Laser period, end of the window after time zero, sigma of the instrument response.
    """

    edges_ns: FloatArray
    counts: FloatArray
    first_edges_ns: FloatArray
    first_counts: FloatArray
    accidental: FloatArray
    period_ns: float
    window_ns: float
    irf_sigma_ns: float


@dataclass(frozen=True, slots=True)
class Multiexcitons:
    """How the stages above the biexciton follow from it: ratios of the model to the biexciton.

    Attributes
    ----------
    lifetime_ratio, efficiency_ratio : tuple of float
        Of the stages with 3, 4, ... excitons to the biexciton of the same charge.
    bx_over_x : float
        Lifetime of the biexciton over that of the exciton, for when there are no pairs to measure it.
    """

    lifetime_ratio: tuple[float, ...]
    efficiency_ratio: tuple[float, ...]
    bx_over_x: float

    def cascade(
        self,
        lifetime_x_ns: float,
        lifetime_bx_ns: float,
        efficiency_x: float,
        efficiency_bx: float,
        excitations_per_pulse: float,
        shares: tuple[float, float] = (1.0, 1.0),
    ) -> Cascade:
        """Return the cascade of a dot whose higher stages follow its biexciton."""
        lifetimes = [lifetime_x_ns, lifetime_bx_ns, *(lifetime_bx_ns * r for r in self.lifetime_ratio)]
        higher = [min(1.0, efficiency_bx * r) * shares[1] for r in self.efficiency_ratio]
        yields = [efficiency_x * shares[0], efficiency_bx * shares[1], *higher]
        return Cascade(np.array(lifetimes), np.array(yields), excitations_per_pulse)


@dataclass(frozen=True, slots=True, eq=False)
class DecayFit:
    """Result of the fit of one charge state.

    Attributes
    ----------
    lifetime_x_ns, lifetime_bx_ns : Estimate or None
        Lifetimes in ns; the biexciton's is None without enough pairs.
    fast_over_slow : Estimate
        Photons of the fast over those of the slow exponential.
    covariance_with_pairs : float64 array, shape (3,)
        Of exciton lifetime, biexciton lifetime and `fast_over_slow` with the number of counted pairs.
    covariance : float64 array, shape (3, 3)
        Covariance of the lifetimes of X and BX and of `fast_over_slow`.
    edges_ns, counts, model : float64 arrays
        The total decay as fitted: bin edges, counts and expected counts.
    first_edges_ns, first_counts, first_model, first_accidental : float64 arrays
        The same for the earlier photons of pairs.
    cash_per_bin : float
        Goodness of fit: deviance per degree of freedom, 1 for a perfect model with many counts. Above
        `POOR_FIT` the errors are widened by its square root.
    """

    lifetime_x_ns: Estimate
    lifetime_bx_ns: Estimate | None
    fast_over_slow: Estimate
    covariance_with_pairs: FloatArray
    covariance: FloatArray
    edges_ns: FloatArray
    counts: FloatArray
    model: FloatArray
    first_edges_ns: FloatArray
    first_counts: FloatArray
    first_model: FloatArray
    first_accidental: FloatArray
    cash_per_bin: float


def _deviance(counts: FloatArray, model: FloatArray) -> float:
    model = np.maximum(model, 1e-12)
    ratio = np.where(counts > 0, counts / model, 1.0)
    return float(2.0 * np.sum(model - counts + counts * np.log(ratio)))


class _Model:
    """Expected counts of both histograms for given parameters."""

    def __init__(self, data: DecayData, multi: Multiexcitons, excitations_per_pulse: float, ratio_bx: float) -> None:
        self.has_pairs = True
        self.data, self.multi, self.mu, self.ratio_bx = data, multi, excitations_per_pulse, ratio_bx
        self.guard_ns = max(GUARD_NS, 5.0 * data.irf_sigma_ns)
        self.edges, self.counts, self.used = coarse_bins(data.edges_ns, data.counts, self.guard_ns)
        middle = 0.5 * (data.first_edges_ns[1:] + data.first_edges_ns[:-1])
        self.first_used = data.first_edges_ns[:-1] >= self.guard_ns - 1e-9
        self.middle = middle
        self.first_width = float(np.mean(np.diff(data.first_edges_ns))) if len(middle) else 1.0

    def cascade(self, lifetime_x: float, lifetime_bx: float) -> Cascade:
        return self.multi.cascade(lifetime_x, lifetime_bx, 1.0, self.ratio_bx, self.mu)

    def total(self, lifetime_x: float, lifetime_bx: float, slow: float, fast: float, level: float) -> FloatArray:
        def component(tau: float) -> FloatArray:
            return exponential_in_bins(self.edges, tau, self.data.period_ns, self.data.irf_sigma_ns)

        model = slow * component(lifetime_x) + level * np.diff(self.edges)
        model = model + fast * component(lifetime_bx)
        cascade = self.cascade(lifetime_x, lifetime_bx)
        for stage in range(2, cascade.stages):
            share = cascade.singles[stage] / cascade.singles[0]
            model = model + slow * share * component(float(cascade.lifetime_ns[stage]))
        return np.asarray(model)

    def first(self, lifetime_x: float, lifetime_bx: float, pairs: float) -> FloatArray:
        cascade = self.cascade(lifetime_x, lifetime_bx)
        density = cascade.first_photon_density(self.middle, self.data.window_ns)
        return np.asarray(
            pairs * density * self.first_width / cascade.pairs(self.data.window_ns) + self.data.accidental
        )

    def deviance(
        self, lifetime_x: float, lifetime_bx: float, slow: float, fast: float, level: float, pairs: float
    ) -> float:
        if not self.has_pairs:
            lifetime_bx = self.multi.bx_over_x * lifetime_x
        total = self.total(lifetime_x, lifetime_bx, slow, fast, level)
        value = _deviance(self.counts[self.used], total[self.used])
        if self.has_pairs:
            first = self.first(lifetime_x, lifetime_bx, pairs)
            value += _deviance(self.data.first_counts[self.first_used], first[self.first_used])
        return value


def fit_decays(
    data: DecayData, multi: Multiexcitons, excitations_per_pulse: float, efficiency_ratio_bx: float
) -> DecayFit | None:
    """Fit both decays of one charge state.

    Parameters
    ----------
    data : DecayData
    multi : Multiexcitons
        Stages above the biexciton, relative to it.
    excitations_per_pulse : float
        Mean excitons per pulse; weighs the small admixture of the higher stages.
    efficiency_ratio_bx : float
        Efficiency of the biexciton over that of the exciton, for the same purpose.

    Returns
    -------
    DecayFit or None
        None if the light is too weak or the fit does not converge.
    """
    model = _Model(data, multi, excitations_per_pulse, efficiency_ratio_bx)
    edges, counts, used = model.edges, model.counts, model.used
    late = edges[:-1] > 0.6 * edges[-1]
    level = float(counts[late].sum() / max(np.diff(edges)[late].sum(), 1e-9))
    net = counts[used] - level * np.diff(edges)[used]
    middle = 0.5 * (edges[1:] + edges[:-1])[used]
    after = middle > 0
    light = float(net[after].sum())
    if light < 5.0 * np.sqrt(max(counts.sum(), 1.0)) or light < 200:
        return None
    mean = float(np.clip((net[after] @ middle[after]) / light, 0.02 * data.period_ns / 10, data.period_ns / 3))
    pairs = float(data.first_counts.sum() - data.accidental.sum())
    has_pairs = pairs > 5.0 * np.sqrt(max(float(data.first_counts.sum()), 1.0)) and pairs > 30
    fit = Minuit(model.deviance, mean * 1.1, mean * 0.2, light * 0.97, light * 0.03, max(level, 1e-6), max(pairs, 1.0))
    fit.errordef = Minuit.LEAST_SQUARES
    fit.strategy = 1
    fit.limits["lifetime_x"] = (mean / 4, mean * 6)
    fit.limits["lifetime_bx"] = (0.05, mean * 1.2)
    fit.limits["slow"] = (0.0, None)
    fit.limits["level"] = (0.0, None)
    fit.limits["pairs"] = (0.0, None)
    model.has_pairs = has_pairs
    fit.fixed["pairs"] = fit.fixed["lifetime_bx"] = not has_pairs
    fit.migrad(ncall=20000)
    fit.hesse()
    if not fit.valid or fit.covariance is None or fit.values["lifetime_x"] > LONGEST_IN_PERIODS * data.period_ns:
        return None
    return _result(model, fit, has_pairs)


def _pairs_gradient(model: _Model, fit: Minuit) -> FloatArray:
    """Return the derivatives of the expected number of pairs by lifetimes, slow, fast and pairs.

    To first order a fit moves by C J^T (n - m) / m for counts n about their means m. Hence its
    covariance with the sum of n is C times the gradient of the sum of m.
    """
    at = np.array([fit.values["lifetime_x"], fit.values["lifetime_bx"], fit.values["pairs"]])
    gradient = np.zeros(5)
    for place, step in zip((0, 1, 4), np.diag(1e-3 * at), strict=True):
        rise = model.first(*(at + step)) - model.first(*(at - step))
        gradient[place] = rise[model.first_used].sum() / (2.0 * step.max())
    return gradient


def _result(model: _Model, fit: Minuit, has_pairs: bool) -> DecayFit:
    values = fit.values.to_dict()
    pairs = values.pop("pairs")
    if not has_pairs:
        pairs, values["lifetime_bx"] = 0.0, model.multi.bx_over_x * values["lifetime_x"]
    slow, fast = values["slow"], values["fast"]
    degrees = int(model.used.sum() + (model.first_used.sum() if has_pairs else 0)) - fit.nfit
    misfit = float(fit.fval) / max(degrees, 1)
    scale = np.sqrt(misfit) if misfit > POOR_FIT else 1.0
    names = ("lifetime_x", "lifetime_bx", "slow", "fast", "pairs")
    covariance = np.array([[fit.covariance[a, b] for b in names] for a in names])
    jacobian = np.zeros((3, 5))
    jacobian[0, 0] = jacobian[1, 1] = 1.0
    jacobian[2, 2:4] = -fast / slow**2, 1.0 / slow
    derived = scale**2 * jacobian @ covariance @ jacobian.T
    with_pairs = scale * jacobian @ covariance @ _pairs_gradient(model, fit) if has_pairs else np.zeros(3)
    lifetimes = values["lifetime_x"], values["lifetime_bx"]
    return DecayFit(
        lifetime_x_ns=Estimate(lifetimes[0], scale * fit.errors["lifetime_x"]),
        lifetime_bx_ns=Estimate(lifetimes[1], scale * fit.errors["lifetime_bx"]) if has_pairs else None,
        fast_over_slow=Estimate(fast / slow, float(np.sqrt(max(derived[2, 2], 0.0)))),
        covariance_with_pairs=np.asarray(with_pairs),
        covariance=derived,
        edges_ns=model.edges,
        counts=model.counts,
        model=model.total(**values),
        first_edges_ns=model.data.first_edges_ns,
        first_counts=model.data.first_counts,
        first_model=model.first(*lifetimes, pairs),
        first_accidental=model.data.accidental,
        cash_per_bin=misfit,
    )
