"""What a run needs before its engine starts: a folder with run.json and the sequence as it will be run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acquisition.rig import Rig
from acquisition.sequence import History, Sequence, Step
from acquisition.session.run_record import run_at_start
from acquisition.session.sequence_file import sequence_text
from acquisition.storage import RunFolder, write_text


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
    truth : mapping or None
        truth.json of what has been done already.
    event : str
        How the journal calls the beginning.
    details : mapping
        What it says of it.
    steps : iterable of steps or None
        Where the steps come from, if not from `sequence`: a program that decides while it runs.
    analyse : bool
        Whether to analyse and report at the end.
    """

    folder: RunFolder
    sequence: Sequence
    record: dict[str, Any]
    history: History = field(default_factory=History)
    truth: Mapping[str, Any] | None = None
    event: str = "run_opened"
    details: Mapping[str, Any] = field(default_factory=dict)
    steps: Iterable[Step] | None = None
    analyse: bool = True


def prepare_new(rig: Rig, sequence: Sequence, out: Path) -> PreparedRun:
    """Make the folder of a new run in `out`.

    Raises
    ------
    StorageError
        If it cannot be made.
    """
    started_at = datetime.now(UTC)
    folder = RunFolder.create(out, sequence.name, started_at)
    record = run_at_start(sequence, rig, started_at)
    folder.write_run_json(record)
    write_text(folder.sequence_yaml, sequence_text(sequence))
    return PreparedRun(folder, sequence, record, details={"simulated": record["simulated"]})
