"""What goes on beside the states: goals, temperature and rate, the camera."""

import numpy as np
import pytest

from acquisition.gui.client.feed import Said
from acquisition.gui.live.camera import CameraPanel
from acquisition.gui.live.camera_data import Shot, read_rows, rows_text
from acquisition.gui.live.conditions import ConditionsPanel, minutes_from_now
from acquisition.gui.live.goals import GoalsPanel, Remaining, Way, time_left
from acquisition.live_view import PANELS, Scene
from acquisition.live_view.run_scene import CameraShot
from acquisition.sequence.steps.goals import Goal
from acquisition.session.goal_progress import progress_of
from acquisition.session.goals_judge import Known
from drivers.interfaces.camera import Frame
from tests.gui.state_content import panels_of, results_of


def said(panels, version=1, **status):
    return Said(
        status={"run": "runs/a", "elapsed_s": 62.0, **status}, panels=panels, versions=dict.fromkeys(panels, version)
    )


@pytest.fixture
def shown(desk, qtbot):
    """Return a panel that shows something, at a size."""

    def show(kind, told, size=(1200, 700)):
        panel = kind(desk)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        panel.show_said(told)
        return panel

    return show


def progress(goal, elapsed_s=60.0, error=0.034):
    known = Known(elapsed_s, 120, results_of(error=error), 20.0, None)
    return {"progress": {"goals": progress_of(Goal.model_validate(goal), known), "lifetimes": []}}


LIFETIME = {"relative_error": {"of": "lifetime of X", "below": "3 %"}}


def test_a_goal_says_how_far_it_is_and_how_long_it_takes(shown):
    panel = shown(GoalsPanel, said(progress(LIFETIME), elapsed_s=60.0))
    [row] = panel.rows
    assert row.words.text() == "Lifetime of X is known to 3 %: 3.4 % of 3 % (60.0 ± 2.0), about 17 s left"
    assert row.bar.toolTip() == "78 % of the photons that are needed."
    assert row.bar.value() == pytest.approx(1000 * (3 / 3.4) ** 2, abs=1)
    assert not panel.wanted.isVisible()


def test_the_time_that_is_left_falls_between_two_analyses(shown):
    panel = shown(GoalsPanel, said(progress(LIFETIME), elapsed_s=60.0))
    panel.show_said(said(progress(LIFETIME), elapsed_s=70.0))
    assert panel.rows[0].words.text().endswith("about 7.1 s left")


def test_a_goal_that_is_reached_has_a_sign(shown):
    panel = shown(GoalsPanel, said(progress(LIFETIME, error=0.01)))
    assert panel.rows[0].words.text().startswith("\N{CHECK MARK} ")
    assert panel.rows[0].bar.value() == 1000


def test_each_part_of_a_goal_has_a_bar(shown):
    both = {"any_of": [{"cascades": 500}, {"time": "100 s"}]}
    panel = shown(GoalsPanel, said(progress(both)))
    assert [row.bar.value() for row in panel.rows] == [240, 600]
    assert panel.rows[1].words.text().endswith(": 60 s of 100 s, about 41 s left")


def test_without_goals_the_lifetimes_are_on_the_way_to_an_error_that_can_be_chosen(shown):
    panel = shown(GoalsPanel, said({"progress": panels_of(error=0.04)["progress"]}))
    assert len(panel.rows) == 6
    assert "4 % of 3 % (60.0 ± 2.4 ns)" in panel.rows[1].words.text()
    panel.wanted.button("2").click()
    assert panel.rows[0].bar.value() == 250
    assert "about 3.1 min left" in panel.rows[1].words.text()


def test_without_anything_the_panel_says_that_light_is_needed(shown):
    panel = shown(GoalsPanel, said({"progress": None}))
    assert "needs more light" in panel.heading.text()
    assert panel.rows == []


def test_rows_of_goals_that_are_gone_are_gone(shown):
    panel = shown(GoalsPanel, said({"progress": panels_of()["progress"]}))
    panel.show_said(said(progress(LIFETIME), 2))
    assert len(panel.rows) == 1


def test_what_is_left_is_not_known_before_anything_is_found():
    assert Remaining().left_s(Way("x", "", None, False), 10.0) is None
    assert Remaining().left_s(Way("x", "", 0.5, False, 1.0), None) is None
    assert Remaining().left_s(Way("x", "", 0.5, False, 1.0), 10.0) == 10.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "any moment"), (42.3, "about 42 s left"), (130, "about 2.2 min left"), (7300, "about 2 h left")],
)
def test_times_are_told_roughly(seconds, text):
    assert time_left(seconds) == text


def readings(**columns):
    return {"conditions": {name: np.array(values, dtype=float) for name, values in columns.items()}}


def test_temperature_and_rate_are_drawn_against_the_last_minutes(shown):
    told = readings(
        time_s=[10, 70, 130], temperature_c=[20, 30, 31], setpoint_c=[30, 30, 30], count_rate_cps=[1e3, 2e3, 4e3]
    )
    panel = shown(ConditionsPanel, said(told))
    rows = panel.temperature.table()
    assert rows[0][0] == "set point: time from now (min)"
    assert [row[0] for row in rows[1:]] == ["-2", "-1", "0"]
    assert panel.rate.table()[3][1] == "4"
    assert panel.rate.left.labelText == "count rate (kcps)"


def test_a_rig_without_thermometer_shows_the_rate_alone(shown):
    panel = shown(ConditionsPanel, said(readings(time_s=[0, 5], count_rate_cps=[1e3, 2e3])))
    assert panel.rate.isVisible()
    assert not panel.temperature.isVisible()


def test_before_the_first_reading_the_panel_says_so(shown):
    panel = shown(ConditionsPanel, said({"conditions": None}))
    assert panel.temperature._words.text() == "Nothing was read yet."


def test_the_time_goes_on_where_another_program_took_over():
    assert minutes_from_now(np.array([600.0, 660.0, 0.0, 60.0])) == pytest.approx([-2.0, -1.0, -1.0, 0.0])


def frame(shape=(128, 256), *, wavelengths=True, **more):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    counts = (300 + 900 * np.exp(-((rows - 60) ** 2) / 30 - (columns - 100) ** 2 / 900)).astype(np.uint16)
    about = {"number": 12, "exposure_s": 0.5, "em_gain": 100.0, "started_s": 1.0, "saturated": False, **more}
    wavelength_nm = np.linspace(560, 760, shape[1]) if wavelengths else None
    content = PANELS["camera"].compute(Scene(camera=CameraShot(Frame(counts, **about), wavelength_nm)))
    return {"camera": content}


def test_the_spectrum_of_the_brightest_rows_is_drawn_first(shown):
    panel = shown(CameraPanel, said(frame()))
    assert panel.rows.text() == "55-64"
    name, values = panel.spectra.table()[0][1], [float(row[1]) for row in panel.spectra.table()[1:]]
    assert name.startswith("rows 55-64")
    assert int(np.argmax(values)) == pytest.approx(100, abs=1)


def test_rows_are_typed_and_their_spectra_overlaid(shown, qtbot):
    panel = shown(CameraPanel, said(frame()))
    panel.rows.setText("10-19, 60")
    panel.rows.editingFinished.emit()
    assert panel.regions == [(10, 20), (60, 61)]
    assert {name.partition(": ")[0] for name in panel.spectra.table()[0]} == {"rows 10-19", "rows 60"}


def test_a_region_is_dragged(shown):
    panel = shown(CameraPanel, said(frame()))
    panel._regions[0].setRegion((80, 90))
    assert panel.rows.text() == "80-89"
    values = [float(row[1]) for row in panel.spectra.table()[1:]]
    assert max(values) < 310


def test_regions_are_added_and_taken_away(shown):
    panel = shown(CameraPanel, said(frame()))
    panel.add.click()
    assert len(panel.regions) == 2
    panel.drop.click()
    assert len(panel.regions) == 1
    assert not panel.drop.isEnabled()


def test_the_regions_stay_when_a_new_frame_comes(shown):
    panel = shown(CameraPanel, said(frame()))
    panel.set_regions([(3, 9)])
    panel.show_said(said(frame(number=13), 2))
    assert panel.rows.text() == "3-8"
    assert panel.about.text() == "frame 14, exposure 0.5 s, EM gain 100"


def noisy(number, light=30.0):
    """A frame of camera noise with faint light in rows 80 to 85."""
    rng = np.random.default_rng(number)
    counts = rng.normal(500, 100, (128, 256))
    counts[80:86] += light
    wavelength_nm = np.linspace(560, 760, 256)
    about = {"exposure_s": 0.5, "em_gain": 100.0, "started_s": 1.0, "saturated": False}
    shot = CameraShot(Frame(counts.astype(np.uint16), number=number, **about), wavelength_nm)
    return said({"camera": PANELS["camera"].compute(Scene(camera=shot))}, number + 1)


def test_the_mean_of_frames_shows_faint_light_and_its_rows_are_chosen(shown):
    panel = shown(CameraPanel, noisy(0, light=0.0))
    assert panel.about.text().endswith("no rows stand out of the noise yet")
    for number in range(1, 40):
        panel.show_said(noisy(number))
    first, end = panel.regions[0]
    assert first <= 80
    assert end >= 86
    assert "stand out" not in panel.about.text()
    panel.frames.button("mean").click()
    assert panel.about.text() == "mean of 40 frames, exposure 0.5 s, EM gain 100"
    assert panel.shot.picture[:70].std() == pytest.approx(100 / np.sqrt(40), rel=0.1)


def test_rows_that_were_chosen_by_hand_do_not_follow_the_light(shown):
    panel = shown(CameraPanel, noisy(0))
    panel._regions[0].setRegion((10, 20))
    for number in range(1, 20):
        panel.show_said(noisy(number))
    assert panel.regions == [(10, 20)]


def test_the_row_profile_stands_beside_the_picture_also_where_there_is_little_height(shown):
    panel = shown(CameraPanel, said(frame()))
    panel.resize(580, 240)
    assert panel.profile.isVisible()
    assert panel.profile.width() >= 60
    panel.resize(360, 240)
    assert not panel.profile.isVisible()


def test_rows_that_do_not_exist_are_refused_in_words(shown):
    panel = shown(CameraPanel, said(frame()))
    panel.rows.setText("100-300")
    panel.rows.editingFinished.emit()
    assert "it has rows 0 to 127" in panel.problem.text()
    assert panel.problem.isVisible()
    assert panel.rows.text() == "55-64"


def test_saturation_says_how_much_and_what_to_do(shown):
    panel = shown(CameraPanel, said(frame(saturated=True)))
    assert panel.problem.isVisible()
    assert "Saturated" in panel.problem.text()
    assert "lower the EM gain" in panel.problem.text()


@pytest.mark.parametrize(("unit", "label"), [("eV", "photon energy (eV)"), ("pixel", "column (pixels)")])
def test_the_axis_of_the_wavelengths_can_be_changed(shown, unit, label):
    panel = shown(CameraPanel, said(frame()))
    panel.unit.button(unit).click()
    assert panel.picture.bottom.labelText == panel.spectra.bottom.labelText == label


def test_without_wavelengths_columns_are_counted(shown):
    panel = shown(CameraPanel, said(frame(wavelengths=False)))
    assert panel.picture.bottom.labelText == "column (pixels)"


def test_before_the_first_frame_the_panel_says_so(shown):
    panel = shown(CameraPanel, said({"camera": None}))
    assert panel.pages.currentIndex() == 0


def test_rows_of_a_large_frame_are_those_of_the_detector():
    shot = Shot.of(frame((1000, 600))["camera"])
    assert shot.picture.shape == (500, 300)
    assert shot.rows == 1000
    assert shot.row_edges[-1] == 1000
    assert shot.spectrum((58, 62)).max() > shot.spectrum((40, 44)).max()
    assert shot.spectral_edges("eV")[0] == pytest.approx(1239.842 / 560, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "regions"), [("120-139, 200", [(120, 140), (200, 201)]), ("", []), ("0–1;", [(0, 2)])]
)
def test_rows_are_read_as_people_write_them(text, regions):
    assert read_rows(text, 256) == regions
    assert read_rows(rows_text(regions), 256) == regions


@pytest.mark.parametrize("text", ["a-b", "10-", "-4", "20-10", "1,2,3,4,5,6,7"])
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match=r"rows|regions"):
        read_rows(text, 256)
