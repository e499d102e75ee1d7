"""Writing an HDF5 file so that a disk that refuses is one error.

The HDF5 library cannot cope with a medium that fails: it prints an error for each object that is open, may
publish a damaged file, and crashes the program when it ends. So it never sees a failure here: the first one is
kept, what follows is thrown away, and the failure is raised once the file is closed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import h5py

from acquisition.storage.disk import before_writing


class _Medium:
    """A file whose writing and truncating never fail; `error` is the first failure."""

    def __init__(self, raw: FileIO) -> None:
        self._raw = raw
        self.error: OSError | None = None

    def write(self, data: memoryview) -> int:
        """Write all of the data."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while len(rest) and self.error is None:
                rest = rest[self._raw.write(rest) :]
        except OSError as error:
            self.error = error
        return size

    def truncate(self, size: int | None = None) -> int:
        """Set the size of the file."""
        try:
            return self._raw.truncate(size)
        except OSError as error:
            self.error = self.error or error
            return 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


@contextmanager
def new_hdf5(path: Path, **options: Any) -> Iterator[h5py.File]:
    """Yield a new HDF5 file, replacing what is there; when the context is left, it is on the disk.

    Raises
    ------
    OSError
        If the disk refuses, for example because it is full; the file is useless then.
    """
    before_writing(path)
    with path.open("w+b", buffering=0) as raw:
        medium = _Medium(raw)
        try:
            with h5py.File(medium, "w", **options) as file:
                yield file
        except (OSError, RuntimeError) as error:
            # the library may trip over what was thrown away; the first failure is the cause
            if medium.error is not None:
                raise medium.error from error
            raise
        if medium.error is not None:
            raise medium.error
        os.fsync(raw.fileno())
