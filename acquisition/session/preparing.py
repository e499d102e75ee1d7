"""What a run needs before its engine starts: a folder with run.json and the sequence as it will be run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from acquisition.rig import Rig
from acquisition.sequence import History, Sequence, Step
from acquisition.session.point_notes import PointNotes
from acquisition.session.run_record import run_at_start
from acquisition.session.sequence_file import sequence_text
from acquisition.storage import Journal, RunFolder, write_text


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A run whose folder is there.

    Attributes
    ----------
    folder : RunFolder
        Of the run.
    sequence : Sequence
        What is done.
    record : dict
        Content of run.json; grows with the run.
    history : History
        What has been done already.
    notes : PointNotes
        What the journal says of points that have begun.
    truth : mapping or None
        truth.json of what has been done already.
    event : str
        How the journal calls the beginning.
    details : mapping
        What it says of it.
    journal : Journal or None
        The journal, if it is open already.
    warnings : tuple of str
        What a person should know of it.
    steps : iterable of steps or None
        Where the steps come from, if not from `sequence`: a program that decides while it runs.
    analyse : bool
        Whether to analyse and report at the end.
    attended : bool
        Whether a person is at the instruments the whole time.
    aligns : bool
        Whether a person hands the steps in.
    """

    folder: RunFolder
    sequence: Sequence
    record: dict[str, Any]
    history: History = field(default_factory=History)
    notes: PointNotes = field(default_factory=PointNotes)
    truth: Mapping[str, Any] | None = None
    event: str = "run_opened"
    details: Mapping[str, Any] = field(default_factory=dict)
    journal: Journal | None = None
    warnings: tuple[str, ...] = ()
    steps: Iterable[Step] | None = None
    analyse: bool = True
    attended: bool = True
    aligns: bool = False


def prepare_new(
    rig: Rig, sequence: Sequence, out: Path, opened: Mapping[str, Any] | None = None, kind: str | None = None
) -> PreparedRun:
    """Make the folder of a new run in `out`.

    Parameters
    ----------
    rig : Rig
        The instruments, connected.
    sequence : Sequence
        What is to be done, checked.
    out : Path
        The folder of the runs.
    opened : mapping, optional
        How the rig was opened (``rig``, ``seed``, ``sample``), so that it can be opened again to resume the run.
    kind : str, optional
        What run.json calls the run, if it is none of a sequence.

    Raises
    ------
    StorageError
        If it cannot be made.
    """
    started_at = datetime.now(UTC)
    folder = RunFolder.create(out, sequence.name, started_at)
    record = run_at_start(sequence, rig, started_at)
    text = sequence_text(sequence)
    record |= {"opened": dict(opened or {}), "sequence_sha256": sha256(text.encode()).hexdigest()}
    if kind is not None:
        record["kind"] = kind
    folder.write_run_json(record)
    write_text(folder.sequence_yaml, text)
    return PreparedRun(folder, sequence, record, details={"simulated": record["simulated"]})
