"""The numbers of the six states: lifetime, efficiency, energies, PP fraction and rates."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from acquisition.analysis.efficiencies import Efficiencies
from acquisition.analysis.estimate import Estimate
from acquisition.analysis.state_fits import StateFits
from acquisition.analysis.state_spectra import StateSpectra

EXCITON_OF = {"neutral": "X", "minus1": "X-", "minus2": "X2-"}
BIEXCITON_OF = {"neutral": "BX", "minus1": "BX-", "minus2": "BX2-"}


@dataclass(frozen=True, slots=True)
class StateValues:
    """Numbers of one state, None where not found; the efficiency of X is 1 by assumption (error 0).

    `correlation` is that of the errors of lifetime and efficiency; the rates need it.
    """

    lifetime_ns: Estimate | None = None
    quantum_efficiency: Estimate | None = None
    energy_ss_ev: Estimate | None = None
    energy_pp_ev: Estimate | None = None
    pp_fraction: Estimate | None = None
    correlation: float = 0.0

    @property
    def k_rad_per_us(self) -> Estimate | None:
        """Radiative rate eta / tau in 1/us."""
        if self.lifetime_ns is None or self.quantum_efficiency is None:
            return None
        tau, eta = self.lifetime_ns, self.quantum_efficiency
        value = 1e3 * eta.value / tau.value
        return Estimate(value, self._error(1e3 / tau.value, -value / tau.value))

    @property
    def k_nonrad_per_us(self) -> Estimate | None:
        """Nonradiative rate (1 - eta) / tau in 1/us."""
        if self.lifetime_ns is None or self.quantum_efficiency is None:
            return None
        tau, eta = self.lifetime_ns, self.quantum_efficiency
        value = 1e3 * (1.0 - eta.value) / tau.value
        return Estimate(value, self._error(-1e3 / tau.value, -value / tau.value))

    def _error(self, per_efficiency: float, per_lifetime: float) -> float:
        """Error of a function of efficiency and lifetime with these derivatives."""
        assert self.lifetime_ns is not None and self.quantum_efficiency is not None  # noqa: S101, PT018 - checked by callers
        a = per_efficiency * self.quantum_efficiency.error
        b = per_lifetime * self.lifetime_ns.error
        return sqrt(max(a * a + b * b + 2.0 * self.correlation * a * b, 0.0))

    def plain(self) -> dict[str, dict[str, float]]:
        """Return the numbers that were found, each as ``{"value", "error"}``; assumed ones have error 0."""
        names = ("lifetime_ns", "quantum_efficiency", "energy_ss_ev", "energy_pp_ev", "pp_fraction")
        found = {name: getattr(self, name) for name in (*names, "k_rad_per_us", "k_nonrad_per_us")}
        return {name: estimate.plain() for name, estimate in found.items() if estimate is not None}


def state_values(
    fits: Mapping[str, StateFits],
    spectra: Mapping[str, StateSpectra],
    efficiencies: Efficiencies | None,
    *,
    one_emitter: bool = True,
) -> dict[str, StateValues]:
    """Collect the numbers of each state of which at least the lifetime was found.

    With several emitters a pair is no cascade: biexcitons and efficiencies are left out.
    """
    values: dict[str, StateValues] = {}
    for name, fit in fits.items():
        if fit.decay is None:
            continue
        spectrum = spectra.get(name)
        x = spectrum.x if spectrum else None
        bx = spectrum.bx if spectrum else None
        efficiency_x = Estimate(1.0, 0.0) if name == "neutral" and one_emitter else None
        if efficiencies is not None and one_emitter:
            efficiency_x = efficiencies.efficiency_x.get(name, efficiency_x)
        values[EXCITON_OF[name]] = StateValues(
            fit.decay.lifetime_x_ns,
            efficiency_x,
            x.energy_ss_ev if x else None,
            x.energy_pp_ev if x else None,
            x.pp_fraction if x else None,
            efficiencies.correlation_x.get(name, 0.0) if efficiencies else 0.0,
        )
        if fit.decay.lifetime_bx_ns is None or not one_emitter:
            continue
        values[BIEXCITON_OF[name]] = StateValues(
            fit.decay.lifetime_bx_ns,
            efficiencies.efficiency_bx.get(name) if efficiencies else None,
            bx.energy_ss_ev if bx else None,
            bx.energy_pp_ev if bx else None,
            bx.pp_fraction if bx else None,
            efficiencies.correlation_bx.get(name, 0.0) if efficiencies else 0.0,
        )
    return values
