"""What the page that aligns shows of the photons: rate, peak, spectrum, dose, reference."""

import numpy as np
import pytest
from qtpy.QtCore import Qt

from acquisition.gui.align.page import AlignPage
from tests.gui.align_said import ALIGNING, panel, show


@pytest.fixture
def page(desk, qtbot):
    page = AlignPage(desk)
    qtbot.addWidget(page)
    page.resize(1000, 560)
    page.show()
    return page


def test_the_peak_is_held_until_it_is_reset_or_another_run_begins(page, qtbot):
    show(page, panel(rate_cps=90_000.0))
    show(page, panel(rate_cps=10_000.0))
    assert page.peak_hold.peak.rate_cps == 90_000.0
    qtbot.keyClick(page, Qt.Key.Key_Space)
    show(page, panel(rate_cps=20_000.0))
    assert page.peak_hold.peak.rate_cps == 20_000.0
    show(page, panel(rate_cps=5_000.0), status={**ALIGNING, "run": "/runs/8"})
    assert page.peak_hold.peak.rate_cps == 5_000.0


def test_dose_fading_and_drift_are_told(page):
    shown = panel(bleaching={"value": 0.5, "error": 0.02}, drift={"focus_um": 0.2, "rate_share_per_min": -0.1})
    show(page, shown)
    assert page.dot.dose.text() == "10 s of light, 1e7 pulses"
    assert page.dot.bleaching.text() == "50 ± 2 %, fades"
    assert page.dot.focus.text() == "+0.20 µm"
    assert page.dot.drift.text() == "-10.0 %/min"


def test_a_reference_is_overlaid_and_compared(page):
    show(page, panel())
    page.reference.name.setText("dot 3")
    page.reference.take.click()
    show(page, panel(rate_cps=25_000.0))
    assert page.reference.said.text() == "dot 3: 50.0 kcps; this dot has 50 ± 2 % of it"
    show(page, panel(rate_cps=25_000.0, background_cps=1_000.0))
    assert page.reference.said.text().endswith("the rates cannot be compared: one with, one without its background")
    page.reference.forget.click()
    assert page.reference.said.text() == "none"


def test_the_reference_is_drawn_over_its_own_wavelengths(page):
    show(page, panel(wavelength_nm=np.linspace(600.0, 700.0, 320)))
    page.reference.take.click()
    show(page, panel(wavelength_nm=np.linspace(450.0, 1036.0, 320)))
    drawn = page.trends._reference_curve
    assert (drawn.x[0], drawn.x[-1]) == (600.0, 700.0)


def test_once_a_background_is_known_the_light_alone_is_shown_and_the_peak_starts_anew(page):
    show(page, panel(rate_cps=107_000.0))
    show(page, panel(rate_cps=106_000.0, background_cps=98_000.0))
    assert page.peak_hold.peak.rate_cps == 8_000.0
    assert page.readout.accessibleName() == "8.0 kcps"


def test_hot_pixels_do_not_push_the_line_of_an_emitter_to_the_bottom(page):
    counts = np.full(320, 250) + (300 * np.exp(-0.5 * ((np.arange(320) - 120) / 10) ** 2)).astype(int)
    counts[[5, 90, 290]] = 6000
    show(page, panel(spectrum_counts=counts, spectrum_s=1.0))
    (_, top) = page.trends.spectrum.box.viewRange()[1]
    assert 550 < top < 1000


def test_before_the_first_photons_there_is_no_rate(page):
    show(page, panel(rate_cps=None, rate_error_cps=None))
    assert page.peak_hold.peak is None


def test_while_a_step_records_its_rate_is_shown_and_the_pictures_stay(page):
    show(page, panel())
    recording = {**ALIGNING, "step": "acquire photons", "count_rate_cps": 123_000.0}
    show(page, panel(rate_cps=None, rate_error_cps=None), recording)
    assert page.readout.accessibleName() == "123 kcps"
    assert len(page.trends._rate.x) == 10
    assert page.dot.dose.text() == "10 s of light, 1e7 pulses"


def test_the_peak_is_that_of_half_a_second_and_not_of_its_luckiest_tenth(page):
    history = np.array([10.0, 10.0, 10.0, 10.0, 60.0]) * 1e3
    show(page, panel(rate_cps=60_000.0, rate_history_cps=history, history_time_s=np.arange(5.0)))
    assert page.peak_hold.peak.rate_cps == pytest.approx(20_000.0)
