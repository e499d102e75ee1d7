"""What a person thinks of the dot of a run: keep it or not, as run.json says it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from acquisition.session.base import SessionError
from acquisition.session.run_record import operator
from acquisition.session.stored_verbs import Verdict
from acquisition.storage import RecordingError, RunFolder
from acquisition.storage.locking import held
from acquisition.storage.table import read_table

JUDGEMENT = "judgement"
"""Key in run.json."""

_PLACE = ("x_um", "y_um")


def judgement(folder: RunFolder, verdict: Verdict | None, comment: str) -> dict[str, Any]:
    """Return what is written into run.json, see `Session.mark`. Raises `SessionError` if it is not allowed."""
    if verdict is not None and verdict not in get_args(Verdict):
        allowed = ", ".join(get_args(Verdict))
        raise SessionError(f"verdict {verdict!r:.60} is not known; allowed are {allowed}, and None to take it back")
    said = {"verdict": verdict, "comment": str(comment), "by": operator({})}
    return said | {"at": datetime.now(UTC).isoformat(timespec="milliseconds")} | _place(folder)


def judge_stored(run: Path, verdict: Verdict | None, comment: str) -> dict[str, Any]:
    """Write a judgement into run.json of a run that has ended, and return it.

    Raises
    ------
    SessionError
        If the verdict is not allowed.
    RecordingError, StorageError
        If it is no run folder, another program measures into it, or the disk refuses.
    """
    folder = RunFolder.open(run)
    with held(folder.journal, f"{run}: another program measures into it; judge it there, or wait for its end"):
        record = folder.read_run_json()
        found = judgement(folder, verdict, comment)
        folder.write_run_json({**record, JUDGEMENT: found})
    return found


def _place(folder: RunFolder) -> dict[str, float]:
    """Return where the stage was last, as far as the slow readings say it."""
    try:
        rows = read_table(folder.readings).rows
    except RecordingError:
        return {}
    for row in reversed(rows):
        found = {name: row.get(name) for name in _PLACE}
        if None not in found.values():
            return {name: float(value) for name, value in found.items() if isinstance(value, float | int)}
    return {}
