"""What runs there are below a folder, for a person who looks for one: quick, as only run.json of each is read."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from acquisition.sequence import RunStatus
from acquisition.session.base import SessionError
from acquisition.session.judging import JUDGEMENT
from acquisition.session.left_behind import LeftBehind
from acquisition.session.run_record import RUNNING
from acquisition.session.stored_verbs import Verdict
from acquisition.storage import RecordingError, RunFolder, StorageError
from acquisition.storage.locking import held

DEEPEST = 3
"""Folders within folders that are looked through, e.g. those of a queue."""

KILLED = "killed"
_GO_ON = (KILLED, RunStatus.ABORTED, RunStatus.FAILED)
_TEXTS = ("name", "sample", "dot", "operator", "outcome")
_ALIGNMENT = "alignment"
_CHOICES: Mapping[str, tuple[str | None, ...]] = {
    "kind": ("sequence", _ALIGNMENT),
    "verdict": (*get_args(Verdict), None),
}


class RunBrowser:
    """Lists the runs below a folder; what has not changed is not read again.

    Parameters
    ----------
    out : Path
        The folder; need not be there.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[tuple[int, int], dict[str, Any]]] = {}
        self._left = LeftBehind()

    def runs(self, wanted: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the runs, newest first, as `Session.runs` says. Raises `SessionError`."""
        fits = _filter(wanted or {})
        with self._lock:
            paths = list(_run_folders(self._out, DEEPEST))
            known = {path: self._read(path) for path in paths}
            self._known = {path: entry for path, entry in self._known.items() if path in known}
        found = [_as_it_is(path, said, self._left) for path, said in known.items()]
        return sorted(filter(fits, found), key=lambda run: (run["started_at"] or "", run["path"]), reverse=True)

    def _read(self, path: Path) -> dict[str, Any]:
        """Return what run.json says, from memory if the file is the same."""
        folder = RunFolder(path)
        try:
            stat = folder.run_json.stat()
        except OSError:
            return _damaged(path, "run.json is missing; `cascadescope recover` finds what was recorded")
        state = stat.st_mtime_ns, stat.st_size
        known = self._known.get(path)
        if known is None or known[0] != state:
            known = self._known[path] = state, _entry(folder)
        return known[1]


def _run_folders(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the run folders below a folder; those that cannot be read are none."""
    try:
        inside = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return
    for path in inside:
        if (path / "points").is_dir() or (path / "run.json").exists():
            yield path
        elif depth > 1:
            yield from _run_folders(path, depth - 1)


def _entry(folder: RunFolder) -> dict[str, Any]:
    """Return what run.json says of a run, and what is wrong with it."""
    try:
        record = folder.read_run_json()
    except RecordingError as error:
        return _damaged(folder.path, str(error))
    try:
        points = list(record.get("points", []))
        started = record.get("started_at")
        return {
            **_named(folder.path, record),
            "date": datetime.fromisoformat(str(started)).date().isoformat() if started else None,
            "started_at": str(started) if started else None,
            "sample": _text(record.get("sample")),
            "dot": _text((record.get("metadata") or {}).get("dot")),
            "rig": _text((record.get("opened") or {}).get("rig")),
            "operator": _text(record.get("operator")),
            "outcome": _text(record.get("status")),
            "kind": _text(record.get("kind", "sequence")),
            "verdict": _text((record.get(JUDGEMENT) or {}).get("verdict")),
            "simulated": record.get("simulated"),
            "points": len(points),
            "photons": sum(int(point.get("photons") or 0) for point in points),
            "measured_s": float(sum(point.get("elapsed_s") or 0.0 for point in points)),
            "duration_s": _duration_s(started, record.get("ended_at")),
            "resumable": _reason_against(folder, record) is None,
            "not_resumable_because": _reason_against(folder, record),
            "problem": None,
        }
    except (AttributeError, TypeError, ValueError) as error:
        return _damaged(folder.path, f"run.json says what cannot be: {error}")


def _named(path: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    return {"path": str(path), "name": _text(record.get("name")) or path.name}


def _damaged(path: Path, problem: str) -> dict[str, Any]:
    unknown = (
        "date", "started_at", "sample", "dot", "rig", "operator", "outcome", "kind", "verdict", "simulated",
        "duration_s",
    )  # fmt: skip
    nothing = dict.fromkeys(unknown)
    numbers: dict[str, Any] = {"points": 0, "photons": 0, "measured_s": 0.0}
    why = {"resumable": False, "not_resumable_because": problem, "problem": problem}
    return {**_named(path, {}), **nothing, **numbers, **why}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _duration_s(started: object, ended: object) -> float | None:
    if not started or not ended:
        return None
    return (datetime.fromisoformat(str(ended)) - datetime.fromisoformat(str(started))).total_seconds()


def _reason_against(folder: RunFolder, record: Mapping[str, Any]) -> str | None:
    """Return why a run that does not go on cannot be resumed, as far as run.json says; None if it can."""
    if record.get("kind") == _ALIGNMENT:
        return "it is an alignment, which has nothing to catch up on; begin a new one"
    if record.get("steps_from"):
        return f"its steps came from {record['steps_from']}, which alone knows those that are missing"
    if record.get("status") == RunStatus.COMPLETED:
        return "it is complete"
    if record.get("status") == RunStatus.STOPPED:
        return "it was stopped on purpose; it goes on only if changes are allowed"
    return None if folder.sequence_yaml.exists() else "sequence.yaml is missing: the run had not begun"


def _as_it_is(path: Path, said: Mapping[str, Any], left: LeftBehind) -> dict[str, Any]:
    """Return an entry with what only the present tells: whether a run that says it goes on really does."""
    found = dict(said)
    if found["outcome"] != RUNNING:
        return found
    if _goes_on(path):
        return found | {"resumable": False, "not_resumable_because": "it is going on"}
    return found | {"outcome": KILLED, **left.of(path)}


def _goes_on(path: Path) -> bool:
    """Whether a program holds the journal of a run."""
    try:
        with held(RunFolder(path).journal, ""):
            return False
    except StorageError:
        return True


def _filter(wanted: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bool]:
    """Return whether a run is wanted. Raises `SessionError` for a filter that does not exist."""
    checks: list[Callable[[Mapping[str, Any]], bool]] = []
    for key, value in wanted.items():
        if key in ("simulated", "resumable") and isinstance(value, bool):
            checks.append(lambda run, key=key, value=value: run[key] is value)  # type: ignore[misc]
        elif key in (*_TEXTS, "text") and isinstance(value, str):
            keys = _TEXTS if key == "text" else (key,)
            checks.append(lambda run, keys=keys, value=value: _says(run, keys, value))  # type: ignore[misc]
        elif key in _CHOICES and value in _CHOICES[key]:
            checks.append(lambda run, key=key, value=value: run[key] == value)  # type: ignore[misc]
        elif key in ("since", "until") and isinstance(value, str):
            checks.append(_dated(key, value))
        else:
            raise SessionError(
                f"runs cannot be filtered by {key!r:.60} = {value!r:.60}; allowed are {', '.join(_TEXTS)} and text "
                "(parts of texts), since and until (dates, e.g. 2026-11-20), simulated and resumable (true or false), "
                "kind (sequence or alignment) and verdict (keep, reject or None)"
            )
    return lambda run: all(check(run) for check in checks)


def _says(run: Mapping[str, Any], keys: tuple[str, ...], part: str) -> bool:
    return any(part.casefold() in (run[key] or "").casefold() for key in keys)


def _dated(key: str, value: str) -> Callable[[Mapping[str, Any]], bool]:
    try:
        limit = datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        raise SessionError(f"{key}: {value!r:.60} is no date; write for example 2026-11-20") from None
    if key == "since":
        return lambda run: (run["date"] or "") >= limit
    return lambda run: run["date"] is not None and run["date"] <= limit
