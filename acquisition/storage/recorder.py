"""Recording one acquisition: into segments while it runs, then as a verified Photon-HDF5 file."""

import contextlib
import shutil

from acquisition.storage.context import RecordingContext
from acquisition.storage.errors import StorageError
from acquisition.storage.files import patiently
from acquisition.storage.photon_hdf5 import write_photon_hdf5
from acquisition.storage.photon_hdf5_recording import PhotonHdf5Recording
from acquisition.storage.run_folder import PointFolder
from acquisition.storage.segment_reader import SegmentRecording
from acquisition.storage.segments import SegmentWriter
from acquisition.storage.survey import PhotonSurvey, survey_recording
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo


class Recorder:
    """Takes the blocks of one acquisition. Nothing is lost by a crash: the segments stay until the file is verified.

    Parameters
    ----------
    point : PointFolder
        Where to record; must not hold photons yet.
    info, context
        What holds for the whole stream.
    keep_segments : bool
        Whether the segments stay after the file has been made.

    Raises
    ------
    StorageError
        If the point holds photons already or cannot be written.
    """

    def __init__(
        self,
        point: PointFolder,
        info: PhotonStreamInfo,
        context: RecordingContext | None = None,
        *,
        keep_segments: bool = False,
    ) -> None:
        if point.has_photons:
            raise StorageError(f"{point.path}: holds photons already; a recording never overwrites another")
        self._point = point
        self._keep_segments = keep_segments
        self._writer = SegmentWriter(point.segments, info, context)
        self._finished = self._abandoned = False

    @property
    def photons(self) -> int:
        """Photons recorded so far."""
        return self._writer.photons

    def append(self, block: PhotonBlock) -> None:
        """Store the next block. Raises `StorageError`; the blocks before stay stored."""
        self._writer.append(block)

    def close(self) -> None:
        """Take no more blocks and wait until all are on the disk; `finish` may come later. Raises `StorageError`."""
        self._writer.close()

    def finish(self) -> None:
        """Make ``photons.h5``, verify it, and remove the segments; no effect if done already.

        Raises
        ------
        StorageError
            If the file cannot be written or verified, or the recorder was abandoned. The segments
            stay then; `recover` can make the file later.
        """
        if self._abandoned:
            raise StorageError(f"{self._point.path}: the recording was abandoned; `recover` makes the file from it")
        if self._finished:
            return
        self._writer.close()
        survey = self._make_file()
        if (survey.photons, survey.end_pulse) != (self._writer.photons, self._writer.end_pulse):
            raise StorageError(
                f"{self._point.photons_h5}: holds {survey.photons} photons in {survey.end_pulse} pulses, but "
                f"{self._writer.photons} in {self._writer.end_pulse} were recorded; the disk may be failing, or "
                "another program has changed the recording. The segments are kept"
            )
        self._finished = True
        if not self._keep_segments:
            remove_segments(self._point)

    def abandon(self) -> None:
        """Close the segments and leave them as they are, for `recover`; no effect if finished. Does not raise."""
        self._abandoned = not self._finished
        with contextlib.suppress(StorageError):  # what was appended is written; only its flush has failed
            self._writer.abandon()

    def _make_file(self) -> PhotonSurvey:
        """Make the file, unless `recover` has been faster, and return what it holds."""
        if self._point.photons_h5.exists():
            return survey_recording(PhotonHdf5Recording(self._point.photons_h5))
        recording = SegmentRecording(self._point.segments)
        return write_photon_hdf5(self._point.photons_h5, recording, recording.context.details)


def remove_segments(point: PointFolder) -> None:
    """Remove the segments of a point whose file has been verified. Raises `StorageError`."""
    try:
        patiently(lambda: shutil.rmtree(point.segments))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(
            f"{point.segments}: cannot be removed ({error.strerror or error}); photons.h5 is complete, "
            "so it may be removed by hand"
        ) from error
