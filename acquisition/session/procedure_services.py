"""What procedures ask of the session: late light of points, tables and frames in the run folder, what they found."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from acquisition.rig import Rig
from acquisition.sequence import AcquireSpectra, FrameRecording, SequenceError
from acquisition.session.recording import RunRecording
from acquisition.storage import RecordingError, RunFolder, open_point
from acquisition.storage.frames import FrameStore, make_frames_file
from acquisition.storage.scan_table import write_scan_table
from drivers.interfaces.camera import Frame

ShowFrame: TypeAlias = Callable[[int, str | None, Frame, Sequence[float]], None]
"""Is given point, label, frame and the wavelengths of its columns."""


class ShownFrames:
    """A store of frames, each of which is shown once it is stored."""

    def __init__(self, store: FrameStore, show: Callable[[Frame], None]) -> None:
        self._store, self._show = store, show

    def append(self, frame: Frame) -> None:
        """Store a frame. Raises `StorageError`."""
        self._store.append(frame)
        self._show(frame)

    @property
    def frames(self) -> int:
        """How many are stored."""
        return self._store.frames

    @property
    def saturated_frames(self) -> int:
        """How many of them have a saturated pixel."""
        return self._store.saturated_frames

    @property
    def signals(self) -> Sequence[float]:
        """Sum of each frame above its median, in counts."""
        return self._store.signals


class ProcedureServices:
    """The services that procedures need.

    Parameters
    ----------
    folder : RunFolder
        Where the run is stored.
    rig : Rig
        The instruments.
    recording : RunRecording
        Knows the conditions of the points.
    """

    def __init__(self, folder: RunFolder, rig: Rig, recording: RunRecording) -> None:
        self._folder, self._rig, self._recording = folder, rig, recording
        self._frames: dict[int, FrameStore] = {}
        self.record_point: Callable[[dict[str, Any]], None] = lambda record: None
        self.begin_truth: Callable[[int, float], None] = lambda point, duration_s: None
        self.show_frame: ShowFrame = lambda point, label, frame, wavelength_nm: None

    def begin_frames(self, point: int, step: AcquireSpectra, interruption: str) -> FrameRecording:
        """Return where to store the frames that come next of a point.

        Raises
        ------
        SequenceError
            If the rig has no camera.
        StorageError
            If the disk refuses.
        """
        camera = self._rig.camera
        if camera is None:
            raise SequenceError("this rig has no camera; add it to the roles of the rig file")
        self._recording.note_conditions(point)
        about = {
            "label": step.label,
            "wanted": step.frames,
            "simulated": camera.identity.simulated,
            "wavelength_nm": camera.wavelength_nm().tolist(),
        }
        store = self._frames[point] = FrameStore(self._folder.point(point), about, interruption)
        self.end_frames(point, step, complete=False)
        self.begin_truth(point, step.duration_s)
        wavelength_nm = about["wavelength_nm"]
        return FrameRecording(
            ShownFrames(store, lambda frame: self.show_frame(point, step.label, frame, wavelength_nm))
        )

    def end_frames(self, point: int, step: AcquireSpectra, *, complete: bool) -> None:
        """Say in run.json which frames there are."""
        store = self._frames[point]
        self.record_point(
            {
                "number": point,
                "folder": f"points/{point:04d}",
                "label": step.label,
                "kind": "frames",
                "complete": complete,
                "conditions": dict(self._recording.conditions.get(point, {})),
                "frames": store.frames,
                "saturated_frames": store.saturated_frames,
                "exposure_s": step.exposure_s,
                "em_gain": step.em_gain,
                "warnings": [],
            }
        )

    def make_frame_files(self) -> None:
        """Make frames.h5 of each point with frames. Raises `StorageError` or `RecordingError`; the frames stay then."""
        for point in self._frames:
            make_frames_file(self._folder.point(point))

    def late_light(self, points: Sequence[int], after_ns: float, until_ns: float) -> Mapping[str, Any]:
        """Count the late light of points, the first of them dark.

        Raises
        ------
        RecordingError
            If that cannot be done, and why.
        """
        from acquisition.analysis.late_light import late_light  # loads compiled code
        from acquisition.analysis.passes import AnalysisError

        dark, *lit = (open_point(self._folder.point(point)) for point in points)
        try:
            return late_light(dark, lit, after_ns, until_ns).plain()
        except AnalysisError as error:
            raise RecordingError(f"{self._folder.path}, points {points[0]} to {points[-1]}: {error}") from error

    def save_table(
        self, number: int, title: str, columns: Sequence[str], rows: Sequence[Sequence[float | None]]
    ) -> str:
        """Store a table as ``scans/0001.csv`` in the run folder and return that path."""
        path = self._folder.scan_csv(number)
        write_scan_table(path, title, columns, rows, simulated=self._rig.simulated)
        return path.relative_to(self._folder.path).as_posix()

    def learn(self, values: Mapping[str, Any]) -> None:
        """Let later points know what a procedure has found."""
        self._recording.learn(values)
