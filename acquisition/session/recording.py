"""Recording the points of a run: durable while the light is on, made into files when the instruments are safe."""

from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from acquisition.analysis.recording import PhotonRecording
from acquisition.rig import Rig
from acquisition.session.conditions import conditions
from acquisition.storage import (
    Extent,
    Loss,
    Recorder,
    RecordingContext,
    RecordingDetails,
    RunFolder,
    SegmentRecording,
    StorageError,
    make_folder,
    make_missing_files,
    open_point,
)
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo


class PointRecorder:
    """Records one part of a point into segments; `make_file` turns those of the point into Photon-HDF5 later."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._whole = False

    @property
    def first_pulse(self) -> int:
        """Where the part starts."""
        return self._recorder.first_pulse

    @property
    def recorder(self) -> Recorder:
        """The recorder behind it."""
        return self._recorder

    def append(self, block: PhotonBlock) -> None:
        """Store a block."""
        self._recorder.append(block)

    def finish(self) -> None:
        """Wait until everything is on the disk."""
        self._recorder.close()
        self._whole = True

    def abandon(self) -> None:
        """Close after an error; what is stored stays for `recover`."""
        with suppress(StorageError):  # the error that led here is the one to tell
            self._recorder.abandon()

    def make_file(self, *, keep_segments: bool = False) -> None:
        """Make photons.h5, unless the recording was abandoned. Raises `StorageError`; the segments stay then."""
        if self._whole:
            self._recorder.finish(keep_segments=keep_segments)


class RunRecording:
    """Makes the recorders of a run, with what is known when each point starts.

    Parameters
    ----------
    folder : RunFolder
        Where the run is stored.
    rig : Rig
        The instruments.
    metadata : mapping
        Of the sequence.
    details : RecordingDetails
        Who measures what.
    """

    def __init__(self, folder: RunFolder, rig: Rig, metadata: Mapping[str, Any], details: RecordingDetails) -> None:
        self._folder, self._rig = folder, rig
        self._metadata, self._details = metadata, details
        self._recorders: dict[int, PointRecorder] = {}
        self._learnt: dict[str, Any] = {}
        self._known: dict[int, tuple[Extent, Sequence[Loss]]] = {}
        self.conditions: dict[int, dict[str, float]] = {}

    def learn(self, values: Mapping[str, Any]) -> None:
        """Take note of what a procedure has found: it holds for points that begin later."""
        self._learnt |= values

    def know(self, number: int, extent: Extent, losses: Sequence[Loss]) -> None:
        """Take note of what an earlier process has recorded of a point, so that it is not read again in the light."""
        self._known[number] = extent, losses

    def begin_part(self, number: int, info: PhotonStreamInfo, background: str | None = None) -> PointRecorder:
        """Return the recorder of the next part of a point, which may have begun in another process. `StorageError`.

        Parameters
        ----------
        number : int
            Of the point.
        info : PhotonStreamInfo
            Of the stream.
        background : str, optional
            ``dark`` or ``off_dot`` if it is no measurement of an emitter.
        """
        before = self._recorders.get(number)
        if before is not None:
            recorder = before.recorder.continued(info)
        else:
            metadata = self._metadata if background is None else {}
            learnt = self._learnt if background is None else {}
            self.conditions[number] = conditions(self._rig, metadata, learnt)
            point = self._folder.point(number)
            make_folder(point.path)
            recorder = Recorder.continue_(point, info, self._context(number), known=self._known.pop(number, None))
            if recorder.first_pulse:  # what its first part said holds
                self.conditions[number] = dict(recorder.so_far().conditions)
        self._recorders[number] = PointRecorder(recorder)
        return self._recorders[number]

    def note_conditions(self, number: int) -> None:
        """Keep the conditions under which a point begins that is recorded elsewhere."""
        self.conditions.setdefault(number, conditions(self._rig, self._metadata, self._learnt))

    def so_far(self, number: int) -> SegmentRecording:
        """Return what is recorded of a point."""
        return self._recorders[number].recorder.so_far()

    def look(self, number: int) -> PhotonRecording:
        """Return what there is of a point now, recorded by whatever process. Raises `RecordingError`."""
        point = self._folder.point(number)
        if number not in self._recorders or point.photons_h5.exists():
            return open_point(point)
        return self.so_far(number)

    def conditions_of(self, number: int) -> dict[str, float]:
        """Return the conditions of a point, also of one that an earlier process has recorded."""
        if number not in self.conditions and self._folder.point(number).has_stream:
            self.conditions[number] = dict(open_point(self._folder.point(number)).conditions)
        return self.conditions.get(number, {})

    def _context(self, number: int) -> RecordingContext:
        return RecordingContext(
            calibration=self._rig.calibration,
            simulated=self._rig.simulated,
            conditions=self.conditions[number],
            details=self._details,
        )

    def make_files(self, unfinished: Container[int] = ()) -> None:
        """Make the file of each point, also of those that an earlier process has recorded.

        Parameters
        ----------
        unfinished : container of int
            Numbers of the points whose segments stay, so that a resumed run can continue them.

        Raises
        ------
        StorageError
            After all were tried; the segments of those that failed stay.
        """
        failed: list[str] = []
        mine = self._recorders.items()
        makers = [partial(each.make_file, keep_segments=number in unfinished) for number, each in mine]
        done = [point for point in self._folder.points() if point.number not in unfinished]
        others = [point for point in done if point.number not in self._recorders]
        for make in [*makers, partial(make_missing_files, others)]:
            try:
                make()
            except StorageError as error:
                failed.append(str(error))
        if failed:
            raise StorageError("; ".join(failed))
