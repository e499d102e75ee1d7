"""A full disk is one clear error, whatever is being written, and nothing half-written stays to fill it more."""

import errno
import os
from io import FileIO
from pathlib import Path

import numpy as np
import pytest

from acquisition.storage import StorageError, write_text
from acquisition.storage.analysis_file import save_analysis
from acquisition.storage.photon_hdf5 import write_photon_hdf5
from tests.analysis.recordings import MemoryRecording
from tests.storage.photons import INFO, make_blocks


class FileOnFullDisk(FileIO):
    """Takes 3 kB, the last of them in part, and no more."""

    def write(self, data):
        free = 3000 - self.seek(0, os.SEEK_CUR)
        if free <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(memoryview(data).cast("B")[:free])


@pytest.fixture
def full_disk(monkeypatch, tmp_path):
    on_the_disk = Path.open

    def opened(path, mode="r", *more, **options):
        return FileOnFullDisk(path, mode) if mode == "w+b" else on_the_disk(path, mode, *more, **options)

    monkeypatch.setattr(Path, "open", opened)
    return tmp_path


@pytest.mark.parametrize(
    "write",
    [
        lambda path: save_analysis(path, {"trace/counts": np.random.default_rng(1).random(20_000)}, {"a": 1}),
        lambda path: write_photon_hdf5(path, MemoryRecording(INFO, make_blocks(5))),
    ],
    ids=["analysis", "photons"],
)
def test_hdf5_on_a_full_disk_is_one_clear_error(write, full_disk, capfd):
    with pytest.raises(StorageError, match=r"^[^\n]*file\.h5: cannot be written: No space left on device;[^\n]*$"):
        write(full_disk / "file.h5")
    assert not list(full_disk.iterdir())
    assert capfd.readouterr().err == ""


def test_text_on_a_full_disk_leaves_the_old_version_and_nothing_else(tmp_path, monkeypatch):
    def refuse(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "run.json"
    write_text(path, "old")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageError, match="No space left on device"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
