import numpy as np
import pytest
from pydantic import ValidationError
from scipy.integrate import quad

from simulators.emission import stages
from simulators.optics import PHOTON_EV_NM, EfficiencyPoint, Optics
from tests.simulators.worlds import shipped_sample


def test_pixels_lie_where_the_spectrograph_puts_them() -> None:
    wavelength_nm = Optics().wavelength_nm()
    assert wavelength_nm.shape == (320,)
    assert wavelength_nm[0] == 450.0
    assert np.diff(wavelength_nm) == pytest.approx(1.84)


def test_a_line_is_integrated_between_the_edges_of_each_pixel_in_energy() -> None:
    optics, pixel = Optics(), 134
    centre_nm = optics.wavelength_nm()[pixel]
    low_ev, high_ev = (PHOTON_EV_NM / (centre_nm + side * 0.92) for side in (1, -1))
    expected, _ = quad(lambda ev: 0.025 / np.pi / ((ev - 1.78) ** 2 + 0.025**2), low_ev, high_ev)
    assert optics.lorentzian_shares(1.78, 0.05)[pixel] == pytest.approx(expected, rel=1e-6)


def test_the_array_catches_nearly_the_whole_line() -> None:
    assert 0.95 < Optics().lorentzian_shares(1.78, 0.05).sum() < 1.0


def test_the_detection_efficiency_is_that_of_the_data_sheet() -> None:
    optics = Optics(collection_efficiency=1.0)
    efficiency, wavelength_nm = optics.pixel_efficiency(), optics.wavelength_nm()
    assert efficiency[np.argmin(abs(wavelength_nm - 520))] == pytest.approx(0.50, abs=0.002)
    assert efficiency[np.argmin(abs(wavelength_nm - 700))] == pytest.approx(0.28, abs=0.002)
    assert efficiency[-1] == pytest.approx(0.04)


def test_four_percent_of_the_excitons_photons_are_detected() -> None:
    (exciton,) = stages(shipped_sample().emitters[0], 0, 1, 20.0, Optics())
    assert exciton.detection_probability == pytest.approx(0.04, rel=1e-3)


def test_an_efficiency_curve_that_does_not_ascend_is_refused() -> None:
    point = EfficiencyPoint(wavelength_nm=500, efficiency=0.5)
    with pytest.raises(ValidationError, match="ascend"):
        Optics(detection_efficiency=(point, point))
