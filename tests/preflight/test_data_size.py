"""The bytes per photon that a forecast uses, against what the formats take."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from acquisition.preflight.data_size import FILE_BYTES_PER_PHOTON, SEGMENT_BYTES_PER_PHOTON, data_size
from acquisition.storage import Recorder, RecordingContext, RunFolder
from tests.simulators.worlds import shining, shipped_sample


def test_photons_of_the_default_array_take_the_bytes_that_a_forecast_counts(tmp_path: Path) -> None:
    world = shining(shipped_sample())
    point = RunFolder.create(tmp_path, "size", datetime(2026, 1, 1, tzinfo=UTC)).new_point()
    recorder = Recorder(point, world.array.stream_info(), RecordingContext())
    photons = 0
    for block in world.array.photons(20.0):
        recorder.append(block)
        photons += len(block)
    recorder.close()
    segments = sum(path.stat().st_size for path in point.segments.iterdir())
    recorder.finish()
    foreseen = data_size([photons], [20.0])
    assert foreseen.segments == pytest.approx(segments, rel=0.01)
    assert foreseen.files == pytest.approx(point.photons_h5.stat().st_size, rel=0.1)


def test_at_most_all_segments_and_one_file_lie_on_the_disk() -> None:
    size = data_size([1e6, 3e6], [10.0, 30.0])
    assert size.segments == pytest.approx(4e6 * SEGMENT_BYTES_PER_PHOTON, rel=1e-3)
    assert size.files == 4e6 * FILE_BYTES_PER_PHOTON
    assert size.peak == pytest.approx(size.segments + 3e6 * FILE_BYTES_PER_PHOTON)
    assert data_size([], []).peak == 0
