"""What the figures are drawn from is right, small, and survives the disk."""

import h5py
import numpy as np
import pytest

from acquisition.report.figure_data import FigureData
from acquisition.report.state_arrays import map_edges
from acquisition.storage import RecordingError, StorageError
from acquisition.storage.analysis_file import load_analysis, save_analysis, units_of
from tests.report.recordings import data_of


@pytest.mark.parametrize("kind", ["charging dot", "no wavelengths", "empty"])
def test_figure_data_comes_back_from_hdf5_as_it_was(tmp_path, kind):
    data = data_of(kind)
    save_analysis(tmp_path / "analysis.h5", data.arrays, data.values)
    arrays, values = load_analysis(tmp_path / "analysis.h5")
    assert values == data.values
    assert arrays.keys() == data.arrays.keys()
    for name, array in data.arrays.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array, err_msg=name)


def test_the_file_is_small_and_tells_units(tmp_path):
    data = data_of("charging dot")
    path = tmp_path / "analysis.h5"
    save_analysis(path, data.arrays, data.values)
    assert path.stat().st_size < 1_000_000
    with h5py.File(path) as file:
        assert file["trace/mean_delay_ns"].attrs["units"] == "ns"
        assert file["spectrum/X/low_ev"].attrs["units"] == "eV"
        assert file["spectrum/X/light_per_ev"].attrs["units"] == "1/eV"
        assert file["decay/neutral/counts"].attrs["units"] == "counts"
        assert file["trace/charge"].attrs["units"] == "1"
    assert units_of("survey/wavelength_nm") == "nm"


def test_a_file_that_is_not_an_analysis_is_refused_by_name(tmp_path):
    with pytest.raises(RecordingError, match=r"nothing\.h5: does not exist; `cascadescope analyze`"):
        load_analysis(tmp_path / "nothing.h5")
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(RecordingError, match=r"text\.h5: cannot be read"):
        load_analysis(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file.attrs["format"] = "other"
    with pytest.raises(RecordingError, match="is not a cascadescope analysis of version 1"):
        load_analysis(tmp_path / "other.h5")


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "analysis.h5"
    save_analysis(path, {"trace/counts": np.arange(3)}, {"a": 1})
    with pytest.raises(StorageError, match="plain finite values"):
        save_analysis(path, {}, {"a": float("nan")})
    assert load_analysis(path)[1] == {"a": 1}


def test_light_per_energy_holds_the_counts_of_the_pixels():
    for state in ("X", "X-", "X2-"):
        spectrum = data_of("charging dot").group(f"spectrum/{state}")
        width = spectrum["high_ev"] - spectrum["low_ev"]
        good = spectrum["response"] > 0
        light = (spectrum["light_per_ev"] * width * spectrum["response"])[good].sum()
        assert light == pytest.approx((spectrum["counts"] - spectrum["background_counts"])[good].sum())
        np.testing.assert_allclose(
            (spectrum["ss_per_ev"] + spectrum["pp_per_ev"])[good], spectrum["model_per_ev"][good]
        )


def test_the_emission_map_holds_the_light_of_the_decay():
    data = data_of("charging dot")
    emission, decay = data.group("emission/neutral"), data.group("decay/neutral")
    edges = emission["delay_edges_ns"]
    inside = (decay["edges_ns"][:-1] > edges[0] - 1e-6) & (decay["edges_ns"][1:] < edges[-1] + 1e-6)
    light = (decay["counts"] - decay["background_counts"])[inside].sum()
    assert np.nansum(emission["light_counts"], dtype=float) == pytest.approx(light, rel=1e-4)
    assert emission["light_counts"].shape == (len(emission["low_ev"]), len(edges) - 1)


def test_the_map_has_whole_bins_that_widen_with_the_delay():
    edges = map_edges(150.0, 0.5)
    assert edges[0] == 0
    assert edges[-1] * 0.5 <= 150.0
    assert np.all(np.diff(edges, 2) >= 0)
    assert list(map_edges(0.2, 0.5)) == [0]


def test_mean_delays_follow_the_charge_and_lie_below_the_lifetimes():
    data = data_of("charging dot")
    charge, delay = data.arrays["trace/charge"], data.arrays["trace/mean_delay_ns"]
    means = [float(np.nanmean(delay[charge == index])) for index in range(3)]
    lifetimes = [data.estimate(state, "lifetime_ns")[0] for state in ("X", "X-", "X2-")]
    assert means[0] > means[1] > means[2] > 10.0
    assert all(mean < lifetime for mean, lifetime in zip(means, lifetimes, strict=True))


def test_a_group_that_is_not_there_is_empty():
    data = FigureData({"a/b": np.zeros(1)}, {"results": {}, "charges": []})
    assert data.group("b") == {}
    assert list(data.group("a")) == ["b"]
    assert data.estimate("X", "lifetime_ns") is None


def test_the_trace_of_a_stream_without_pulses_holds_every_photon():
    data = data_of("no pulses")
    assert data.arrays["trace/counts"].sum() == data.results["photons"] == 20_000
    assert "trace/mean_delay_ns" not in data.arrays
