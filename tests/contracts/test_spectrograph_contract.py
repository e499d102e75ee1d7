import math

import numpy as np
import pytest

from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.spectrograph import Spectrograph


def test_has_gratings_that_are_numbered_from_1(spectrograph: Spectrograph) -> None:
    assert [grating.number for grating in spectrograph.gratings] == list(range(1, len(spectrograph.gratings) + 1))
    assert spectrograph.status().grating in range(1, len(spectrograph.gratings) + 1)


def test_reports_what_was_set(spectrograph: Spectrograph) -> None:
    spectrograph.set_grating(2)
    spectrograph.set_centre_nm(640.0)
    spectrograph.set_slit_um(150.0)
    status = spectrograph.status()
    assert status.grating == 2
    assert status.centre_nm == pytest.approx(640.0, abs=0.5)
    assert status.slit_um == pytest.approx(150.0, abs=5.0)


def test_wavelengths_go_steadily_around_the_centre_and_a_finer_grating_spreads_them_more(
    spectrograph: Spectrograph,
) -> None:
    spans_nm = []
    for number in (1, 2):
        spectrograph.set_grating(number)
        spectrograph.set_centre_nm(700.0)
        wavelength_nm = spectrograph.wavelength_nm(256, 16.0)
        assert wavelength_nm.shape == (256,)
        assert wavelength_nm.dtype == np.float64
        steps_nm = np.diff(wavelength_nm)
        assert np.all(steps_nm > 0) or np.all(steps_nm < 0)
        assert wavelength_nm.mean() == pytest.approx(700.0, abs=1.0)
        spans_nm.append(abs(wavelength_nm[-1] - wavelength_nm[0]))
    assert spectrograph.gratings[1].lines_per_mm > spectrograph.gratings[0].lines_per_mm
    assert spans_nm[1] < spans_nm[0]


@pytest.mark.parametrize("setting", ["centre_nm", "slit_um"])
def test_refuses_values_outside_its_limits_and_keeps_the_old_ones(spectrograph: Spectrograph, setting: str) -> None:
    limits, before = spectrograph.limits[setting], spectrograph.status()
    for value in (limits.low - 1.0, limits.high * 1.01 + 1.0, math.nan, math.inf):
        with pytest.raises(RangeError, match=setting):
            getattr(spectrograph, f"set_{setting}")(value)
    assert spectrograph.status() == before


def test_refuses_gratings_that_it_does_not_have(spectrograph: Spectrograph) -> None:
    for number in (0, len(spectrograph.gratings) + 1, -1):
        with pytest.raises(RangeError, match=f"grating = {number}"):
            spectrograph.set_grating(number)


def test_refuses_detectors_that_are_none(spectrograph: Spectrograph) -> None:
    for pixels, width_um in ((7, 16.0), (512, 0.0), (512, math.nan)):
        with pytest.raises(RangeError, match="at least 8"):
            spectrograph.wavelength_nm(pixels, width_um)


def test_does_nothing_while_not_connected(spectrograph: Spectrograph) -> None:
    spectrograph.close()
    for call in (
        lambda: spectrograph.set_grating(1),
        lambda: spectrograph.set_centre_nm(600.0),
        lambda: spectrograph.set_slit_um(100.0),
        lambda: spectrograph.set_shutter(False),
        lambda: spectrograph.wavelength_nm(512, 16.0),
        spectrograph.status,
    ):
        with pytest.raises(StateError, match="not connected"):
            call()
