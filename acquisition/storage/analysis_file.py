"""The file `analysis.h5` of a point: the arrays and plain values from which the report draws its figures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from acquisition.storage.errors import RecordingError, StorageError
from acquisition.storage.files import discard, part_of, publish
from acquisition.storage.hdf5_file import new_hdf5

FORMAT = "cascadescope analysis"
VERSION = 1

UNITS = {"_ns": "ns", "_ev": "eV", "_nm": "nm", "_s": "s", "_cps": "1/s", "_per_ev": "1/eV", "counts": "counts"}
"""Units that the end of an array's name tells; the longest end that fits counts."""

_VALUES = "values"


def units_of(name: str) -> str:
    """Return the unit that the name of an array tells, ``"1"`` where it tells none."""
    fitting = [end for end in UNITS if name.endswith(end)]
    return UNITS[max(fitting, key=len)] if fitting else "1"


def save_analysis(
    path: Path, arrays: Mapping[str, NDArray[Any]], values: Mapping[str, Any], *, simulated: bool | None = None
) -> None:
    """Replace `path` by an HDF5 file of arrays and plain values, in one step that a crash cannot split.

    Parameters
    ----------
    path : Path
    arrays : mapping of str to array
        By name, with ``/`` between groups; each is stored with its unit (see `units_of`).
    values : mapping
        What JSON knows; no NaN.
    simulated : bool, optional
        Whether the photons were; not said if not known.

    Raises
    ------
    StorageError
        If the values are not plain and finite, or the disk refuses.
    """
    try:
        text = json.dumps(dict(values), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise StorageError(f"{path}: cannot be written as JSON: {error}; plain finite values are allowed") from error
    part = part_of(path)
    try:
        with new_hdf5(part) as file:
            file.attrs["format"], file.attrs["version"] = FORMAT, VERSION
            if simulated is not None:
                file.attrs["simulated"] = simulated
            file.create_dataset(_VALUES, data=text, dtype=h5py.string_dtype())
            for name, array in arrays.items():
                packed = {"compression": "gzip", "shuffle": True} if array.ndim and array.size > 100 else {}
                file.create_dataset(name, data=array, **packed).attrs["units"] = units_of(name)
        publish(part, path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror or error}; check disk and rights") from error
    finally:
        discard(part)


def load_analysis(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays and the values that `save_analysis` wrote.

    Raises
    ------
    RecordingError
        If the file is not there, is damaged, or was not written by `save_analysis`.
    """
    if not path.is_file():
        raise RecordingError(f"{path}: does not exist; `cascadescope analyze` makes it from the photons")
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT or file.attrs.get("version") != VERSION:
                raise RecordingError(
                    f"{path}: is not a {FORMAT} of version {VERSION}; `cascadescope analyze` makes it anew"
                )
            values = json.loads(file[_VALUES].asstr()[()])
            arrays: dict[str, NDArray[Any]] = {}

            def collect(name: str, item: h5py.Dataset | h5py.Group) -> None:
                if isinstance(item, h5py.Dataset) and name != _VALUES:
                    arrays[name] = np.asarray(item[()])

            file.visititems(collect)
    except (OSError, KeyError, ValueError) as error:
        raise RecordingError(f"{path}: cannot be read: {error}; `cascadescope analyze` makes it anew") from error
    return arrays, values
