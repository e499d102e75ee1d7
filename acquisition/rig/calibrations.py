"""Reading the calibrations of a rig: CSV tables that a lab measures and keeps beside its rig file."""

import csv
import hashlib
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.recording import Calibration
from acquisition.config import ConfigError, ConfigProblem, position_in_file
from acquisition.config.shipped import CONFIGS
from acquisition.rig.file import CalibrationFiles
from drivers.interfaces.pixel_calibration import PixelCalibration

MAX_BYTES = 1_000_000


def read_calibration(
    files: CalibrationFiles, rig: Path, pixel_count: int, pixels: PixelCalibration | None = None
) -> tuple[Calibration, dict[str, str]]:
    """Read what a rig file names.

    Parameters
    ----------
    files : CalibrationFiles
        Names of the tables.
    rig : Path
        The rig file; a table that is not beside it is looked for among the shipped ones.
    pixel_count : int
        Number of pixels of the detector.
    pixels : PixelCalibration, optional
        What the detector itself knows of its pixels.

    Returns
    -------
    Calibration
        Efficiency interpolated linearly to the pixels' wavelengths, constant beyond the table.
    dict
        SHA-256 of each file by its key in the rig file; that of the detector's own is ``device``.

    Raises
    ------
    ConfigError
        If a table is missing, damaged or does not fit the detector.
    """
    hashes: dict[str, str] = {}
    wavelength_nm = efficiency = None
    if files.wavelength is not None:
        path = _find("wavelength", files.wavelength, rig)
        pixel, wavelength_nm = _read_table(path, ("pixel", "wavelength_nm"))
        hashes["wavelength"] = _hash(path)
        if not np.array_equal(pixel, np.arange(pixel_count)):
            raise _error(path, f"needs one row for each pixel 0 ... {pixel_count - 1}, in this order")
        if not (np.all(np.diff(wavelength_nm) > 0) or np.all(np.diff(wavelength_nm) < 0)) or wavelength_nm.min() <= 0:
            raise _error(path, "wavelength_nm must be positive and ascend or descend from pixel to pixel")
    if files.relative_efficiency is not None and wavelength_nm is not None:
        path = _find("relative_efficiency", files.relative_efficiency, rig)
        at_nm, known = _read_table(path, ("wavelength_nm", "efficiency"))
        hashes["relative_efficiency"] = _hash(path)
        if np.any(np.diff(at_nm) <= 0) or known.min() <= 0:
            raise _error(path, "wavelength_nm must ascend and efficiency must be above zero")
        efficiency = np.interp(wavelength_nm, at_nm, known)
    offset_ps = mask = None
    if pixels is not None:
        offset_ps, mask = pixels.pixel_offset_ps, pixels.pixel_mask
        hashes["device"] = pixels.sha256
    calibration = Calibration(wavelength_nm, efficiency, pixel_offset_ps=offset_ps, pixel_mask=mask)
    return calibration, hashes


def _find(key: str, name: str, rig: Path) -> Path:
    places = [rig.parent / name, CONFIGS / "calibrations" / name]
    for place in places:
        if place.is_file():
            return place
    shipped = ", ".join(sorted(path.name for path in (CONFIGS / "calibrations").glob("*.csv")))
    message = f"{name}: no such calibration file beside the rig file, and none of the shipped ones ({shipped})"
    line, column = position_in_file(rig, ("calibrations", key))
    raise ConfigError(str(rig), ConfigProblem(message, f"calibrations.{key}", line, column))


def _error(path: Path, message: str, line: int | None = None) -> ConfigError:
    return ConfigError(str(path), ConfigProblem(message, line=line, column=None if line is None else 1))


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_table(path: Path, columns: tuple[str, str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read two columns of numbers; lines that start with # are comments, the first other line has the names."""
    if path.stat().st_size > MAX_BYTES:
        raise _error(path, f"is larger than {MAX_BYTES} bytes; is it a calibration file?")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise _error(path, "is not UTF-8 text") from error
    rows = [(number, row) for number, row in _rows(lines) if row and not row[0].startswith("#")]
    header = tuple(cell.strip() for cell in rows[0][1]) if rows else ()
    if header != columns:
        raise _error(path, f"the first line must be {','.join(columns)}, not {','.join(header)!r}")
    values = [_numbers(path, number, row) for number, row in rows[1:]]
    if not values:
        raise _error(path, "holds no rows below the line of names")
    table = np.array(values, dtype=np.float64)
    return table[:, 0], table[:, 1]


def _rows(lines: list[str]) -> list[tuple[int, list[str]]]:
    return [(number, next(csv.reader([line]), [])) for number, line in enumerate(lines, 1)]


def _numbers(path: Path, number: int, row: list[str]) -> tuple[float, float]:
    try:
        first, second = (float(cell) for cell in row)
    except ValueError as error:
        raise _error(path, f"must be two numbers, not {','.join(row)!r}", number) from error
    if not (math.isfinite(first) and math.isfinite(second)):
        raise _error(path, f"must be two finite numbers, not {','.join(row)!r}", number)
    return first, second
