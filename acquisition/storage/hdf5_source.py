"""Reading single fields of an HDF5 file, with one message that says what is wrong with a field."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from acquisition.storage.errors import RecordingError


class Hdf5Source:
    """The fields of one open file."""

    def __init__(self, path: Path, file: h5py.File) -> None:
        self._path = path
        self._file = file

    def error(self, name: str, what: str) -> RecordingError:
        """Return an error that names the file and the field."""
        return RecordingError(f"{self._path}: {name}: {what}")

    def has(self, name: str) -> bool:
        """Whether there is a field or group of this name."""
        return name in self._file

    def names(self, group: str = "/") -> list[str]:
        """Return the names in a group; none if it is not there or no group."""
        node = self._file.get(group)
        return [name for name in node if isinstance(name, str)] if isinstance(node, h5py.Group) else []

    def column(self, name: str) -> h5py.Dataset | None:
        """Return a column of integers, or None if it is not there."""
        node = self._dataset(name)
        if node is None:
            return None
        if node.ndim != 1 or node.dtype.kind not in "iu":
            raise self.error(name, f"is {node.ndim}-D {node.dtype}; a 1-D dataset of integers is allowed")
        return node

    def number(self, name: str) -> float | None:
        """Return a single finite number, or None if it is not there."""
        node = self._dataset(name)
        if node is None:
            return None
        if node.size != 1 or node.dtype.kind not in "iufb":
            raise self.error(name, f"is {node.dtype} of shape {node.shape}; a single number is allowed")
        value = float(np.asarray(node[()]).item())
        if not np.isfinite(value):
            raise self.error(name, f"is {value}; a finite number is allowed")
        return value

    def positive(self, name: str) -> float | None:
        """Return a single number above zero, or None if it is not there."""
        value = self.number(name)
        if value is not None and value <= 0:
            raise self.error(name, f"is {value:g}; a number above 0 is allowed")
        return value

    def flag(self, name: str) -> bool | None:
        """Return a truth value, or None if it is not there."""
        value = self.number(name)
        if value not in (None, 0.0, 1.0):
            raise self.error(name, f"is {value:g}; 0 and 1 are allowed")
        return None if value is None else bool(value)

    def per_pixel(self, name: str) -> NDArray[np.float64] | None:
        """Return one finite number per pixel, float64, or None if it is not there."""
        node = self._dataset(name)
        if node is None:
            return None
        if node.ndim != 1 or node.dtype.kind not in "iufb":
            raise self.error(name, f"is {node.ndim}-D {node.dtype}; one number per pixel is allowed")
        values: NDArray[np.float64] = np.asarray(node[:], np.float64)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise self.error(name, f"is {values[bad[0]]} for pixel {bad[0]}; finite numbers are allowed")
        return values

    def table(self, name: str, columns: tuple[str, ...]) -> NDArray[Any] | None:
        """Return a table with these columns, or None if it is not there."""
        node = self._dataset(name)
        if node is None:
            return None
        if node.ndim != 1 or not set(columns) <= set(node.dtype.names or ()):
            raise self.error(
                name, f"is {node.ndim}-D {node.dtype}; a table with the columns {', '.join(columns)} is allowed"
            )
        table: NDArray[Any] = node[:]
        return table

    def _dataset(self, name: str) -> h5py.Dataset | None:
        node = self._file.get(name)
        if node is not None and not isinstance(node, h5py.Dataset):
            raise self.error(name, "is a group; a dataset is allowed")
        return node


@contextmanager
def open_source(path: Path) -> Iterator[Hdf5Source]:
    """Open an HDF5 file for reading, and turn each failure of reading into one clear message.

    Raises
    ------
    RecordingError
        If the file is not there, is not HDF5, is incomplete or damaged.
    """
    if not path.is_file():
        raise RecordingError(f"{path}: {'is a folder' if path.is_dir() else 'does not exist'}; an HDF5 file is needed")
    try:
        with h5py.File(path, "r", rdcc_nbytes=32 * 2**20) as file:
            yield Hdf5Source(path, file)
    except RecordingError:
        raise
    except Exception as error:  # HDF5 meets damaged files with errors of many kinds
        raise RecordingError(f"{path}: {_cause(str(error))}") from error


def _cause(message: str) -> str:
    if "signature not found" in message:
        return "is not an HDF5 file; Photon-HDF5 is needed"
    if "truncated" in message:
        return "is incomplete: the end of the file is missing; copy it again, or recover the run that it belongs to"
    if "filter" in message and ("not registered" in message or "not available" in message):
        return f"is compressed by a filter that is not installed: pip install hdf5plugin ({message})"
    return f"cannot be read; it may be damaged ({message})"
