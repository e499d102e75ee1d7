"""Quantum efficiencies and mean excitation from rates, g2 and decay amplitudes, all states together.

Per charge state three numbers are measured: the light per pulse S, the background-free ratio
g2(0)/g2(side), and the photons of the fast over those of the slow decay component. One forward model
of the cascade (any mean excitation, three and more excitons, shares inside region and window)
explains all of them; the efficiency of X is 1 by assumption (Brokmann et al., Phys. Rev. Lett. 2004).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from acquisition.analysis.decays import Multiexcitons
from acquisition.analysis.estimate import Estimate
from acquisition.photophysics.cascade import Cascade, center_over_side

FloatArray = NDArray[np.float64]

MULTIEXCITON_UNCERTAINTY = 0.1
"""Relative uncertainty given to the efficiencies of the model's states with three and more excitons."""


@dataclass(frozen=True, slots=True)
class ChargeStateMeasured:
    """What is measured in one charge state.

    Attributes
    ----------
    light_per_pulse : Estimate
        Photons per pulse in the window on all pixels, background subtracted.
    center_over_side : Estimate or None
        Background-free g2 ratio.
    lifetime_x_ns, lifetime_bx_ns : float
    fast_over_slow : float or None
        Photons of the fast over those of the slow exponential; None without a measured biexciton.
    decay_covariance : float64 array, shape (3, 3)
        Covariance of the two lifetimes and `fast_over_slow`: they come from one fit.
    covariance_with_g2 : float64 array, shape (3,)
        Of the same three with `center_over_side`: both rest on the pairs.
    share_x, share_bx : float
        Share of the emitted photons of X and of BX that the region of interest detects, relative.
    all_share_x, all_share_bx : float
        The same for all pixels, for which `light_per_pulse` counts.
    window_ns : float
    """

    light_per_pulse: Estimate
    center_over_side: Estimate | None
    lifetime_x_ns: float
    lifetime_bx_ns: float
    fast_over_slow: float | None
    decay_covariance: FloatArray
    covariance_with_g2: FloatArray
    share_x: float
    share_bx: float
    all_share_x: float
    all_share_bx: float
    window_ns: float


@dataclass(frozen=True, slots=True)
class Efficiencies:
    """Quantum efficiencies by charge state, and the mean number of excitons per pulse.

    `correction` is g2(0)/g2(side) over eta_BX/eta_X by charge state: what a reading of the ratio
    as for weak excitation would be wrong by. `window_share` is the ratio for an endless window over
    that in the window used. `correlation_x` and `correlation_bx` are the correlation coefficients
    of efficiency and lifetime, by charge state.
    """

    efficiency_x: Mapping[str, Estimate]
    efficiency_bx: Mapping[str, Estimate]
    excitations_per_pulse: Estimate | None
    correction: Mapping[str, float]
    window_share: Mapping[str, float]
    correlation_x: Mapping[str, float]
    correlation_bx: Mapping[str, float]
    chi2: float
    degrees_of_freedom: int


class _Problem:
    """Residuals of the forward model.

    Parameters: log mu, log detection, one nuisance, log eta_X of the charged states, log
    eta_BX/eta_X, and the logarithmic deviations of the two lifetimes of each state with a biexciton.
    """

    def __init__(
        self, measured: Mapping[str, ChargeStateMeasured], multi: Mapping[str, Multiexcitons], mu: float
    ) -> None:
        self.names = list(measured)
        self.measured, self.multi, self.fixed_mu = measured, multi, mu
        self.free_mu = any(m.fast_over_slow is not None and m.center_over_side is not None for m in measured.values())
        self.with_bx = [name for name in self.names if measured[name].center_over_side is not None]
        self.charged = self.names[1:]
        self.with_decay = [name for name in self.with_bx if measured[name].fast_over_slow is not None]
        self.whitening = {name: _whitening(measured[name]) for name in self.with_decay}
        self.index_x = {name: 3 + i for i, name in enumerate(self.charged)}
        self.index_ratio = {name: 3 + len(self.charged) + i for i, name in enumerate(self.with_bx)}
        after = 3 + len(self.charged) + len(self.with_bx)
        self.index_lifetimes = {name: after + 2 * i for i, name in enumerate(self.with_decay)}

    def start(self) -> FloatArray:
        first = self.measured[self.names[0]]
        detection = first.light_per_pulse.value / max(self.fixed_mu, 1e-3) / max(first.all_share_x, 1e-9)
        return np.array(
            [np.log(self.fixed_mu), np.log(detection), 0.0]
            + [np.log(0.85)] * len(self.charged)
            + [np.log(0.75)] * len(self.with_bx)
            + [0.0] * (2 * len(self.with_decay))
        )

    def unpack(self, p: FloatArray) -> tuple[float, float, float, dict[str, float], dict[str, float]]:
        mu = float(np.exp(p[0])) if self.free_mu else self.fixed_mu
        eta_x = {self.names[0]: 1.0}
        eta_x |= {name: float(np.exp(p[i])) for name, i in self.index_x.items()}
        ratio = {name: float(np.exp(p[i])) for name, i in self.index_ratio.items()}
        return mu, float(np.exp(p[1])), float(p[2]), eta_x, ratio

    def lifetimes(self, name: str, p: FloatArray) -> tuple[float, float]:
        state, i = self.measured[name], self.index_lifetimes.get(name)
        if i is None:
            return state.lifetime_x_ns, state.lifetime_bx_ns
        return state.lifetime_x_ns * float(np.exp(p[i])), state.lifetime_bx_ns * float(np.exp(p[i + 1]))

    def cascade(self, name: str, p: FloatArray, all_pixels: bool) -> Cascade:
        mu, _, nuisance, eta_x, ratio = self.unpack(p)
        state, multi = self.measured[name], self.multi[name]
        scale = 1.0 + MULTIEXCITON_UNCERTAINTY * nuisance
        scaled = Multiexcitons(multi.lifetime_ratio, tuple(r * scale for r in multi.efficiency_ratio), multi.bx_over_x)
        x = eta_x[name]
        bx = x * ratio.get(name, 0.75)
        shares = (state.all_share_x, state.all_share_bx) if all_pixels else (state.share_x, state.share_bx)
        return scaled.cascade(*self.lifetimes(name, p), x, bx, mu, shares)

    def decay_rows(self, name: str) -> slice:
        """Return where the residuals of lifetimes, fast over slow and g2 of a state stand."""
        at = 1 if self.free_mu else 2
        for other in self.names:
            at += 1
            if other == name:
                break
            at += 4 if other in self.whitening else int(other in self.with_bx)
        return slice(at, at + 4)

    def residuals(self, p: FloatArray) -> FloatArray:
        _, detection, nuisance, _, _ = self.unpack(p)
        out = [nuisance]
        if not self.free_mu:
            out.append(p[0] - np.log(self.fixed_mu))
        for name in self.names:
            state = self.measured[name]
            cascade = self.cascade(name, p, all_pixels=False)
            light = detection * float(self.cascade(name, p, all_pixels=True).singles_by_stage(state.window_ns).sum())
            out.append((light - state.light_per_pulse.value) / state.light_per_pulse.error)
            if state.center_over_side is None:
                continue
            ratio = center_over_side(cascade, state.window_ns) - state.center_over_side.value
            if name in self.whitening:
                tau_x, tau_bx = self.lifetimes(name, p)
                amplitude = cascade.singles[1] / cascade.singles[0] - (state.fast_over_slow or 0.0)
                deviation = np.array([tau_x - state.lifetime_x_ns, tau_bx - state.lifetime_bx_ns, amplitude, ratio])
                out.extend(self.whitening[name] @ deviation)
            else:
                out.append(ratio / state.center_over_side.error)
        return np.array(out)


def _whitening(state: ChargeStateMeasured) -> FloatArray:
    """Return the matrix that makes the errors of lifetimes, `fast_over_slow` and g2 independent and of unit size."""
    assert state.center_over_side is not None  # noqa: S101 - callers check
    covariance = np.zeros((4, 4))
    covariance[:3, :3] = state.decay_covariance + 1e-18 * np.eye(3)
    covariance[3, 3] = state.center_over_side.error**2
    covariance[3, :3] = covariance[:3, 3] = state.covariance_with_g2
    if np.linalg.eigvalsh(covariance).min() <= 0:
        covariance[3, :3] = covariance[:3, 3] = 0.0
    return np.asarray(np.linalg.inv(np.linalg.cholesky(covariance)))


def fit_efficiencies(
    measured: Mapping[str, ChargeStateMeasured], multi: Mapping[str, Multiexcitons], excitations_per_pulse: float
) -> Efficiencies:
    """Fit efficiencies, mean excitation and overall detection to all charge states.

    Parameters
    ----------
    measured : mapping of ChargeStateMeasured
        By charge state; the first is the one whose exciton has efficiency 1.
    multi : mapping of Multiexcitons
        By charge state.
    excitations_per_pulse : float
        Start value; held fixed if no decay amplitude is known.
    """
    problem = _Problem(measured, multi, excitations_per_pulse)
    solution = least_squares(problem.residuals, problem.start(), x_scale="jac", xtol=1e-12, ftol=1e-12, max_nfev=500)
    covariance = np.linalg.pinv(solution.jac.T @ solution.jac)
    mu, _, _, eta_x, ratio = problem.unpack(solution.x)
    charged, with_bx = problem.charged, problem.with_bx
    index_x, index_ratio = problem.index_x, problem.index_ratio

    def error_of(indices: Sequence[int]) -> float:
        return float(np.sqrt(max(sum(covariance[i, j] for i in indices for j in indices), 0.0)))

    efficiency_x = {name: Estimate(eta_x[name], eta_x[name] * error_of([index_x[name]])) for name in charged}
    efficiency_bx, correction, window_share, correlation_bx = {}, {}, {}, {}
    for name in with_bx:
        value = eta_x[name] * ratio[name]
        indices = [index_ratio[name]] + ([index_x[name]] if name in index_x else [])
        efficiency_bx[name] = Estimate(value, value * error_of(indices))
        correlation_bx[name] = _correlation(problem, covariance, solution.jac, name, indices, 1)
        cascade = problem.cascade(name, solution.x, all_pixels=False)
        endless = center_over_side(cascade)
        correction[name] = endless / ratio[name]
        window_share[name] = endless / center_over_side(cascade, problem.measured[name].window_ns)
    residual_count = len(solution.fun) - 1 - (0 if problem.free_mu else 1)
    return Efficiencies(
        efficiency_x=efficiency_x,
        efficiency_bx=efficiency_bx,
        excitations_per_pulse=Estimate(mu, mu * error_of([0])) if problem.free_mu else None,
        correction=correction,
        window_share=window_share,
        correlation_x={
            name: _correlation(problem, covariance, solution.jac, name, [index_x[name]], 0) for name in charged
        },
        correlation_bx=correlation_bx,
        chi2=float(2.0 * solution.cost),
        degrees_of_freedom=residual_count - (len(solution.x) - 1 - (0 if problem.free_mu else 1)),
    )


def _correlation(
    problem: _Problem, covariance: FloatArray, jacobian: FloatArray, name: str, indices: Sequence[int], which: int
) -> float:
    """Return the correlation of a sum of parameters (log efficiency) with a lifetime as measured.

    For residuals W (model - data) with data of covariance L L^T, W = 1/L, a fit moves by C J^T W per
    change of the data, so that its covariance with them is C J^T L^T.
    """
    if name not in problem.whitening:
        return 0.0
    lower = np.linalg.inv(problem.whitening[name])
    with_data = covariance @ jacobian[problem.decay_rows(name)].T @ lower.T
    own = sum(covariance[i, j] for i in indices for j in indices)
    shared = sum(with_data[i, which] for i in indices)
    scale = np.sqrt(own * (lower[which] @ lower[which]))
    return float(np.clip(shared / scale, -1.0, 1.0)) if scale > 0 else 0.0
