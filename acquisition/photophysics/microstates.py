"""Occupation of discrete S and P levels by a few carriers, and the rates that follow from it.

Levels and rates are those of Arens et al., ACS Nano 2026, 20, 3845 (eqs. 6-9 and Supporting
Information S8): electron 1S and 1P, hole 1S3/2 and 1P3/2, filled canonically.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import comb, exp

BOLTZMANN_EV_PER_K = 8.617333262e-5
"""Boltzmann constant in eV/K (CODATA 2018)."""

ROOM_TEMPERATURE_K = 293.0
"""Temperature in K of the measurements in the paper."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Degeneracies and splittings of the levels of a nanocrystal.

    Attributes
    ----------
    splitting_ev : float
        Energy between the SS and the PP transition in eV (Delta E); the sum of both splittings.
    electron_mass, hole_mass : float
        Effective masses in units of the free electron mass; the splitting of a carrier goes as 1/m.
    electron_s, electron_p, hole_s, hole_p : int
        Degeneracies of the levels.
    """

    splitting_ev: float = 0.057
    electron_mass: float = 0.13
    hole_mass: float = 0.45
    electron_s: int = 2
    electron_p: int = 6
    hole_s: int = 4
    hole_p: int = 12

    @property
    def electron_splitting_ev(self) -> float:
        """Splitting of the electron levels in eV."""
        return self.splitting_ev * self.hole_mass / (self.electron_mass + self.hole_mass)

    @property
    def hole_splitting_ev(self) -> float:
        """Splitting of the hole levels in eV."""
        return self.splitting_ev * self.electron_mass / (self.electron_mass + self.hole_mass)


@dataclass(frozen=True, slots=True)
class RateConstants:
    """Rate constants of the model in 1/us, per carrier number.

    Attributes
    ----------
    b_per_us : float
        Radiative constant B' (with exact microstates 55.7 /us reproduces the biexciton of the paper).
    c_minus_per_us, c_plus_per_us : float
        Auger constants C- (negative trion path) and C+ (positive trion path).
    """

    b_per_us: float = 55.7
    c_minus_per_us: float = 1.68
    c_plus_per_us: float = 3.96


@dataclass(frozen=True, slots=True)
class Rates:
    """Decay of one multicarrier state; rates in 1/us."""

    radiative_ss_per_us: float
    radiative_pp_per_us: float
    nonradiative_per_us: float

    @property
    def radiative_per_us(self) -> float:
        """Total radiative rate in 1/us."""
        return self.radiative_ss_per_us + self.radiative_pp_per_us

    @property
    def lifetime_ns(self) -> float:
        """Lifetime in ns."""
        return 1e3 / (self.radiative_per_us + self.nonradiative_per_us)

    @property
    def quantum_efficiency(self) -> float:
        """Share of decays that emit a photon."""
        return self.radiative_per_us / (self.radiative_per_us + self.nonradiative_per_us)

    @property
    def pp_fraction(self) -> float:
        """Share of the photons that come from the PP transition."""
        return self.radiative_pp_per_us / self.radiative_per_us


def p_occupation(
    carriers: int, s_degeneracy: int, p_degeneracy: int, splitting_ev: float, temperature_k: float
) -> float:
    """Return the mean number of carriers in the P level, by counting microstates.

    `carriers` fermions are put into `s_degeneracy` + `p_degeneracy` places; a microstate with k of
    them in P has the weight exp(-k splitting / kT).

    Raises
    ------
    ValueError
        If the levels cannot hold the carriers, or the temperature is not positive.
    """
    if not 0 <= carriers <= s_degeneracy + p_degeneracy:
        raise ValueError(f"levels of {s_degeneracy} + {p_degeneracy} places cannot hold {carriers} carriers")
    if not temperature_k > 0:
        raise ValueError(f"temperature must be positive, not {temperature_k} K")
    fewest = max(0, carriers - s_degeneracy)
    # weights relative to the lowest microstate, so that none underflows in the cold
    weights = {
        k: comb(s_degeneracy, carriers - k)
        * comb(p_degeneracy, k)
        * exp(-(k - fewest) * splitting_ev / (BOLTZMANN_EV_PER_K * temperature_k))
        for k in range(fewest, min(carriers, p_degeneracy) + 1)
    }
    return sum(k * weight for k, weight in weights.items()) / sum(weights.values())


@lru_cache(maxsize=4096)
def occupations(
    electrons: int, holes: int, temperature_k: float, levels: Levels = Levels()
) -> tuple[float, float, float, float]:
    """Return the mean numbers of electrons in S and P and of holes in S and P (microstates)."""
    electrons_p = p_occupation(
        electrons, levels.electron_s, levels.electron_p, levels.electron_splitting_ev, temperature_k
    )
    holes_p = p_occupation(holes, levels.hole_s, levels.hole_p, levels.hole_splitting_ev, temperature_k)
    return electrons - electrons_p, electrons_p, holes - holes_p, holes_p


def state_rates(
    electrons: int,
    holes: int,
    temperature_k: float = ROOM_TEMPERATURE_K,
    constants: RateConstants = RateConstants(),
    levels: Levels = Levels(),
) -> Rates:
    """Return the rates of the state with `electrons` and `holes`.

    k_SS = B' n_e^S n_h^S, k_PP = B'/3 n_e^P n_h^P, k_A = C- n_e n_h (n_e - 1) + C+ n_e n_h (n_h - 1)
    (Arens et al. 2026, eqs. 8 and 9).
    """
    electrons_s, electrons_p, holes_s, holes_p = occupations(electrons, holes, temperature_k, levels)
    pairs = electrons * holes
    auger = constants.c_minus_per_us * pairs * (electrons - 1) + constants.c_plus_per_us * pairs * (holes - 1)
    return Rates(
        radiative_ss_per_us=constants.b_per_us * electrons_s * holes_s,
        radiative_pp_per_us=constants.b_per_us / 3 * electrons_p * holes_p,
        nonradiative_per_us=auger,
    )
