"""Each figure is drawn where there is something to draw, shows the results, and else says why it is absent."""

from functools import cache

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from acquisition.photophysics.fermi_dirac import fermi_dirac_rates
from acquisition.photophysics.microstates import RateConstants, state_rates
from acquisition.report.figures import FIGURES
from acquisition.report.rate_figures import fermi_dirac_constants
from acquisition.report.style import COLOURS, MARKERS, STATES, Absent, Drawing, data_uri, mark_simulated, state_text
from tests.report.recordings import data_of

ALWAYS = {"trace", "selection"}
BY_KIND = {
    "charging dot": set(FIGURES),
    "no wavelengths": set(FIGURES) - {"spectra", "emission", "maps"},
    "never charging": set(FIGURES) - {"maps"},
    "dark": ALWAYS,
    "no pulses": ALWAYS,
    "empty": set(),
}


@cache
def drawn(kind: str, key: str) -> Drawing | Absent:
    return FIGURES[key][1](data_of(kind))


@pytest.mark.parametrize("kind", BY_KIND)
def test_figures_are_there_as_far_as_the_recording_goes(kind):
    found = {key for key in FIGURES if isinstance(drawn(kind, key), Drawing)}
    assert found == BY_KIND[kind]


@pytest.mark.parametrize(
    ("kind", "key", "why"),
    [
        ("no wavelengths", "spectra", "no wavelengths"),
        ("never charging", "maps", "could not be fitted"),
        ("dark", "decays", "No light was found"),
        ("no pulses", "flid", "no laser pulses"),
        ("empty", "trace", "no photons"),
    ],
)
def test_what_is_absent_says_why(kind, key, why):
    absent = drawn(kind, key)
    assert isinstance(absent, Absent)
    assert why in absent.why


@pytest.mark.parametrize("kind", BY_KIND)
def test_no_axes_are_empty(kind):
    for key in BY_KIND[kind]:
        for axes in drawn(kind, key).figure.axes:
            if axes.axison and axes.get_visible():
                twin = axes.get_xlabel() == "wavelength (nm)"
                assert twin or axes.lines or axes.collections or axes.patches or axes.images, key


@pytest.mark.parametrize(
    ("key", "labels"),
    [
        ("trace", {"time (s)", "counts per 40 ms", "mean delay (ns)"}),
        ("flid", {"mean delay (ns)", "light per 40 ms (counts)", "bins"}),
        ("spectra", {"photon energy (eV)", "wavelength (nm)", "light per energy (norm.)"}),
        ("emission", {"delay (ns)", "photon energy (eV)"}),
        ("decays", {"delay (ns)", "light (photons/ns)", "delay of the first photon (ns)", "first photons (1/ns)"}),
        ("g2", {"lag (laser pulses)", "pairs of photons"}),
        ("rates", {"rate (1/µs)", "number of electrons nₑ"}),
        ("maps", {"number of electrons nₑ", "number of holes nₕ"}),
        ("selection", {"pixel", "counts per second", "delay, uncorrected (ns)", "counts per 0.5 ns"}),
    ],
)
def test_axes_tell_quantity_and_unit(key, labels):
    figure = drawn("charging dot", key).figure
    assert labels <= {text for axes in figure.axes for text in (axes.get_xlabel(), axes.get_ylabel())}


def test_rates_are_drawn_where_the_results_have_them():
    data = data_of("charging dot")
    total = drawn("charging dot", "rates").figure.axes[0]
    points = {
        (int(x), round(float(y), 6))
        for container in total.containers
        for x, y in zip(*container.lines[0].get_data(), strict=True)
    }
    electrons = {"X": 1, "X-": 2, "X2-": 3, "BX": 2, "BX-": 3, "BX2-": 4}
    expected = {
        (n, round(data.estimate(state, "k_rad_per_us")[0], 6))
        for state, n in electrons.items()
        if data.estimate(state, "k_rad_per_us") is not None
    }
    assert points == expected
    assert len(points) >= 3


def test_g2_counts_pairs_within_a_pulse_twice_and_is_symmetric():
    data = data_of("charging dot")
    axes = drawn("charging dot", "g2").figure.axes[0]
    below, above = (np.array([bar.get_height() for bar in container]) for container in axes.containers)
    height = below + above
    pairs = data.arrays["g2/neutral/pairs_counts"]
    assert len(height) == 41
    assert height[20] == 2 * pairs[0]
    np.testing.assert_array_equal(height, height[::-1])
    np.testing.assert_array_equal(height[21:], pairs[1:])
    assert np.ptp(below) == 0


def test_the_continuous_lines_meet_the_microstates_at_the_biexciton():
    constants = RateConstants(50.0, 1.5, 4.0)
    continuous = fermi_dirac_constants(constants, 293.0)
    line, exact = fermi_dirac_rates(2, 2, 293.0, continuous), state_rates(2, 2, 293.0, constants)
    assert line.radiative_per_us == pytest.approx(exact.radiative_per_us)
    assert line.nonradiative_per_us == pytest.approx(exact.nonradiative_per_us)


def test_states_differ_in_marker_and_in_lightness_or_hue():
    assert len({MARKERS[state] for state in STATES}) == len(STATES)
    colours = np.array([to_rgb(COLOURS[state]) for state in STATES])
    distance = np.linalg.norm(colours[:, None] - colours[None, :], axis=-1)
    assert distance[~np.eye(len(STATES), dtype=bool)].min() > 0.25


def test_charges_are_raised():
    assert [state_text(state) for state in STATES] == ["X", "X⁻", "X²⁻", "BX", "BX⁻", "BX²⁻"]


def test_a_figure_of_simulated_data_says_so_itself():
    figure = FIGURES["selection"][1](data_of("dark")).figure
    mark_simulated(figure)
    assert "simulated data" in [text.get_text() for text in figure.texts]


def test_figures_are_vector_images_in_data_uris():
    uri = data_uri(drawn("dark", "selection").figure)
    assert uri.startswith("data:image/svg+xml;base64,")
    assert len(uri) < 1_000_000
