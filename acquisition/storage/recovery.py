"""Making the files of a run that was killed: segments become Photon-HDF5, and what was lost is named."""

from dataclasses import dataclass
from pathlib import Path

from acquisition.storage.errors import StorageError
from acquisition.storage.locking import held
from acquisition.storage.photon_hdf5 import write_photon_hdf5
from acquisition.storage.photon_hdf5_recording import PhotonHdf5Recording
from acquisition.storage.recorder import remove_segments
from acquisition.storage.run_folder import PointFolder, RunFolder
from acquisition.storage.segment_decoding import Loss
from acquisition.storage.segment_reader import SegmentRecording
from acquisition.storage.segments import segment_paths
from acquisition.storage.survey import survey_recording


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


def recover(run: Path, *, keep_segments: bool = False) -> Recovery:
    """Make ``photons.h5`` of each point of a run that has segments only.

    Segments are removed once the file made of them is verified, unless `keep_segments` or
    something in them could not be read. It may be called any number of times.

    Parameters
    ----------
    run : Path
        The run folder.
    keep_segments : bool
        Whether the segments stay in any case.

    Raises
    ------
    RecordingError
        If this is no run folder.
    StorageError
        If the run is still going on; nothing is touched then.
    """
    folder = RunFolder.open(run)
    with held(folder.journal, f"{run}: the run is still going on; end it first"):
        return Recovery(tuple(_recover_point(point, keep_segments) for point in folder.points()))


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
