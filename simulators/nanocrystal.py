"""Lifetime, efficiency and spectrum of any state of a simulated nanocrystal at its temperature."""

from dataclasses import dataclass

from acquisition.photophysics.microstates import state_rates
from simulators.sample import STATES, Emitter, MicrostatePhotophysics

ZERO_CELSIUS_K = 273.15


@dataclass(frozen=True, slots=True)
class StateProperties:
    """How one state decays and which light it emits."""

    lifetime_ns: float
    quantum_efficiency: float
    energy_ss_ev: float
    energy_pp_ev: float
    pp_fraction: float

    @property
    def k_rad_per_us(self) -> float:
        """Radiative rate in 1/us."""
        return 1e3 * self.quantum_efficiency / self.lifetime_ns

    @property
    def k_nonrad_per_us(self) -> float:
        """Rate in 1/us of decays without a photon."""
        return 1e3 * (1.0 - self.quantum_efficiency) / self.lifetime_ns

    def to_dict(self) -> dict[str, float]:
        """Return all numbers by name with unit."""
        return {
            "lifetime_ns": self.lifetime_ns,
            "quantum_efficiency": self.quantum_efficiency,
            "energy_ss_ev": self.energy_ss_ev,
            "energy_pp_ev": self.energy_pp_ev,
            "pp_fraction": self.pp_fraction,
            "k_rad_per_us": self.k_rad_per_us,
            "k_nonrad_per_us": self.k_nonrad_per_us,
        }


def state_properties(emitter: Emitter, excitons: int, charge: int, temperature_c: float) -> StateProperties:
    """Return the properties of the state with `excitons` excitons and `charge` excess electrons."""
    lifetime_ns, efficiency = _decay(emitter, excitons, charge, temperature_c)
    levels, spectrum = emitter.levels.levels(), emitter.spectrum
    electrons = excitons + charge
    rates = state_rates(
        electrons, excitons, temperature_c + ZERO_CELSIUS_K, emitter.photophysics.constants.constants(), levels
    )
    energy_ss_ev = spectrum.energy_ss_ev - 1e-3 * spectrum.red_shift_per_electron_mev * (electrons - 1)
    return StateProperties(lifetime_ns, efficiency, energy_ss_ev, energy_ss_ev + levels.splitting_ev, rates.pp_fraction)


def _decay(emitter: Emitter, excitons: int, charge: int, temperature_c: float) -> tuple[float, float]:
    """Return lifetime in ns and quantum efficiency."""
    photophysics, levels = emitter.photophysics, emitter.levels.levels()
    constants = photophysics.constants.constants()
    model = state_rates(excitons + charge, excitons, temperature_c + ZERO_CELSIUS_K, constants, levels)
    if isinstance(photophysics, MicrostatePhotophysics):
        return model.lifetime_ns, model.quantum_efficiency
    anchor = (min(excitons, 2), charge)
    table = photophysics.states[next(name for name, state in STATES.items() if state == anchor)]
    reference_k = photophysics.reference_temperature_c + ZERO_CELSIUS_K
    reference = state_rates(anchor[0] + charge, anchor[0], reference_k, constants, levels)
    return (
        table.lifetime_ns * (model.lifetime_ns / reference.lifetime_ns),
        min(1.0, table.quantum_efficiency * (model.quantum_efficiency / reference.quantum_efficiency)),
    )


def named_states(emitter: Emitter, temperature_c: float) -> dict[str, StateProperties]:
    """Return the properties of the six states that have a name."""
    return {name: state_properties(emitter, n, q, temperature_c) for name, (n, q) in STATES.items()}
