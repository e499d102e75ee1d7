"""Whether a file is being written: the lock that a running acquisition holds on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acquisition.file_lock import hold
from acquisition.storage.errors import StorageError


@contextmanager
def held(path: Path, in_use: str) -> Iterator[None]:
    """Hold the lock of a file that a running acquisition holds; raises `StorageError` with `in_use` if one does."""
    if not path.exists():
        yield
        return
    try:
        file = path.open("r+b")
    except OSError as error:
        raise StorageError(f"{path}: cannot be opened: {error.strerror or error}; check the rights") from error
    with file:
        try:
            hold(file)
        except BlockingIOError as error:
            raise StorageError(in_use) from error
        except OSError as error:
            raise StorageError(
                f"{path}: cannot be locked: {error.strerror or error}; copy the run elsewhere"
            ) from error
        yield
