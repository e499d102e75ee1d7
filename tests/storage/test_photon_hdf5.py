"""Photon-HDF5 as we write it: valid for others, and the same photons when read back."""

import warnings
from collections.abc import Iterator

import h5py
import numpy as np
import pytest

from acquisition.analysis.recording import Calibration
from acquisition.storage import photon_hdf5
from acquisition.storage.context import RecordingDetails
from acquisition.storage.errors import RecordingError, StorageError
from acquisition.storage.photon_hdf5 import write_photon_hdf5
from acquisition.storage.photon_hdf5_recording import PhotonHdf5Recording
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo
from tests.storage.photons import INFO, MemoryRecording, join, make_blocks, same_photons

CALIBRATION = Calibration(
    wavelength_nm=np.linspace(450.0, 1050.0, 320),
    relative_efficiency=np.linspace(1.0, 0.1, 320),
    dark_rate_cps=np.full(320, 250.0),
    pixel_offset_ps=np.linspace(-50.0, 50.0, 320),
    pixel_mask=np.arange(320) != 7,
)


def unpulsed(blocks: list[PhotonBlock]) -> MemoryRecording:
    return MemoryRecording(blocks, info=PhotonStreamInfo(1e6, False, 1.0, 320))


def validate(path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tables
        from phconvert.hdf5 import assert_valid_photon_hdf5

        with tables.open_file(str(path)) as file:
            assert_valid_photon_hdf5(file, require_rootformat=True)


@pytest.mark.parametrize("pulsed", [True, False])
@pytest.mark.parametrize("count", [0, 3])
def test_what_we_write_is_valid_photon_hdf5(tmp_path, pulsed, count):
    path = tmp_path / "photons.h5"
    recording = MemoryRecording(make_blocks(count), CALIBRATION) if pulsed else unpulsed(make_blocks(count))
    details = RecordingDetails("a test", "dot 7", "N. N.", "2026-11-20T22:15:03+01:00")
    write_photon_hdf5(path, recording, details)
    validate(path)
    with h5py.File(path) as file:
        assert file["/setup/lifetime"][()] == pulsed
        assert file["/sample/sample_name"][()] == b"dot 7"


def test_everything_known_comes_back(tmp_path):
    recording = MemoryRecording(
        make_blocks(4), CALIBRATION, simulated=True, conditions={"temperature_c": 20.0, "excitations_per_pulse": 0.2}
    )
    write_photon_hdf5(tmp_path / "photons.h5", recording)
    copy = PhotonHdf5Recording(tmp_path / "photons.h5")
    assert copy.info == recording.info
    assert copy.simulated is True
    assert dict(copy.conditions) == dict(recording.conditions)
    for name in Calibration.__dataclass_fields__:
        assert np.array_equal(getattr(copy.calibration, name), getattr(CALIBRATION, name))
    assert same_photons(join(copy.blocks()), join(recording.blocks()))
    assert [gap for block in copy.blocks() for gap in block.gaps] == [
        Gap(1003, 1005, "overflow"),
        Gap(3003, 3005, "overflow"),
    ]


def test_what_is_not_known_is_not_in_the_file(tmp_path):
    write_photon_hdf5(tmp_path / "photons.h5", MemoryRecording(make_blocks(1)))
    copy = PhotonHdf5Recording(tmp_path / "photons.h5")
    assert copy.simulated is None
    assert not copy.conditions
    assert copy.calibration == Calibration() or copy.calibration.wavelength_nm is None
    with h5py.File(tmp_path / "photons.h5") as file:
        expected = {"period_ps", "pulsed", "delay_resolution_ps", "pixel_count", "end_pulse"}
        assert set(file["/user/cascadescope"]) == expected


def test_delays_are_stored_in_steps_of_the_converter(tmp_path):
    write_photon_hdf5(tmp_path / "photons.h5", MemoryRecording(make_blocks(1)))
    with h5py.File(tmp_path / "photons.h5") as file:
        specs = file["/photon_data/nanotimes_specs"]
        assert specs["tcspc_unit"][()] == pytest.approx(20e-12)
        assert specs["tcspc_num_bins"][()] == 50_000


@pytest.mark.parametrize("resolution_ps", [15.2587890625, 0.5, 3.0])
def test_delays_of_any_resolution_come_back_to_the_picosecond(tmp_path, resolution_ps):
    rng = np.random.default_rng(2)
    steps = rng.integers(0, 60_000, 500)
    block = make_blocks(1, photons=500)[0]
    delay_ps = np.rint(steps * resolution_ps).astype(np.uint32)
    info = PhotonStreamInfo(12345.678, True, resolution_ps, 320)
    recording = MemoryRecording([PhotonBlock(block.pulse, block.pixel, delay_ps, 0, 1000)], info=info)
    write_photon_hdf5(tmp_path / "photons.h5", recording)
    copy = PhotonHdf5Recording(tmp_path / "photons.h5")
    assert np.array_equal(join(copy.blocks()).delay_ps, delay_ps)
    assert copy.info == info


def test_delays_between_the_steps_are_not_rounded_away(tmp_path):
    block = make_blocks(1, photons=3)[0]
    odd = PhotonBlock(block.pulse, block.pixel, np.array([0, 7, 31], np.uint32), 0, 1000)
    write_photon_hdf5(tmp_path / "photons.h5", MemoryRecording([odd]))
    assert join(PhotonHdf5Recording(tmp_path / "photons.h5").blocks()).delay_ps.tolist() == [0, 7, 31]


def test_a_stream_without_pulses_is_stored_as_absolute_times(tmp_path):
    recording = unpulsed(make_blocks(3))
    write_photon_hdf5(tmp_path / "photons.h5", recording)
    copy = PhotonHdf5Recording(tmp_path / "photons.h5")
    assert copy.info == recording.info
    before, after = join(recording.blocks()), join(copy.blocks())
    order = np.argsort(before.pulse * 1_000_000 + before.delay_ps, kind="stable")
    assert np.array_equal(after.pulse, before.pulse[order])
    assert np.array_equal(after.pixel, before.pixel[order])
    assert np.array_equal(after.delay_ps, before.delay_ps[order])
    with h5py.File(tmp_path / "photons.h5") as file:
        assert "nanotimes" not in file["/photon_data"]
        assert file["/photon_data/timestamps_specs/timestamps_unit"][()] == 1e-12


def test_dark_pulses_at_the_end_are_kept(tmp_path):
    blocks = [*make_blocks(1), MemoryRecording.dark(1000, 90_000)]
    write_photon_hdf5(tmp_path / "photons.h5", MemoryRecording(blocks))
    assert join(PhotonHdf5Recording(tmp_path / "photons.h5").blocks()).end_pulse == 90_000


def test_a_file_is_never_overwritten(tmp_path):
    path = tmp_path / "photons.h5"
    path.write_bytes(b"precious")
    with pytest.raises(StorageError, match="never overwrites"):
        write_photon_hdf5(path, MemoryRecording(make_blocks(1)))
    assert path.read_bytes() == b"precious"


def test_a_file_that_does_not_read_back_the_same_gets_no_name(tmp_path, monkeypatch):
    class Forgetful(PhotonHdf5Recording):
        def blocks(self) -> Iterator[PhotonBlock]:
            for block in super().blocks():
                yield PhotonBlock(
                    block.pulse, block.pixel, block.delay_ps + np.uint32(1), block.first_pulse, block.end_pulse
                )

    monkeypatch.setattr(photon_hdf5, "PhotonHdf5Recording", Forgetful)
    with pytest.raises(StorageError, match="reads back with other photons"):
        write_photon_hdf5(tmp_path / "photons.h5", MemoryRecording(make_blocks(2)))
    assert list(tmp_path.iterdir()) == []


def test_a_flipped_bit_among_the_photons_is_noticed(tmp_path):
    path = tmp_path / "photons.h5"
    write_photon_hdf5(path, MemoryRecording(make_blocks(3)))
    with h5py.File(path) as file:
        offset = file["/photon_data/detectors"].id.get_chunk_info(0).byte_offset
    data = bytearray(path.read_bytes())
    data[offset + 100] ^= 4
    path.write_bytes(data)
    with pytest.raises(RecordingError, match="may be damaged"):
        list(PhotonHdf5Recording(path).blocks())


def test_a_photon_in_a_pixel_that_the_detector_lacks_is_refused(tmp_path):
    recording = MemoryRecording(make_blocks(1), info=PhotonStreamInfo(1e6, True, 20.0, 4))
    with pytest.raises(StorageError, match="the detector has 4 pixels"):
        write_photon_hdf5(tmp_path / "photons.h5", recording)


def test_others_find_the_counts_of_each_pixel(tmp_path):
    recording = MemoryRecording(make_blocks(3))
    write_photon_hdf5(tmp_path / "photons.h5", recording)
    with h5py.File(tmp_path / "photons.h5") as file:
        counts = file["/setup/detectors/counts"][:]
    assert np.array_equal(counts, np.bincount(join(recording.blocks()).pixel, minlength=INFO.pixel_count))
