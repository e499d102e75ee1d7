"""The files that `analyze --out` and `--report` write: checked before the work, written in one step after it."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from acquisition.session import SessionError
from acquisition.storage import write_json


def check_results_file(out: str, recordings: Sequence[str]) -> None:
    """Refuse a file that could not be written, or that is one of the recordings.

    Raises
    ------
    SessionError
        With what is wrong and what to do.
    """
    path = Path(out)
    folder = path.absolute().parent
    if path.is_dir():
        raise SessionError(f"{out}: is a folder; name a file to write, not a folder")
    if path.exists() and not path.is_file():
        raise SessionError(f"{out}: is no ordinary file; name one to write")
    if path.exists() and any(Path(recording).exists() and path.samefile(recording) for recording in recordings):
        raise SessionError(f"{out}: is the recording itself; name another file to write")
    if not folder.is_dir():
        raise SessionError(f"{out}: its folder does not exist; make it, or name a file elsewhere")
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise SessionError(
            f"{out}: no file can be made in this folder ({error.strerror or error}); name a file elsewhere"
        ) from error


def write_results_file(out: str, content: Any) -> None:
    """Write results as JSON in one step. Raises `StorageError`."""
    write_json(Path(out), content)
