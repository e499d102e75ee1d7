"""PicoQuant files: the real recordings give the numbers that their makers give."""

import shutil
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from acquisition.storage import RecordingError, open_recording, ptu, write_photon_hdf5
from acquisition.storage.photon_hdf5_recording import PhotonHdf5Recording
from tests.storage.photons import join, same_photons


def test_a_t3_image_of_beads_has_its_photons_channels_and_duration(shared_data):
    recording = open_recording(shared_data / "tttr" / "beads.ptu")
    block = join(recording.blocks())
    assert recording.info.pulsed
    assert recording.info.period_ps == pytest.approx(25_000, rel=1e-5)
    assert recording.info.delay_resolution_ps == 16.0
    assert recording.info.pixel_count == 2
    assert np.bincount(block.pixel).tolist() == [52_833, 20_954]
    assert block.end_pulse * recording.info.period_ps * 1e-12 == pytest.approx(10.55, abs=0.01)


def test_a_t3_decay_is_the_one_that_others_read(shared_data):
    """From the highest step of 16 ps to the first below 1/e of it; no lifetime, for single steps scatter."""
    block = join(open_recording(shared_data / "tttr" / "beads.ptu").blocks())
    for pixel, expected_ns in ((0, 3.30), (1, 2.54)):
        counts = np.bincount(block.delay_ps[block.pixel == pixel] // 16)
        peak = int(np.argmax(counts))
        steps = int(np.flatnonzero(counts[peak:] < counts[peak] / np.e)[0])
        assert steps * 0.016 == pytest.approx(expected_ns, abs=0.005)


def test_a_t2_stream_is_not_pulsed_and_has_its_photons_and_duration(shared_data):
    recording = open_recording(shared_data / "tttr" / "v30_t2.ptu")
    block = join(recording.blocks())
    assert not recording.info.pulsed
    assert recording.info.period_ps == 1e6
    assert len(block) == 305_565
    assert block.end_pulse * 1e-6 == pytest.approx(5.0, abs=1e-3)
    assert block.delay_ps.max() < 1_000_000


@pytest.mark.parametrize("name", ["beads.ptu", "v30_t2.ptu"])
def test_overflows_are_counted_on_however_the_file_is_cut(shared_data, monkeypatch, name):
    whole = join(open_recording(shared_data / "tttr" / name).blocks())
    monkeypatch.setattr(ptu, "MAX_PHOTONS", 997)
    pieces = list(open_recording(shared_data / "tttr" / name).blocks())
    assert len(pieces) > 50
    assert same_photons(join(pieces), whole)


@pytest.mark.parametrize("name", ["beads.ptu", "v30_t2.ptu"])
def test_it_becomes_photon_hdf5_without_losing_a_photon(shared_data, tmp_path, name):
    recording = open_recording(shared_data / "tttr" / name)
    write_photon_hdf5(tmp_path / "copy.h5", recording)
    copy = PhotonHdf5Recording(tmp_path / "copy.h5")
    assert copy.info == recording.info
    assert same_photons(join(copy.blocks()), join(recording.blocks()))


def test_a_file_that_ends_in_the_middle_is_refused(shared_data, tmp_path):
    path = tmp_path / "cut.ptu"
    path.write_bytes((shared_data / "tttr" / "beads.ptu").read_bytes()[:-4000])
    with pytest.raises(RecordingError, match="4000 bytes of its records are missing"):
        open_recording(path)


@pytest.mark.parametrize("length", [0, 4, 8, 100, 2000, 5000])
def test_a_header_that_ends_in_the_middle_is_refused(shared_data, tmp_path, length):
    path = tmp_path / "cut.ptu"
    path.write_bytes((shared_data / "tttr" / "beads.ptu").read_bytes()[:length])
    with pytest.raises(RecordingError, match=r"cut\.ptu"):
        open_recording(path)


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "text.ptu").write_text("hello " * 100)
    with pytest.raises(RecordingError, match="is not a valid PTU file"):
        open_recording(tmp_path / "text.ptu")


def test_without_ptufile_it_says_how_to_install_it(shared_data, tmp_path, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}")

    shutil.copy(shared_data / "tttr" / "beads.ptu", tmp_path)
    monkeypatch.setattr(ptu.importlib, "import_module", missing)
    with pytest.raises(RecordingError, match=r"pip install 'cascadescope\[foreign\]'"):
        open_recording(tmp_path / "beads.ptu")


def test_a_laser_period_that_is_no_laser_period_is_refused(tmp_path, monkeypatch):
    (tmp_path / "slow.ptu").touch()
    header = SimpleNamespace(is_t3=True, global_resolution=0.5, tcspc_resolution=1e-12)
    monkeypatch.setattr(ptu, "_open", lambda path: nullcontext(header))
    with pytest.raises(RecordingError, match=r"MeasDesc_GlobalResolution is 0\.5 s; .* up to 0\.0001 s"):
        open_recording(tmp_path / "slow.ptu")
