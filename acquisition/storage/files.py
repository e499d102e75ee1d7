"""Files that are either the old or the new version, never something in between, whatever happens meanwhile."""

import errno
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from acquisition.storage.disk import before_writing
from acquisition.storage.errors import RecordingError, StorageError

ATTEMPTS = 20
ATTEMPT_PAUSE_S = 0.1
"""How often, and after which pause, a file is tried again that another program has open."""


def write_json(path: Path, value: object) -> None:
    """Replace `path` by `value` as JSON, in one step that a crash cannot split.

    Raises
    ------
    StorageError
        If the value holds NaN, infinity or something that JSON does not know, or the disk refuses.
    """
    try:
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise StorageError(f"{path}: cannot be written as JSON: {error}; plain finite values are allowed") from error
    write_text(path, text + "\n")


def write_text(path: Path, text: str) -> None:
    """Replace `path` by `text` in UTF-8, in one step that a crash cannot split. Raises `StorageError`."""
    part = part_of(path)
    try:
        before_writing(path)
        with part.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        publish(part, path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror or error}; check disk and rights") from error
    finally:
        discard(part)


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in `path`.

    Raises
    ------
    RecordingError
        If the file is not there, is not JSON or holds something else than an object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordingError(f"{path}: does not exist") from None
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise RecordingError(f"{path}: holds a {type(value).__name__}, not an object")
    return value


def part_of(path: Path) -> Path:
    """Return the name under which the new version of `path` is written before it is published."""
    return path.with_name(path.name + ".part")


def discard(part: Path) -> None:
    """Remove what is left of a new version that was not published, and would fill a full disk. Does not raise."""
    with suppress(OSError):
        part.unlink(missing_ok=True)


def publish(part: Path, path: Path) -> None:
    """Give a finished file its name, and see that the name survives a power cut."""
    patiently(lambda: part.replace(path))
    sync_folder(path.parent)


def patiently(act: Callable[[], object]) -> None:
    """Rename or remove files that virus scanners and viewers may have open: on Windows that is refused until they end.

    Raises
    ------
    OSError
        As `act`, if it is still refused after `ATTEMPTS`.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            act()
        except OSError as error:
            in_use = isinstance(error, PermissionError) or error.errno == errno.ENOTEMPTY
            if not in_use or attempt == ATTEMPTS:
                raise
            time.sleep(ATTEMPT_PAUSE_S)
        else:
            return


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, and see that their names survive a power cut."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in reversed(missing):
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk; Windows does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def optional_text(values: Mapping[str, Any], key: str) -> str | None:
    """Return the text at `key`, or None where there is none."""
    value = values.get(key)
    return value if isinstance(value, str) else None
