"""Photon-HDF5 files of others: read with what they have, and refused with one clear message when they are wrong."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acquisition.storage import PhotonHdf5Recording, RecordingError, open_recording, write_photon_hdf5
from acquisition.storage import photon_hdf5_recording as module
from tests.storage.photons import INFO, MemoryRecording, join, make_blocks

UNIT = "photon_data/timestamps_specs/timestamps_unit"
TCSPC_UNIT = "photon_data/nanotimes_specs/tcspc_unit"
BINS = "photon_data/nanotimes_specs/tcspc_num_bins"
TIMES = "photon_data/timestamps"
DETECTORS = "photon_data/detectors"
NANOTIMES = "photon_data/nanotimes"
WAVELENGTH = "user/cascadescope/wavelength_nm"
GAPS = np.dtype([("first_pulse", "<i8"), ("end_pulse", "<i8"), ("reason", "S8")])

PLAIN: Mapping[str, Any] = {
    TIMES: np.array([0, 0, 3, 7, 9], np.int64),
    DETECTORS: np.array([0, 319, 5, 5, 100], np.uint16),
    NANOTIMES: np.array([0, 10, 999, 5, 7], np.uint32),
    UNIT: 1e-6,
    TCSPC_UNIT: 16e-12,
    BINS: 62_500,
}


def make(path: Path, *without: str, **packing: Any) -> Path:
    return make_with(path, {name: value for name, value in PLAIN.items() if name not in without}, **packing)


def make_with(path: Path, fields: Mapping[str, Any], **packing: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, value in fields.items():
            file.create_dataset(name, data=value, **(packing if np.ndim(value) else {}))
    return path


def change(path: Path, **changes: Any) -> Path:
    names = {key: globals()[key] for key in changes}
    return make_with(path, {**PLAIN, **{names[key]: value for key, value in changes.items()}})


def read(path: Path):
    return join(PhotonHdf5Recording(path).blocks())


def test_a_file_with_photons_only_is_read_with_what_it_has(tmp_path):
    recording = open_recording(make(tmp_path / "foreign.hdf5"))
    block = join(recording.blocks())
    assert recording.info.period_ps == 1e6
    assert recording.info.delay_resolution_ps == 16.0
    assert recording.info.pixel_count == 320
    assert recording.info.pulsed
    assert recording.simulated is None
    assert recording.calibration.wavelength_nm is None
    assert block.pulse.tolist() == [0, 0, 3, 7, 9]
    assert block.pixel.tolist() == [0, 319, 5, 5, 100]
    assert block.delay_ps.tolist() == [0, 160, 15984, 80, 112]
    assert block.end_pulse == 10


@pytest.mark.parametrize("dtypes", [("i4", "u1", "u2"), ("u8", "i8", "i2"), (">i8", ">u2", ">u4")])
@pytest.mark.parametrize("packing", [{}, {"compression": "gzip", "shuffle": True}, {"chunks": (2,)}])
def test_any_integers_and_any_packing_are_read(tmp_path, dtypes, packing):
    columns = {
        TIMES: np.array([1, 2, 2, 9], dtypes[0]),
        DETECTORS: np.array([0, 1, 1, 0], dtypes[1]),
        NANOTIMES: np.array([4, 5, 6, 7], dtypes[2]),
    }
    path = make_with(tmp_path / "foreign.h5", {**PLAIN, **columns}, **packing)
    block = read(path)
    assert block.pulse.tolist() == [1, 2, 2, 9]
    assert block.pixel.tolist() == [0, 1, 1, 0]
    assert block.delay_ps.tolist() == [64, 80, 96, 112]
    assert PhotonHdf5Recording(path).info.pixel_count == 2


@pytest.mark.parametrize(
    ("unit_s", "expected"),
    [(4e-12, [0, 40, 3996, 20, 28]), (15.2587890625e-12, [0, 153, 15244, 76, 107]), (0.5e-12, [0, 5, 500, 2, 4])],
)
def test_any_step_of_the_delays_is_converted_to_picoseconds(tmp_path, unit_s, expected):
    path = change(tmp_path / "foreign.h5", TCSPC_UNIT=unit_s)
    assert read(path).delay_ps.tolist() == expected
    assert PhotonHdf5Recording(path).info.delay_resolution_ps == pytest.approx(unit_s * 1e12)


def test_what_we_store_beside_the_photons_is_used(tmp_path):
    ours = {WAVELENGTH: np.linspace(450, 1050, 320), "user/cascadescope/dark_rate_cps": np.full(320, 250.0)}
    calibration = PhotonHdf5Recording(make_with(tmp_path / "foreign.h5", {**PLAIN, **ours})).calibration
    assert calibration.wavelength_nm[-1] == 1050.0
    assert calibration.dark_rate_cps[0] == 250.0


def test_320_wavelengths_make_320_pixels_even_if_few_have_light(tmp_path):
    fields = {**PLAIN, DETECTORS: np.zeros(5, np.uint16), WAVELENGTH: np.linspace(450, 1050, 320)}
    assert PhotonHdf5Recording(make_with(tmp_path / "foreign.h5", fields)).info.pixel_count == 320


def test_another_number_of_pixels_is_taken_from_the_setup(tmp_path):
    fields = {**PLAIN, WAVELENGTH: np.linspace(450, 1050, 512), "setup/num_pixels": 512}
    assert PhotonHdf5Recording(make_with(tmp_path / "foreign.h5", fields)).info.pixel_count == 512


def test_without_nanotimes_the_timestamps_are_times_of_a_stream_without_pulses(tmp_path):
    fields = {TIMES: np.array([0, 79, 80, 1_000_000]), DETECTORS: np.zeros(4, np.uint8), UNIT: 12.5e-9}
    recording = PhotonHdf5Recording(make_with(tmp_path / "foreign.h5", fields))
    block = join(recording.blocks())
    assert not recording.info.pulsed
    assert recording.info.period_ps == 1e6
    assert block.pulse.tolist() == [0, 0, 1, 12_500]
    assert block.delay_ps.tolist() == [0, 987_500, 0, 0]


def test_a_clock_that_is_no_whole_number_of_picoseconds_does_not_drift(tmp_path):
    ticks = np.array([3 * 10**13], np.int64)
    fields = {TIMES: ticks, DETECTORS: np.zeros(1, np.uint8), UNIT: 12.3456e-12}
    block = read(make_with(tmp_path / "foreign.h5", fields))
    time_ps = int(block.pulse[0]) * 1_000_000 + int(block.delay_ps[0])
    assert abs(time_ps - 370_368_000_000_000) <= 1


def test_a_file_without_detectors_has_one_pixel(tmp_path):
    recording = PhotonHdf5Recording(make(tmp_path / "foreign.h5", DETECTORS))
    assert recording.info.pixel_count == 1
    assert set(join(recording.blocks()).pixel) == {0}


def test_an_empty_stream_is_an_empty_recording(tmp_path):
    empty = {name: np.empty(0, np.int64) for name in (TIMES, DETECTORS, NANOTIMES)}
    recording = PhotonHdf5Recording(make_with(tmp_path / "foreign.h5", {**PLAIN, **empty}))
    assert list(recording.blocks()) == []


def test_the_slowest_laser_that_is_believed_has_ten_kilohertz(tmp_path):
    assert PhotonHdf5Recording(change(tmp_path / "foreign.h5", UNIT=1e-4)).info.period_ps == 1e8


def test_a_period_that_we_wrote_ourselves_is_believed(tmp_path):
    info = replace(INFO, period_ps=1e9)
    write_photon_hdf5(tmp_path / "slow.h5", MemoryRecording(make_blocks(1), info=info))
    assert PhotonHdf5Recording(tmp_path / "slow.h5").info.period_ps == 1e9


def test_dark_time_at_the_end_is_taken_from_the_duration(tmp_path):
    path = make_with(tmp_path / "foreign.h5", {**PLAIN, "acquisition_duration": 12e-6})
    assert read(path).end_pulse == 12


def test_a_duration_that_does_not_fit_the_photons_is_not_believed(tmp_path):
    path = make_with(tmp_path / "foreign.h5", {**PLAIN, "acquisition_duration": 12e-3})
    assert read(path).end_pulse == 10


def test_pulses_are_kept_whole_across_the_pieces_that_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_PHOTONS", 7)
    times = np.sort(np.random.default_rng(3).integers(0, 40, 200))
    detectors = np.arange(200) % 320
    fields = {**PLAIN, TIMES: times, DETECTORS: detectors, NANOTIMES: np.arange(200)}
    blocks = list(PhotonHdf5Recording(make_with(tmp_path / "foreign.h5", fields)).blocks())
    assert len(blocks) > 5
    assert np.array_equal(join(blocks).pulse, times)
    assert np.array_equal(join(blocks).pixel, detectors)
    assert all(one.pulse[-1] < other.pulse[0] for one, other in itertools.pairwise(blocks))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"TIMES": [0, 0, 3, 2, 9]}, r"/photon_data/timestamps: is not ascending: photon 3 has 2 after 3"),
        ({"TIMES": [-4, 0, 3, 7, 9]}, r"/photon_data/timestamps: is -4 for photon 0; 0 to 2\^63"),
        ({"TIMES": np.array([0, 0, 3, 7, 2**63 + 9], np.uint64)}, r"/photon_data/timestamps: is -\d+ for photon 4"),
        ({"TIMES": [0.0, 0.5, 3, 7, 9]}, r"timestamps: is 1-D float64; a 1-D dataset of integers is allowed"),
        ({"TIMES": [[0, 0, 3, 7, 9]]}, r"timestamps: is 2-D"),
        ({"DETECTORS": [0, 1, 2]}, r"detectors: has 3 entries, but timestamps has 5"),
        ({"NANOTIMES": [0, 1, 2, 3, 4, 5]}, r"nanotimes: has 6 entries, but timestamps has 5"),
        ({"DETECTORS": [0, 1, 2, -3, 4]}, r"detectors: is -3 for photon 3; 0 to 65535 is allowed"),
        ({"DETECTORS": [0, 1, 2, 3, 70_000]}, r"detectors: is 70000 for photon 4"),
        ({"NANOTIMES": [0, 1, 62_500, 3, 4]}, r"nanotimes: is 62500 for photon 2; 0 to 62499 is allowed"),
        ({"NANOTIMES": [0, 1, -2, 3, 4]}, r"nanotimes: is -2 for photon 2"),
        ({"UNIT": float("nan")}, r"timestamps_unit: is nan"),
        ({"UNIT": 0.0}, r"timestamps_unit: is 0; a number above 0"),
        ({"UNIT": -1e-6}, r"timestamps_unit: is -1e-06; a number above 0"),
        ({"UNIT": "1 us"}, r"timestamps_unit: is object of shape \(\); a single number"),
        ({"UNIT": 1e3}, r"timestamps_unit: is 1000 s; 1e-15 s to 1 s"),
        ({"UNIT": 0.5}, r"timestamps_unit: is 0.5 s; beside nanotimes it is the laser period in s: up to 0.0001 s"),
        ({"TCSPC_UNIT": 0.0}, r"tcspc_unit: is 0"),
        ({"TCSPC_UNIT": 16.0}, r"tcspc_unit: is 16 s; 1e-15 s to 1e-3 s"),
        ({"BINS": -5}, r"tcspc_num_bins: is -5"),
        ({"WAVELENGTH": np.ones(319)}, r"wavelength_nm: has 319 entries; one for each of 320 pixels"),
        ({"WAVELENGTH": np.ones(321)}, r"wavelength_nm: has 321 entries"),
        ({"WAVELENGTH": np.full(320, np.nan)}, r"wavelength_nm: is nan for pixel 0; finite numbers"),
        ({"WAVELENGTH": np.ones((2, 160))}, r"wavelength_nm: is 2-D"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(tmp_path, changes, words):
    path = change(tmp_path / "bad.h5", **changes)
    with pytest.raises(RecordingError, match=r"bad\.h5: .*" + words):
        list(PhotonHdf5Recording(path).blocks())


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ([TIMES], "/photon_data/timestamps: is missing"),
        ([UNIT], "timestamps_unit: is missing"),
        ([TCSPC_UNIT], "tcspc_unit: is missing"),
        ([NANOTIMES], "nanotimes: is missing, but nanotimes_specs says"),
        (list(PLAIN), "/photon_data: is missing"),
    ],
)
def test_what_is_missing_is_named(tmp_path, missing, words):
    with pytest.raises(RecordingError, match=words):
        PhotonHdf5Recording(make(tmp_path / "bad.h5", *missing))


def test_a_spectrum_without_the_pixel_of_each_photon_is_refused(tmp_path):
    fields = {name: value for name, value in PLAIN.items() if name != DETECTORS}
    path = make_with(tmp_path / "bad.h5", {**fields, WAVELENGTH: np.linspace(450, 1050, 320)})
    with pytest.raises(RecordingError, match="detectors: is missing; with 320 pixels"):
        PhotonHdf5Recording(path)


def test_a_recording_of_several_spots_is_refused(tmp_path):
    path = make_with(tmp_path / "bad.h5", {"photon_data0/timestamps": [1], "photon_data1/timestamps": [1]})
    with pytest.raises(RecordingError, match="several spots"):
        PhotonHdf5Recording(path)


def test_a_file_that_is_not_hdf5_is_refused(tmp_path):
    (tmp_path / "bad.h5").write_text("pulse,pixel,delay\n")
    with pytest.raises(RecordingError, match=r"bad\.h5: is not an HDF5 file"):
        open_recording(tmp_path / "bad.h5")


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "bad.h5"
    write_photon_hdf5(path, MemoryRecording(make_blocks(3)))
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(RecordingError, match="is incomplete"):
        open_recording(path)


def test_gaps_and_end_that_contradict_the_photons_are_refused(tmp_path):
    path = make_with(tmp_path / "a.h5", {**PLAIN, "user/cascadescope/end_pulse": 3})
    with pytest.raises(RecordingError, match="end_pulse: is 3, but the photons reach pulse 9"):
        list(PhotonHdf5Recording(path).blocks())
    gaps = np.array([(5, 2, b"why")], GAPS)
    path = make_with(tmp_path / "b.h5", {**PLAIN, "user/cascadescope/gaps": gaps})
    with pytest.raises(RecordingError, match="gap from pulse 5 to 2"):
        PhotonHdf5Recording(path)


def test_timestamps_that_are_no_pulses_are_refused_before_they_fill_the_memory(tmp_path):
    n = 3 * 2**20
    fields = {**PLAIN, TIMES: np.zeros(n, np.int64), DETECTORS: np.zeros(n, "u1"), NANOTIMES: np.zeros(n, "u1")}
    path = make_with(tmp_path / "bad.h5", fields)
    with pytest.raises(RecordingError, match="pulse 0 has more than 1048576 photons"):
        list(PhotonHdf5Recording(path).blocks())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_gives_a_message_not_a_traceback(tmp_path, length):
    path = tmp_path / "cut.h5"
    path.unlink(missing_ok=True)
    write_photon_hdf5(path, MemoryRecording(make_blocks(2)))
    data = path.read_bytes()
    path.write_bytes(data[: int(length * len(data))])
    with pytest.raises(RecordingError):
        list(PhotonHdf5Recording(path).blocks())
