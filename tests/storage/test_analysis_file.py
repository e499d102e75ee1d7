"""The file of the analysis says by itself whether its data are simulated."""

import h5py
import numpy as np
import pytest

from acquisition.storage.analysis_file import load_analysis, save_analysis


@pytest.mark.parametrize("simulated", [True, False, None])
def test_the_arrays_of_an_analysis_say_whether_they_are_simulated(tmp_path, simulated):
    path = tmp_path / "analysis.h5"
    save_analysis(path, {"trace/counts": np.arange(3)}, {"a": 1}, simulated=simulated)
    with h5py.File(path) as file:
        assert file.attrs.get("simulated") == simulated
    arrays, values = load_analysis(path)
    assert (arrays["trace/counts"].tolist(), values) == ([0, 1, 2], {"a": 1})
