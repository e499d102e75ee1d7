"""Frames are on the disk one by one, survive a kill, and become a NeXus file."""

import h5py
import numpy as np
import pytest

from acquisition.storage import RecordingError, RunFolder, recover
from acquisition.storage.frames import FrameStore, make_frames_file, stored_frames
from acquisition.storage.run_folder import PointFolder
from drivers.interfaces.camera import Frame

ABOUT = {
    "label": "field",
    "wanted": 5,
    "simulated": True,
    "wavelength_nm": [600.0 + 0.5 * column for column in range(8)],
}


def frame(number, saturated=False):
    counts = np.random.default_rng(number).integers(100, 200, (4, 8)).astype(np.uint16)
    return Frame(counts, number, 0.1, 50.0, 0.12 * number, saturated)


@pytest.fixture
def point(tmp_path):
    return PointFolder(tmp_path / "points" / "0001")


def stored(point, numbers, **more):
    store = FrameStore(point, ABOUT, **more)
    for number in numbers:
        store.append(frame(number, saturated=number == 2))
    return store


def test_frames_become_a_nexus_file_with_axes_and_units(point):
    store = stored(point, range(5))
    assert (store.frames, store.saturated_frames) == (5, 1)
    assert make_frames_file(point) == 5
    assert not point.frames.exists()
    with h5py.File(point.frames_h5) as file:
        assert file.attrs["simulated"]
        data = file[file.attrs["default"]]["data"]
        assert data.attrs["NX_class"] == "NXdata"
        axes = list(data.attrs["axes"])
        assert axes == ["time", "row", "wavelength"]
        assert data[data.attrs["signal"]].shape == tuple(len(data[axis]) for axis in axes) == (5, 4, 8)
        assert [data[axis].attrs["units"] for axis in axes] == ["s", "pixels", "nm"]
        assert np.array_equal(data["counts"][3], frame(3).counts)
        assert data["time"][:] == pytest.approx([0, 0.12, 0.24, 0.36, 0.48])
        assert file["entry/instrument/detector/saturated"][:].tolist() == [0, 0, 1, 0, 0]


def test_after_an_interruption_the_frames_go_on_and_the_file_says_so(point):
    before = stored(point, range(2))
    after = FrameStore(point, ABOUT, "paused")
    assert (after.frames, after.signals) == (2, before.signals)
    for number in range(3):
        after.append(frame(number))
    make_frames_file(point)
    with h5py.File(point.frames_h5) as file:
        assert '"before_frame": 2, "reason": "paused"' in file["entry/interruptions"][()].decode()
        assert file["entry/data/time"][:] == pytest.approx([0, 0.12, 0.22, 0.34, 0.46])


def test_frames_of_a_run_that_was_killed_are_made_readable_and_can_go_on(tmp_path, point):
    (tmp_path / "points").mkdir()
    stored(point, range(3))
    (point.frames / "000003.npz.part").write_bytes(b"half a frame")
    [found] = recover(RunFolder.open(tmp_path).path).points
    assert (found.number, found.status) == (1, "recovered")
    with h5py.File(point.frames_h5) as file:
        assert file["entry/data/counts"].shape == (3, 4, 8)
    store = FrameStore(point, ABOUT)
    assert store.frames == 3
    store.append(frame(3))
    store.append(frame(4))
    assert make_frames_file(point) == 5
    [again] = recover(tmp_path).points
    assert again.status == "complete"


def test_a_damaged_frame_is_told_with_its_file(point):
    stored(point, range(2))
    path = point.frames / "000001.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RecordingError, match=r"000001\.npz: cannot be read"):
        list(stored_frames(point.frames))


def test_a_point_without_frames_makes_no_file(point):
    FrameStore(point, ABOUT)
    assert make_frames_file(point) == 0
    assert not point.frames_h5.exists()
