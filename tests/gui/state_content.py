"""What panels of the states hold: an analysis that is made up, by the names of a real one."""

import numpy as np

from acquisition.live_view import PANELS, Scene
from acquisition.live_view.state_results import StateResults

LIFETIMES_NS = {"X": 60.0, "X-": 28.0, "X2-": 20.0, "BX": 10.0, "BX-": 6.5, "BX2-": 6.0}
ENERGIES_EV = {"X": 1.780, "X-": 1.774, "X2-": 1.769, "BX": 1.777, "BX-": 1.775, "BX2-": 1.773}
EXCITON_OF = {"neutral": "X", "minus1": "X-", "minus2": "X2-"}
BIEXCITON_OF = {"neutral": "BX", "minus1": "BX-", "minus2": "BX2-"}
SPLITTING_EV = 0.057


def number(value, error):
    return {"value": value, "error": error}


def _lorentzian(x, center, width=0.05):
    return (0.5 * width / np.pi) / ((x - center) ** 2 + 0.25 * width**2)


def _spectrum(low, high, energy):
    middle = 0.5 * (low + high)
    ss, pp = 0.7 * _lorentzian(middle, energy), 0.3 * _lorentzian(middle, energy + SPLITTING_EV)
    light = 1000.0 * (ss + pp)
    return {
        "low_ev": low, "high_ev": high, "response": np.ones(len(low)), "light_per_ev": light,
        "light_error_per_ev": np.sqrt(light), "model_per_ev": light, "ss_per_ev": 1000.0 * ss, "pp_per_ev": 1000.0 * pp,
    }  # fmt: skip


def _decay(lifetime_ns, fast_ns):
    edges = np.arange(0.0, 1000.5, 0.5) - 20.0
    delay = 0.5 * (edges[1:] + edges[:-1])
    light = np.where(delay > 0, 4000.0 * np.exp(-delay / lifetime_ns), 0.0)
    fit_edges = np.arange(0.0, 300.0, 2.0)
    middle = 0.5 * (fit_edges[1:] + fit_edges[:-1])
    fit = 8000.0 * 2.0 * np.exp(-middle / lifetime_ns) + 100.0
    first_edges = np.arange(-2.0, 170.0, 0.5)
    first = 0.5 * (first_edges[1:] + first_edges[:-1])
    pairs = np.where(first > 0, 30.0 * np.exp(-first / fast_ns), 0.0)
    return {
        "edges_ns": edges, "counts": light + 25.0, "background_counts": np.full(len(light), 25.0),
        "fit_edges_ns": fit_edges, "fit_counts": fit, "fit_model_counts": fit, "first_edges_ns": first_edges,
        "first_counts": np.round(pairs), "first_model_counts": pairs + 0.1,
        "first_accidental_counts": np.full(len(pairs), 0.1),
    }  # fmt: skip


def _emission(low, high, energy, lifetime_ns):
    edges = np.concatenate([np.arange(0.0, 30.0, 1.0), np.arange(30.0, 174.0, 2.0)])
    middle = 0.5 * (edges[1:] + edges[:-1])
    light = _spectrum(low, high, energy)["light_per_ev"][:, None] * np.exp(-middle / lifetime_ns) * np.diff(edges)
    return {
        "light_counts": light * (high - low)[:, None], "variance_counts": light, "delay_edges_ns": edges,
        "low_ev": low, "high_ev": high, "response": np.ones(len(low)),
    }  # fmt: skip


def results_of(states=tuple(LIFETIMES_NS), *, warnings=(), shift=1.0, error=0.01):
    """Return the results of states, with lifetimes longer by `shift` than usual and relative errors `error`."""
    found = {
        state: {
            "lifetime_ns": number(shift * LIFETIMES_NS[state], error * LIFETIMES_NS[state]),
            "quantum_efficiency": number(1.0, 0.0) if state == "X" else number(0.8, 0.05),
            "energy_ss_ev": number(ENERGIES_EV[state], 0.0012),
            "energy_pp_ev": number(ENERGIES_EV[state] + SPLITTING_EV, 0.002),
            "pp_fraction": number(0.3, 0.02),
            "k_rad_per_us": number(17.0, 0.4),
            "k_nonrad_per_us": number(0.0, 0.0) if state == "X" else number(4.0, 0.3),
        }
        for state in states
    }
    charges = [charge for charge, state in EXCITON_OF.items() if state in states]
    g2 = {
        charge: {
            "center_over_side": number(0.78, 0.056),
            "accidental_pairs": 300.0,
            "cascades": 649,
            "center_pairs": 663,
        }
        for charge in charges
        if BIEXCITON_OF[charge] in states
    }
    return {
        "photons": 6_349_675, "simulated": True, "duration_s": 60.0, "states": found, "g2": g2,
        "assumed": ["X.quantum_efficiency", "X.k_nonrad_per_us"],
        "emitters": {"verdict": "one", "g2_gated": number(-0.004, 0.093)}, "warnings": list(warnings),
    }  # fmt: skip


def analysis(states=tuple(LIFETIMES_NS), **more):
    """Return arrays and values of a point with these states."""
    results = results_of(states, **more)
    edges_nm = np.linspace(720.0, 645.0, 45)
    high, low = 1239.841984 / edges_nm[1:], 1239.841984 / edges_nm[:-1]
    arrays = {"survey/wavelength_nm": np.linspace(450.0, 1000.0, 320)}
    charges = [charge for charge, state in EXCITON_OF.items() if state in states]
    for charge in charges:
        exciton, biexciton = EXCITON_OF[charge], BIEXCITON_OF[charge]
        groups = {
            f"decay/{charge}": _decay(LIFETIMES_NS[exciton], LIFETIMES_NS[biexciton]),
            f"emission/{charge}": _emission(low, high, ENERGIES_EV[exciton], LIFETIMES_NS[exciton]),
            **{
                f"spectrum/{state}": _spectrum(low, high, ENERGIES_EV[state])
                for state in (exciton, biexciton)
                if state in states
            },
        }
        arrays |= {f"{group}/{name}": array for group, found in groups.items() for name, array in found.items()}
        arrays[f"g2/{charge}/pairs_counts"] = np.concatenate([[663.0], np.full(20, 1490.0)])
    values = {
        "results": results, "charges": charges, "pulsed": True, "has_light": True, "temperature_k": 293.15,
        "response_known": True, "time_zero_ns": 20.0,
    }  # fmt: skip
    return arrays, values


def panels_of(*, elapsed_s=60.0, took_s=2.1, problem="", final=False, **more):
    """Return the panels of the states, as a session gives them."""
    states = StateResults(elapsed_s, *(({}, {}) if problem else analysis(**more)), problem, took_s, final)
    names = ("spectra", "decays", "emission", "state_g2", "numbers", "progress")
    return {name: PANELS[name].compute(Scene(states=states)) for name in names}
