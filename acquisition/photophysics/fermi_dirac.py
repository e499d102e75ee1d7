"""Occupations and rates for any real number of carriers, by Fermi-Dirac statistics: the continuous lines of figures.

Whole carrier numbers have an exact answer, in `microstates`; the Fermi-Dirac function comes close
to it even for one to four carriers (Arens et al., ACS Nano 2026, 20, 3845, Supporting Information S8.2).
"""

from math import exp, log

from scipy.optimize import brentq

from acquisition.photophysics.microstates import BOLTZMANN_EV_PER_K, ROOM_TEMPERATURE_K, Levels, RateConstants, Rates

_CONSTANTS, _LEVELS = RateConstants(), Levels()


def fermi_dirac_occupations(
    carriers: float, s_degeneracy: int, p_degeneracy: int, splitting_ev: float, temperature_k: float
) -> tuple[float, float]:
    """Return the mean numbers of carriers in the S and the P level.

    n = g / (exp((E - mu) / kT) + 1) for each level, with the Fermi energy mu chosen so that the
    levels hold `carriers` together (Arens et al. 2026, text before eq. 7).

    Parameters
    ----------
    carriers : float
        Number of carriers, not necessarily whole.
    s_degeneracy, p_degeneracy : int
        Places in the S and the P level.
    splitting_ev : float
        Energy of P above S in eV.
    temperature_k : float

    Raises
    ------
    ValueError
        If the levels cannot hold the carriers, or the temperature is not positive.
    """
    places = s_degeneracy + p_degeneracy
    if not 0 <= carriers <= places:
        raise ValueError(f"levels of {s_degeneracy} + {p_degeneracy} places cannot hold {carriers} carriers")
    if not temperature_k > 0:
        raise ValueError(f"temperature must be positive, not {temperature_k} K")
    if carriers in (0, places):
        return (0.0, 0.0) if carriers == 0 else (float(s_degeneracy), float(p_degeneracy))
    splitting = splitting_ev / (BOLTZMANN_EV_PER_K * temperature_k)

    def occupied(fermi: float) -> tuple[float, float]:
        return s_degeneracy * _occupation(-fermi), p_degeneracy * _occupation(splitting - fermi)

    # so far from the levels the Boltzmann factors alone bound the carriers, or the free places
    low = min(0.0, splitting) + log(carriers) - log(places) - 1.0
    high = max(0.0, splitting) - log((places - carriers) / places) + 1.0
    fermi = brentq(lambda value: sum(occupied(value)) - carriers, low, high, xtol=1e-13)
    return occupied(float(fermi))


def _occupation(energy: float) -> float:
    """Return 1 / (exp(energy) + 1) without overflow; the energy is in kT above the Fermi energy."""
    return exp(-energy) / (1.0 + exp(-energy)) if energy > 0 else 1.0 / (exp(energy) + 1.0)


def fermi_dirac_rates(
    electrons: float,
    holes: float,
    temperature_k: float = ROOM_TEMPERATURE_K,
    constants: RateConstants = _CONSTANTS,
    levels: Levels = _LEVELS,
) -> Rates:
    """Return the rates of a state with real-valued numbers of `electrons` and `holes`.

    The rates are those of `microstates.state_rates`, with Fermi-Dirac occupations; the Auger
    rate of less than one carrier is taken as zero, not as negative. B' = 57.6 /us gives the
    biexciton of Arens et al. (they print 58.3), where exact microstates take 55.7.

    Raises
    ------
    ValueError
        If the levels cannot hold the carriers, or the temperature is not positive.
    """
    electrons_s, electrons_p = fermi_dirac_occupations(
        electrons, levels.electron_s, levels.electron_p, levels.electron_splitting_ev, temperature_k
    )
    holes_s, holes_p = fermi_dirac_occupations(
        holes, levels.hole_s, levels.hole_p, levels.hole_splitting_ev, temperature_k
    )
    negative = constants.c_minus_per_us * max(electrons - 1.0, 0.0)
    positive = constants.c_plus_per_us * max(holes - 1.0, 0.0)
    return Rates(
        radiative_ss_per_us=constants.b_per_us * electrons_s * holes_s,
        radiative_pp_per_us=constants.b_per_us / 3 * electrons_p * holes_p,
        nonradiative_per_us=electrons * holes * (negative + positive),
    )
