"""Making the files of a run that was killed: segments become Photon-HDF5, and what was lost is named."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from acquisition.storage.errors import StorageError
from acquisition.storage.photon_hdf5 import write_photon_hdf5
from acquisition.storage.photon_hdf5_recording import PhotonHdf5Recording
from acquisition.storage.recorder import remove_segments
from acquisition.storage.run_folder import PointFolder, RunFolder
from acquisition.storage.segment_reader import Loss, SegmentRecording
from acquisition.storage.segments import segment_paths
from acquisition.storage.survey import survey_recording

WATCH_S = 1.5
"""A recorder stores a block at least each second; segments that do not grow for this long have none."""


@dataclass(frozen=True, slots=True)
class PointRecovery:
    """What became of one point.

    Attributes
    ----------
    number : int
        Number of the point.
    status : str
        ``complete`` (nothing to do), ``recovered``, ``empty`` (nothing was recorded) or ``failed``.
    photons : int
        Photons in the file.
    losses : tuple of str
        What could not be read, one sentence each; the segments are kept if there is any.
    message : str
        What was done, or why it failed.
    """

    number: int
    status: str
    photons: int
    losses: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of each point of a run."""

    points: tuple[PointRecovery, ...]

    @property
    def ok(self) -> bool:
        """Whether no point failed."""
        return all(point.status != "failed" for point in self.points)


def recover(run: Path, *, keep_segments: bool = False, watch_s: float = WATCH_S) -> Recovery:
    """Make ``photons.h5`` of each point of a run that has segments only.

    Segments are removed once the file made of them is verified, unless `keep_segments` or
    something in them could not be read. It may be called any number of times.

    Parameters
    ----------
    run : Path
        The run folder.
    keep_segments : bool
        Whether the segments stay in any case.
    watch_s : float
        How long (wall time, s) a point that was written just now is watched, to tell whether it is
        still being recorded; such a point is left alone and reported as failed.

    Raises
    ------
    RecordingError
        If this is no run folder.
    """
    points = RunFolder.open(run).points()
    return Recovery(tuple(_recover_point(point, keep_segments, watch_s) for point in points))


def _recover_point(point: PointFolder, keep_segments: bool, watch_s: float) -> PointRecovery:
    try:
        if not segment_paths(point.segments):
            return _without_segments(point)
        if _grows(point.segments, watch_s):
            return PointRecovery(point.number, "failed", 0, (), f"{point.path}: is still being recorded; stop it first")
        return _from_segments(point, keep_segments)
    except StorageError as error:
        return PointRecovery(point.number, "failed", 0, (), str(error))


def _without_segments(point: PointFolder) -> PointRecovery:
    if not point.photons_h5.exists():
        return PointRecovery(point.number, "empty", 0, (), f"{point.path}: nothing was recorded")
    photons = survey_recording(PhotonHdf5Recording(point.photons_h5)).photons
    return PointRecovery(point.number, "complete", photons, (), f"{point.photons_h5}: is complete")


def _from_segments(point: PointFolder, keep_segments: bool) -> PointRecovery:
    recording = SegmentRecording(point.segments)
    found: list[Loss] = list(recording.losses())
    if point.photons_h5.exists():
        survey, status, what = survey_recording(PhotonHdf5Recording(point.photons_h5)), "complete", "is complete"
        if not survey.same_as(survey_recording(recording)):
            raise StorageError(
                f"{point.photons_h5}: does not hold what the segments beside it hold; move it away, then recover again"
            )
    else:
        survey = write_photon_hdf5(point.photons_h5, recording, recording.context.details)
        status, what = "recovered", "was made from the segments"
    damaged = any(not loss.unclosed for loss in found)
    if not (damaged or keep_segments):
        remove_segments(point)
    kept = "; the segments are kept, for parts of them could not be read" if damaged else ""
    losses = tuple(map(str, found))
    return PointRecovery(point.number, status, survey.photons, losses, f"{point.photons_h5}: {what}{kept}")


def _grows(folder: Path, watch_s: float) -> bool:
    """Whether a recorder is at work: segments that are old do not need to be watched."""
    try:
        youngest = max(path.stat().st_mtime for path in segment_paths(folder))
        if time.time() - youngest > 2 * watch_s:
            return False
        before = _size(folder)
        _pause(watch_s)
        return _size(folder) != before
    except (OSError, ValueError):
        return True


def _pause(duration_s: float) -> None:
    threading.Event().wait(duration_s)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in segment_paths(folder))
