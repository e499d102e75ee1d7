"""What a run that was killed has recorded: its last points stand in no file but those of their photons."""

from pathlib import Path

from acquisition.storage import RecordingError, RunFolder, SegmentRecording


class LeftBehind:
    """Counts what stands in the folders of killed runs; what has not changed is not counted again."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int], dict[str, float]]] = {}

    def of(self, path: Path) -> dict[str, float]:
        """Return ``points``, ``photons`` and ``measured_s`` of a run; empty if its files cannot be read."""
        folder = RunFolder(path)
        try:
            stat = folder.journal.stat()
            state = stat.st_mtime_ns, stat.st_size
            known = self._known.get(path)
            if known is None or known[0] != state:
                known = self._known[path] = state, _counted(folder)
            return known[1]
        except (OSError, RecordingError, KeyError, TypeError, ValueError):
            return {}


def _counted(folder: RunFolder) -> dict[str, float]:
    """Count the points that run.json knows as it says, and the photons of the others by their segments."""
    records = folder.read_run_json().get("points", [])
    known = {int(record["number"]) for record in records}
    photons = sum(int(record.get("photons") or 0) for record in records)
    measured_s = float(sum(record.get("elapsed_s") or 0.0 for record in records))
    begun = [point for point in folder.points() if point.number not in known]
    for point in begun:
        try:
            recording = SegmentRecording(point.segments)
        except RecordingError:  # frames, or killed before the first photon
            continue
        extent = recording.outline()
        photons += extent.photons
        measured_s += extent.end_pulse * recording.info.period_ps * 1e-12
    return {"points": len(known) + len(begun), "photons": photons, "measured_s": measured_s}
