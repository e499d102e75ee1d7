"""Recording one acquisition: into segments while it runs, then as a verified Photon-HDF5 file."""

import contextlib
import shutil
from collections.abc import Sequence
from dataclasses import replace

from acquisition.storage.context import RecordingContext
from acquisition.storage.continuing import StoredParts, check_same_stream, stored_parts
from acquisition.storage.errors import StorageError
from acquisition.storage.files import patiently
from acquisition.storage.photon_hdf5 import write_photon_hdf5
from acquisition.storage.photon_hdf5_recording import PhotonHdf5Recording
from acquisition.storage.run_folder import PointFolder
from acquisition.storage.segment_decoding import Loss
from acquisition.storage.segment_reader import Extent, SegmentRecording
from acquisition.storage.segments import Continuation, SegmentWriter, header_text
from acquisition.storage.survey import PhotonSurvey, survey_recording
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo


class Recorder:
    """Takes the blocks of one acquisition. Nothing is lost by a crash: the segments stay until the file is verified.

    An acquisition that was interrupted goes on as a further part of the same point: with `continued`
    in the same process, with `continue_` in another.

    Parameters
    ----------
    point : PointFolder
        Where to record; must not hold photons yet.
    info, context
        What holds for the whole stream.
    keep_segments : bool
        Whether the segments stay after the file has been made.
    before : StoredParts, optional
        What the point holds already, see `continue_`.

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
        before: StoredParts | None = None,
    ) -> None:
        if before is None and point.has_photons:
            raise StorageError(f"{point.path}: holds photons already; a recording never overwrites another")
        context = context or RecordingContext()
        self._stored = before or StoredParts(info, context, header_text(info, context), Extent())
        self._point = point
        self._keep_segments = keep_segments
        self._extent = self._stored.extent
        after = Continuation(before.header_text, before.extent.end_pulse) if before else None
        self._writer = SegmentWriter(point.segments, self._stored.info, self._stored.context, after=after)
        self._finished = self._abandoned = self._handed_on = False

    @classmethod
    def continue_(
        cls,
        point: PointFolder,
        info: PhotonStreamInfo,
        context: RecordingContext | None = None,
        *,
        keep_segments: bool = False,
        known: tuple[Extent, Sequence[Loss]] | None = None,
    ) -> "Recorder":
        """Return a recorder that adds a part to what a point holds, closed properly or torn by a kill.

        Everything is read once, to find where it ends. Where nothing was recorded the recording begins.

        Parameters
        ----------
        point : PointFolder
            Where to go on.
        info : PhotonStreamInfo
            What the detector says now. A laser period that differs by less than 0.1 % is taken as the
            same, and that of the first part stays.
        context : RecordingContext, optional
            What is known now. Of a recording that has begun only `simulated` is compared: what its
            first part said of the point stays.
        keep_segments : bool
            Whether the segments stay after the file has been made.
        known : tuple, optional
            How much can be read of the point, and what cannot: from a reading since which nothing has changed, so
            that it is not read again.

        Raises
        ------
        StorageError
            If the point is complete, is being recorded, cannot be written, or was recorded with another
            detector, laser period or kind of instrument (simulated or real).
        """
        before = stored_parts(point, info, context, known)
        return cls(point, info, context, keep_segments=keep_segments, before=before)

    def continued(self, info: PhotonStreamInfo) -> "Recorder":
        """Close this part and return the recorder of the next, this one makes no file then.

        Parameters
        ----------
        info : PhotonStreamInfo
            What the detector says now; see `continue_`.

        Raises
        ------
        StorageError
            As `continue_`, or if the file was made already.
        """
        if self._finished or self._point.photons_h5.exists():
            raise StorageError(f"{self._point.path}: is complete; acquire a new point instead of continuing this one")
        check_same_stream(self._point, self._stored.info, info)
        if self._abandoned:  # only the disk knows how far it came
            before = stored_parts(self._point, info, self._stored.context)
        else:
            self._writer.close()
            before = replace(self._stored, extent=self._extent)
        self._handed_on = True
        return Recorder(self._point, info, keep_segments=self._keep_segments, before=before)

    @property
    def first_pulse(self) -> int:
        """Pulse at which this part starts: 0, or one pulse, which stands for the interruption, after what is stored."""
        end_pulse = self._stored.extent.end_pulse
        return end_pulse + 1 if end_pulse else 0

    @property
    def photons(self) -> int:
        """Photons of the point recorded so far, earlier parts included."""
        return self._extent.photons

    @property
    def extent(self) -> Extent:
        """How much of the point is recorded so far, earlier parts included."""
        return self._extent

    @property
    def elapsed_s(self) -> float:
        """Time of the laser pulses recorded so far in s, earlier parts included."""
        return self._extent.end_pulse * self._stored.info.period_ps * 1e-12

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What could not be read of the parts before; if a kill has torn a block, the segments are kept."""
        return self._stored.losses

    def so_far(self) -> SegmentRecording:
        """Return what is recorded now, to be analysed beside the recording; from any thread.

        Raises
        ------
        RecordingError
            If the segments are gone, because the file was made.
        """
        return SegmentRecording(self._point.segments, until_pulse=self._extent.end_pulse)

    def append(self, block: PhotonBlock) -> None:
        """Store the next block. Raises `StorageError`; the blocks before stay stored."""
        self._writer.append(block)
        self._extent = self._extent.plus(block)

    def close(self) -> None:
        """Take no more blocks and wait until all are on the disk; `finish` may come later. Raises `StorageError`."""
        self._writer.close()

    def finish(self, *, keep_segments: bool = False) -> None:
        """Make ``photons.h5``, verify it, and remove the segments; no effect if done already.

        Parameters
        ----------
        keep_segments : bool
            Whether the segments stay, so that the point can be continued; they always do if the recorder
            was made to keep them.

        Raises
        ------
        StorageError
            If the file cannot be written or verified, or the recorder was abandoned. The segments
            stay then; `recover` can make the file later.
        """
        if self._abandoned:
            raise StorageError(f"{self._point.path}: the recording was abandoned; `recover` makes the file from it")
        if self._handed_on:
            raise StorageError(f"{self._point.path}: the recording has gone on in a further part; finish that")
        if self._finished:
            return
        self._writer.close()
        survey = self._make_file()
        if (survey.photons, survey.end_pulse) != (self._extent.photons, self._extent.end_pulse):
            raise StorageError(
                f"{self._point.photons_h5}: holds {survey.photons} photons in {survey.end_pulse} pulses, but "
                f"{self._extent.photons} in {self._extent.end_pulse} were recorded; the disk may be failing, or "
                "another program has changed the recording. The segments are kept"
            )
        self._finished = True
        if not (keep_segments or self._keep_segments or self._stored.damaged):
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
    """Remove the segments of a point whose file has been verified, in one step that a kill cannot split.

    Raises
    ------
    StorageError
        If they cannot be removed.
    """
    leaving = point.segments.with_name(point.segments.name + ".removed")
    try:
        if leaving.exists():  # a kill has come in between
            patiently(lambda: shutil.rmtree(leaving))
        if point.segments.exists():
            patiently(lambda: point.segments.rename(leaving))
            patiently(lambda: shutil.rmtree(leaving))
    except OSError as error:
        raise StorageError(
            f"{point.segments}: cannot be removed ({error.strerror or error}); photons.h5 is complete, "
            "so it may be removed by hand"
        ) from error
