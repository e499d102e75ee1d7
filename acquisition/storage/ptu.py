"""Reading PicoQuant PTU files, T3 and T2, through the optional package ptufile; channels become pixels."""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.recording import Calibration
from acquisition.storage.blocks import MAX_PHOTONS, BlockCutter, virtual_pulses
from acquisition.storage.errors import RecordingError
from acquisition.storage.steps import LONGEST_PERIOD_S, from_steps, picoseconds
from acquisition.storage.survey import VIRTUAL_PERIOD_PS
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

TIME_BITS = MappingProxyType({"PicoHarpT3": 16, "PicoHarpT2": 28})
"""Bits of a record that hold the time since the last overflow; other devices have 10 (T3) and 25 (T2)."""


@dataclass(frozen=True, slots=True)
class _Extent:
    """What one pass over the records finds: last time in units of the file, and highest channel."""

    last_time: int
    highest_channel: int


class PtuRecording:
    """A PicoQuant PTU file. T3: the sync number is the pulse. T2: not pulsed, with a virtual period of 1 us.

    Markers are ignored. The file says nothing of wavelengths, dark counts or simulation.

    Parameters
    ----------
    path : Path
        The file; it is opened only while something is read.

    Raises
    ------
    RecordingError
        If ptufile is not installed, or the file is no PTU file of time-tagged records or is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _open(path) as file:
            self._pulsed = bool(file.is_t3)
            longest_s = LONGEST_PERIOD_S if self._pulsed else 1.0
            self._unit_ps = self._positive(file.global_resolution, "MeasDesc_GlobalResolution", longest_s)
            self._step_ps = self._positive(file.tcspc_resolution, "MeasDesc_Resolution") if self._pulsed else 0.0
            self._extent = _find_extent(file)
        pixels = self._extent.highest_channel + 1
        if self._pulsed:
            self._info = PhotonStreamInfo(self._unit_ps, True, self._step_ps, pixels)
        else:
            self._info = PhotonStreamInfo(float(VIRTUAL_PERIOD_PS), False, self._unit_ps, pixels)

    @property
    def info(self) -> PhotonStreamInfo:
        """What holds for the whole stream."""
        return self._info

    @property
    def calibration(self) -> Calibration:
        """Nothing: the format has no field for it."""
        return Calibration()

    @property
    def simulated(self) -> bool | None:
        """None: the format does not say."""
        return None

    @property
    def conditions(self) -> Mapping[str, float]:
        """Nothing: the format has no field for them."""
        return MappingProxyType({})

    def blocks(self) -> Iterator[PhotonBlock]:
        """Yield the blocks from pulse 0 to the last record. Raises `RecordingError` if the file is damaged."""
        cutter = BlockCutter()
        with _open(self._path) as file:
            for time, records in _decoded(file):
                light = records["channel"] >= 0
                pixel = records["channel"][light].astype(np.uint16)
                pulse, delay_ps = self._pulses(time[light], records[light])
                if np.any(pulse[1:] < pulse[:-1]):
                    raise RecordingError(f"{self._path}: the records are not in order of time; the file is damaged")
                try:
                    block = cutter.add(pulse, pixel, delay_ps)
                except ValueError as error:
                    raise RecordingError(f"{self._path}: {error}; the file is damaged") from error
                if block is not None:
                    yield block
        rest = cutter.finish(self._end_pulse())
        if rest is not None:
            yield rest

    def _pulses(self, time: NDArray[np.int64], records: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        if self._pulsed:
            return time, from_steps(records["dtime"], self._step_ps)
        return virtual_pulses(np.rint(time * self._unit_ps).astype(np.int64), VIRTUAL_PERIOD_PS)

    def _end_pulse(self) -> int:
        last = self._extent.last_time
        return last + 1 if self._pulsed else int(last * self._unit_ps // VIRTUAL_PERIOD_PS) + 1

    def _positive(self, seconds: float, tag: str, longest_s: float = 1.0) -> float:
        if not (np.isfinite(seconds) and 0 < seconds <= longest_s):
            raise RecordingError(
                f"{self._path}: {tag} is {seconds:g} s; a time above 0 s and up to {longest_s:g} s is needed"
            )
        return picoseconds(seconds)


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    """Open a PTU file, and turn each failure into one clear message."""
    try:
        ptufile = importlib.import_module("ptufile")
    except ImportError as error:
        raise RecordingError(
            f"{path}: PTU files need the package ptufile: pip install 'cascadescope[foreign]'"
        ) from error
    try:
        with ptufile.PtuFile(path) as file:
            file.cache_records = False
            missing = file.record_offset + 4 * file.number_records - path.stat().st_size
            if missing > 0:
                raise RecordingError(f"{path}: is incomplete: {missing} bytes of its records are missing")
            yield file
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from error
    except KeyError as error:
        raise RecordingError(
            f"{path}: the header lacks {error}; a PTU file of time-tagged records is needed"
        ) from error
    except RecordingError:
        raise
    except Exception as error:  # ptufile meets damaged headers with errors of many kinds
        raise RecordingError(f"{path}: is not a valid PTU file: {error}") from error


def _decoded(file: Any) -> Iterator[tuple[NDArray[np.int64], NDArray[Any]]]:
    """Yield times, counted on over all overflows, and decoded records, about a million each.

    ptufile counts overflows from the first record that it is given. The count at the end of a piece
    is the time of its last record without the bits that the record itself holds.
    """
    bits = TIME_BITS.get(file.record_type.name, 10 if file.is_t3 else 25)
    base = 0
    raw = file.read_records(memmap=True) if file.number_records else np.empty(0, np.uint32)
    for start in range(0, len(raw), MAX_PHOTONS):
        piece = np.array(raw[start : start + MAX_PHOTONS])
        records = file.decode_records(piece)
        time = records["time"].astype(np.int64)
        yield time + base, records
        base += int(time[-1]) - (int(piece[-1]) & ((1 << bits) - 1))


def _find_extent(file: Any) -> _Extent:
    last, highest = -1, 0
    for time, records in _decoded(file):
        last, highest = max(last, int(time[-1])), max(highest, int(records["channel"].max()))
    return _Extent(last, highest)
