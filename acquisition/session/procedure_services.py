"""What procedures ask of the session: late light of recorded points, tables in the run folder, what they have found."""

from collections.abc import Mapping, Sequence
from typing import Any

from acquisition.rig import Rig
from acquisition.session.recording import RunRecording
from acquisition.storage import RecordingError, RunFolder, open_point
from acquisition.storage.scan_table import write_scan_table


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
