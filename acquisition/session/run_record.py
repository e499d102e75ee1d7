"""What run.json and truth.json of a run say."""

import getpass
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from acquisition.rig import Rig
from acquisition.sequence import Point, RunStatus, Sequence
from acquisition.session.versions import commit, versions
from acquisition.storage import PointFolder, PointRecovery, RecordingDetails, RunFolder, open_point

RUNNING = "running"


def operator(metadata: Mapping[str, Any]) -> str:
    """Return who measures: what the metadata say, else the user of the computer."""
    if metadata.get("operator"):
        return str(metadata["operator"])
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no user name on this system
        return "unknown"


def sample_name(metadata: Mapping[str, Any], rig: Rig) -> str | None:
    """Return what is measured: what the metadata say, else the sample of the simulation; None if not known."""
    if metadata.get("sample"):
        return str(metadata["sample"])
    truth = rig.truth()
    return None if truth is None else str(truth["sample"])


def run_at_start(sequence: Sequence, rig: Rig, started_at: datetime) -> dict[str, Any]:
    """Return run.json as it is written before the first step."""
    fingerprint = rig.fingerprint()
    record: dict[str, Any] = {
        "name": sequence.name,
        "status": RUNNING,
        "simulated": rig.simulated,
        "simulated_devices": {role: device["simulated"] for role, device in fingerprint["devices"].items()},
        "operator": operator(sequence.metadata),
        "sample": sample_name(sequence.metadata, rig),
        "metadata": dict(sequence.metadata),
        "started_at": started_at.isoformat(timespec="milliseconds"),
        "versions": versions(),
        "rig": fingerprint,
        "calibrations": fingerprint["calibrations"],
        **({"simulation": fingerprint["simulation"]} if "simulation" in fingerprint else {}),
        **({"planned_faults": list(rig.planned_faults)} if rig.planned_faults else {}),
        "points": [],
    }
    if (present := commit()) is not None:
        record["commit"] = present
    return record


def mark_killed(folder: RunFolder, points: Iterable[PointRecovery]) -> None:
    """Say in run.json that a run was killed, and what is left of its points, if it says that it is still running."""
    record = folder.read_run_json()
    if record.get("status") == RUNNING:
        known = {int(each["number"]): each for each in record.get("points", [])}
        found = [point for point in points if point.photons and point.number not in known]
        known |= {point.number: _recovered_record(folder.point(point.number), point) for point in found}
        killed = [known[number] for number in sorted(known)]
        folder.write_run_json({**record, "status": "killed", "ended_at": None, "points": killed})


def unfinished_points(folder: RunFolder, record: Mapping[str, Any]) -> set[int]:
    """Return the points that a resumed run may continue: those that its run.json does not call complete."""
    if record.get("status") in (None, RunStatus.COMPLETED, RunStatus.STOPPED):
        return set()
    complete = {point["number"] for point in record.get("points", []) if point.get("complete")}
    return {point.number for point in folder.points()} - complete


def _recovered_record(folder: PointFolder, point: PointRecovery) -> dict[str, Any]:
    recording = open_point(folder)
    return {
        "number": point.number,
        "folder": f"points/{point.number:04d}",
        "complete": False,
        "conditions": dict(recording.conditions),
        "pulsed": recording.info.pulsed,
        "photons": point.photons,
        "warnings": list(point.losses),
    }


def point_record(point: Point, conditions: Mapping[str, float]) -> dict[str, Any]:
    """Return what run.json says of a point."""
    result = point.result
    return {
        "number": point.number,
        "folder": f"points/{point.number:04d}",
        "label": point.label,
        "complete": point.complete,
        **({} if point.background is None else {"background": point.background}),
        "conditions": dict(conditions),
        "pulsed": point.info.pulsed,
        "photons": result.photons,
        "recorded_photons": result.recorded_photons,
        "elapsed_s": result.elapsed_s,
        "ending": str(result.ending),
        **({"reason": result.reason} if result.reason else {}),
        **({"dark_s": result.dark_s} if result.dark_s else {}),
        "gaps": result.gaps,
        "lost_pulses": result.lost_pulses,
        "live_shed_photons": result.shed_photons,
        "warnings": list(result.warnings),
    }


def recording_details(record: Mapping[str, Any]) -> RecordingDetails:
    """Return what the photon files of a run say of it, from its run.json."""
    return RecordingDetails(
        description=str(record["metadata"].get("purpose") or record["name"]),
        sample_name=record["sample"],
        author=record["operator"],
        started_at=datetime.fromisoformat(record["started_at"]).isoformat(timespec="seconds"),
        metadata=record["metadata"],
    )
