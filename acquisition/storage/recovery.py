"""Making the files of a run that was killed: segments become Photon-HDF5, and what was lost is named."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from acquisition.storage.errors import StorageError
from acquisition.storage.files import patiently
from acquisition.storage.frames import make_frames_file
from acquisition.storage.locking import held
from acquisition.storage.photon_hdf5 import write_photon_hdf5
from acquisition.storage.photon_hdf5_recording import PhotonHdf5Recording
from acquisition.storage.recorder import remove_segments
from acquisition.storage.run_folder import PointFolder, RunFolder
from acquisition.storage.segment_decoding import Loss
from acquisition.storage.segment_reader import SegmentRecording
from acquisition.storage.segments import segment_paths
from acquisition.storage.survey import PhotonSurvey, survey_recording


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


def recover(run: Path, *, keep_segments: bool = False, unfinished: Container[int] = ()) -> Recovery:
    """Make ``photons.h5`` of each point of a run that has segments only.

    Segments are removed once the file made of them is verified, unless `keep_segments` or
    something in them could not be read. It may be called any number of times.

    Parameters
    ----------
    run : Path
        The run folder.
    keep_segments : bool
        Whether the segments stay in any case.
    unfinished : container of int
        Numbers of the points whose segments stay, because the run may be resumed.

    Raises
    ------
    RecordingError
        If this is no run folder.
    StorageError
        If the run is still going on; nothing is touched then.
    """
    folder = RunFolder.open(run)
    with held(folder.journal, f"{run}: the run is still going on; end it first"):
        found = [_recover_point(point, keep_segments or point.number in unfinished) for point in folder.points()]
        return Recovery(tuple(found))


def make_missing_files(points: Iterable[PointFolder]) -> None:
    """Make ``photons.h5`` of points of a run that goes on, in the program that holds its journal.

    Raises
    ------
    StorageError
        After all points were tried, if some failed.
    """
    found = [_recover_point(point, False) for point in points if point.has_stream and not point.photons_h5.exists()]
    if failed := [point.message for point in found if point.status == "failed"]:
        raise StorageError("; ".join(failed))


def reopen_point(point: PointFolder) -> bool:
    """Take back the file that was made of an unfinished point, so that its segments can be continued.

    Returns
    -------
    bool
        False if the segments are gone: the point cannot be continued, and its file stays.

    Raises
    ------
    StorageError
        If the file holds something else than the segments, or cannot be removed; it stays then.
    """
    if not point.photons_h5.exists():
        return True
    if not segment_paths(point.segments):
        return False
    _check_same(point, survey_recording(PhotonHdf5Recording(point.photons_h5)), SegmentRecording(point.segments))
    try:
        patiently(point.photons_h5.unlink)
    except OSError as error:
        raise StorageError(f"{point.photons_h5}: cannot be removed: {error.strerror or error}") from error
    return True


def _check_same(point: PointFolder, survey: PhotonSurvey, recording: SegmentRecording) -> None:
    if not survey.same_as(survey_recording(recording)):
        raise StorageError(
            f"{point.photons_h5}: does not hold what the segments beside it hold; move it away, then try again"
        )


def _recover_point(point: PointFolder, keep_segments: bool) -> PointRecovery:
    try:
        segments = segment_paths(point.segments)
        if not segments:
            return _without_segments(point)
        with held(segments[-1], f"{point.path}: is still being recorded; end it first"):
            pass  # what was closed once is never opened again
        return _from_segments(point, keep_segments)
    except StorageError as error:
        photons = _readable_photons(point)
        kept = f"; {photons} photons are kept in {point.segments}" if photons else ""
        return PointRecovery(point.number, "failed", photons, (), f"{error}{kept}")


def _readable_photons(point: PointFolder) -> int:
    """Return how many photons of the segments can be read."""
    try:
        return sum(len(block) for block in SegmentRecording(point.segments).blocks())
    except StorageError:
        return 0


def _without_segments(point: PointFolder) -> PointRecovery:
    if point.frames.is_dir() or point.frames_h5.exists():
        return _of_frames(point)
    if not point.photons_h5.exists():
        return PointRecovery(point.number, "empty", 0, (), f"{point.path}: nothing was recorded")
    photons = survey_recording(PhotonHdf5Recording(point.photons_h5)).photons
    remove_segments(point)
    return PointRecovery(point.number, "complete", photons, (), f"{point.photons_h5}: is complete")


def _of_frames(point: PointFolder) -> PointRecovery:
    frames = make_frames_file(point)
    if not frames and not point.frames_h5.exists():
        return PointRecovery(point.number, "empty", 0, (), f"{point.path}: no frame was taken")
    status, what = ("recovered", f"was made of {frames} frames") if frames else ("complete", "is complete")
    return PointRecovery(point.number, status, 0, (), f"{point.frames_h5}: {what}")


def _from_segments(point: PointFolder, keep_segments: bool) -> PointRecovery:
    recording = SegmentRecording(point.segments)
    found: list[Loss] = list(recording.losses())
    if point.photons_h5.exists():
        survey, status, what = survey_recording(PhotonHdf5Recording(point.photons_h5)), "complete", "is complete"
        _check_same(point, survey, recording)
    else:
        survey = write_photon_hdf5(point.photons_h5, recording, recording.context.details)
        status, what = "recovered", "was made from the segments"
    damaged = any(not loss.unclosed for loss in found)
    if not (damaged or keep_segments):
        remove_segments(point)
    kept = "; the segments are kept, for the run may be resumed" if keep_segments else ""
    kept = "; the segments are kept, for parts of them could not be read" if damaged else kept
    losses = tuple(map(str, found))
    return PointRecovery(point.number, status, survey.photons, losses, f"{point.photons_h5}: {what}{kept}")
