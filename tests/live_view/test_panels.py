"""Panels show what their sources hold, in plain data that pass the wire, whatever there is to be shown."""

from dataclasses import replace

import numpy as np
import pytest

from acquisition.live_view import PANELS, Kind, Scene, panel
from acquisition.live_view.trace_panels import OVERVIEW_ROWS
from acquisition.remote.wire import decode, encode
from acquisition.report.figure_data import FigureData
from drivers.interfaces.photons import Gap
from tests.analysis.recordings import dark_stream
from tests.live_view import scenes

LIMIT_BYTES = 2**20


def show(name, scene):
    return PANELS[name].compute(scene)


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_has_nothing_to_show_where_there_is_nothing(name):
    assert show(name, Scene()) is None


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("kind", ["lit", "dark", "analysed", "read", "seen"])
def test_what_a_panel_shows_is_small_and_passes_the_wire(name, kind):
    shown = show(name, getattr(scenes, kind)())
    if shown is not None:
        text = encode({"shown": shown}, LIMIT_BYTES)
        assert decode(text)["shown"].keys() == shown.keys()


@pytest.mark.parametrize("name", [name for name, each in PANELS.items() if each.sources == ("stream",)])
def test_every_panel_of_photons_shows_a_lit_dot(name):
    assert show(name, scenes.lit())


@pytest.mark.parametrize("name", [name for name, each in PANELS.items() if each.kind is Kind.STATES])
def test_every_panel_of_states_shows_what_the_report_draws(name):
    shown = show(name, scenes.analysed())
    assert (shown["elapsed_s"], shown["problem"], shown["final"]) == (30.0, "", False)
    whole = scenes.analysed().states
    if name != "numbers":
        data = FigureData(shown["arrays"], shown["values"])
        assert data.charges == ("neutral", "minus1", "minus2")
        assert data.arrays
        assert all(array is whole.arrays[key] for key, array in data.arrays.items())
        assert data.estimate("X", "lifetime_ns") == FigureData(whole.arrays, whole.values).estimate("X", "lifetime_ns")


def test_the_states_have_spectra_with_fits():
    arrays = show("spectra", scenes.analysed())["arrays"]
    found = {name.split("/")[1] for name in arrays if name.startswith("spectrum/")}
    assert found >= {"X", "X-", "X2-", "BX"}  # those of other biexcitons need more than half a minute
    for state in found:
        assert len(arrays[f"spectrum/{state}/model_counts"]) == len(arrays[f"spectrum/{state}/counts"])


def test_numbers_are_those_of_the_results():
    shown = show("numbers", scenes.analysed())
    lifetime = shown["results"]["states"]["X"]["lifetime_ns"]
    assert abs(lifetime["value"] - 59) < 5 * lifetime["error"]
    assert shown["cascades"] == sum(found["cascades"] for found in shown["results"]["g2"].values()) > 0
    assert "photons_by_pixel" not in shown["results"]


def test_the_trace_shows_the_last_half_minute_bin_by_bin_with_charge_states():
    shown, bins = show("count_trace", scenes.lit()), scenes.lit().stream.trace.bins
    recent = shown["recent"]
    assert len(recent["counts"]) == 750
    assert recent["start_s"] == 0
    assert np.isnan(recent["counts"][:50]).all()
    assert np.array_equal(recent["counts"][50:], bins["counts"][50:])
    assert set(np.unique(recent["charge"])) == {-1, 0, 1, 2}
    assert shown["charges"] == ["neutral", "minus1", "minus2"]
    delay = [np.nanmean(recent["mean_delay_ns"][recent["charge"] == state]) for state in (0, 1, 2)]
    assert 60 > delay[0] > delay[1] > delay[2] > 0


def test_the_overview_of_a_trace_holds_all_of_it_in_few_rows():
    shown = show("count_trace", scenes.lit())
    overview = shown["overview"]
    assert overview["row_s"] == pytest.approx(0.04)
    assert len(overview["array_mean_counts"]) == 750 <= OVERVIEW_ROWS
    assert overview["array_mean_counts"].sum() == pytest.approx(shown["recent"]["array_counts"].sum(), rel=1e-6)
    assert (overview["array_least_counts"] <= overview["array_mean_counts"]).all()


def test_a_dark_stream_has_a_trace_of_the_array_and_no_charge_states():
    shown = show("count_trace", scenes.dark())
    assert shown["charges"] == []
    assert shown["background_counts"] is None
    assert shown["recent"]["array_counts"].sum() == 50_000
    assert np.isnan(shown["recent"]["counts"]).all()
    assert np.isnan(shown["overview"]["mean_counts"]).all()
    assert show("flid", scenes.dark()) is None
    assert show("g2", scenes.dark()) is None


def test_bins_that_lack_photons_have_no_counts_in_the_trace_nor_in_its_overview():
    stream = dark_stream(1, info=scenes.DARK, pulses=5_000_000, photons=50_000)
    blocks = stream.cut([1_000_000, 2_000_000], [Gap(1_000_000, 2_000_000, "paused")])
    shown = show("count_trace", Scene(stream=scenes.frame_of(blocks, scenes.DARK)))
    lost = shown["recent"]["lost"]
    assert lost.sum() == 25
    assert np.isnan(shown["recent"]["array_counts"][lost]).all()
    assert np.isfinite(shown["recent"]["array_counts"][~lost]).all()
    assert np.array_equal(np.isnan(shown["overview"]["array_least_counts"]), shown["overview"]["lost"])
    assert np.nanmin(shown["overview"]["array_least_counts"]) > 300


def test_intensities_of_the_charge_states_add_up_to_those_that_were_assigned():
    shown, bins = show("intensity_histogram", scenes.lit()), scenes.lit().stream.trace.bins
    assert shown["bins"].sum() == 700
    for index, name in enumerate(shown["bins_by_charge"]):
        assert shown["bins_by_charge"][name].sum() == (bins["charge"] == index).sum()
    assert len(shown["edges_counts"]) == len(shown["bins"]) + 1


def test_the_flid_tells_the_charge_states_apart():
    shown = show("flid", scenes.lit())
    assert 0.97 * 700 <= shown["bins"].sum() <= 700
    middle = {name: outline["mean_delay_ns"].mean() for name, outline in shown["regions"].items()}
    assert middle["neutral"] > middle["minus1"] > middle["minus2"]
    outline = shown["regions"]["neutral"]
    assert outline["counts"].max() - outline["counts"].min() > 2 * np.sqrt(outline["counts"].mean())


def test_the_spectrum_has_wavelengths_and_what_came_last():
    shown = show("spectrum", scenes.lit())
    assert len(shown["wavelength_nm"]) == len(shown["counts"]) == 320
    assert shown["duration_s"] == pytest.approx(30.0)
    assert shown["latest_duration_s"] == pytest.approx(1.0)
    assert 0.9 < shown["latest_counts"].sum() / (shown["counts"].sum() / 30) < 1.1
    brightest = (shown["counts"] * shown["used"]).argmax()
    assert shown["region_pixels"][0] <= brightest < shown["region_pixels"][1]


def test_the_map_and_the_delays_hold_the_same_photons():
    shown, delays = show("pixel_delay_map", scenes.lit()), show("delays", scenes.lit())
    assert shown["counts"].dtype == np.uint16
    assert len(shown["pixel_edges"]) == shown["counts"].shape[0] + 1
    assert shown["delay_edges_ns"][-1] == pytest.approx(1000.0)
    used = scenes.lit().stream.used.copy()
    used[: shown["region_pixels"][0]] = used[shown["region_pixels"][1] :] = False
    assert shown["counts"][used].sum() == delays["counts"].sum()
    assert delays["window_ns"][0] < delays["time_zero_ns"] < delays["window_ns"][1]


def test_g2_is_symmetric_and_its_ratio_has_the_error_of_counting():
    shown = show("g2", scenes.lit())
    assert len(shown["pairs"]) == len(shown["lag_pulses"]) == 41
    assert np.array_equal(shown["pairs"], shown["pairs"][::-1])
    ratio, center = shown["center_over_side"], shown["pairs"][20]
    assert ratio["value"] == pytest.approx(center / shown["pairs"][21:].mean())
    assert ratio["error"] > ratio["value"] * np.sqrt(2 / center)


def test_pile_up_and_losses_are_shares():
    shown = show("pile_up", scenes.lit())
    assert shown["pulses_by_photons"].sum() == 1_000_000
    assert shown["photons_per_pulse"] == pytest.approx(0.106, rel=0.1)
    assert 0 < shown["lost_in_brightest_share"] < 0.01
    assert shown["several_share"] == pytest.approx(0.053, rel=0.15)  # of a Poisson distribution
    assert show("losses", scenes.lit())["lost_share"] == 0
    assert show("losses", scenes.lit())["latest"] == []


def test_a_stream_without_pulses_has_no_delays():
    scene = scenes.dark(scenes.UNPULSED)
    assert [name for name in ("delays", "pixel_delay_map", "pile_up") if show(name, scene) is not None] == []
    assert show("spectrum", scene)["counts"].sum() == 50_000
    assert show("counts", scene)["has_light"] is False


def test_readings_are_columns_with_holes_where_an_instrument_did_not_answer():
    shown = show("conditions", scenes.read())
    assert shown["time_s"][-1] == 55.0
    assert np.isnan(shown["temperature_c"]).nonzero()[0].tolist() == [3]
    assert shown["heating"].tolist() == [1.0] * 12
    assert "heater_alarm" not in shown


def test_a_frame_is_shown_small_with_whole_profiles():
    shown = show("camera", scenes.seen())
    assert shown["picture_counts"].shape == (512, 300)
    assert shown["block_pixels"] == [2, 2]
    assert np.array_equal(shown["row_mean_counts"], np.arange(1024))
    assert np.array_equal(shown["column_mean_counts"], np.full(600, 511.5))
    assert shown["picture_counts"][0, 0] == 0.5
    assert (shown["number"], shown["saturated_share"], len(shown["wavelength_nm"])) == (3, 0.0, 600)


def test_the_share_of_saturated_pixels_is_told():
    assert show("camera", scenes.seen(saturated=True))["saturated_share"] == pytest.approx(1 / 1024)


def test_an_odd_frame_is_averaged_to_its_last_pixel():
    shown = show("camera", scenes.seen(shape=(1025, 600), dtype=np.int32))
    assert shown["picture_counts"].shape == (342, 300)
    assert shown["picture_counts"][-1, 0] == (1023 + 1024) / 2


def test_lifetimes_of_the_newest_photons_are_judged_by_what_all_photons_should_give():
    whole = scenes.analysed()
    newest = replace(whole, states=replace(whole.states, of_last_s=whole.states.elapsed_s / 4))
    pairs = zip(show("progress", whole)["lifetimes"], show("progress", newest)["lifetimes"], strict=True)
    for found, of_newest in pairs:
        assert of_newest["percent"] == pytest.approx(found["percent"] / 2)
        assert of_newest["error"] == pytest.approx(found["error"] / 2)
        assert of_newest["value"] == found["value"]


def test_without_goals_the_progress_is_how_well_the_lifetimes_are_known():
    shown = show("progress", scenes.analysed())
    assert shown["goals"] == []
    percent = {found["of"]: found["percent"] for found in shown["lifetimes"]}
    assert set(percent) >= {"lifetime of X", "lifetime of X-", "lifetime of X2-"}
    assert all(0 < value < 50 for value in percent.values())


def test_with_goals_it_is_how_far_each_of_them_is():
    goal = {"text": "5000 cascades are seen", "share": 0.5}
    shown = show("progress", Scene(goals=(goal,), states=scenes.analysed().states))
    assert shown == {"goals": [goal], "lifetimes": []}


def test_a_panel_registers_itself_once_and_names_its_sources():
    @panel("of a test", "Of a test")
    def of_a_test(scene):
        return {}

    try:
        assert PANELS["of a test"].compute is of_a_test
        assert PANELS["of a test"].about() == {"name": "of a test", "title": "Of a test", "kind": "stream"}
        with pytest.raises(ValueError, match="one of that name already"):
            panel("of a test", "Again")(of_a_test)
    finally:
        del PANELS["of a test"]
    with pytest.raises(ValueError, match="'weather' is no source; there are stream, readings"):
        panel("another", "Another", sources=("weather",))
