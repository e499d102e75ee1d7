"""Reading Photon-HDF5 files, ours and those of others, with what they hold and without what they lack."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.recording import Calibration
from acquisition.storage.blocks import MAX_PHOTONS, BlockCutter, virtual_pulses
from acquisition.storage.hdf5_source import Hdf5Source, open_source
from acquisition.storage.steps import LONGEST_PERIOD_S, from_steps, picoseconds
from acquisition.storage.survey import VIRTUAL_PERIOD_PS
from drivers.interfaces.photons import Gap, PhotonBlock, PhotonStreamInfo

USER = "/user/cascadescope"
TIMESTAMPS = "/photon_data/timestamps"
DETECTORS = "/photon_data/detectors"
NANOTIMES = "/photon_data/nanotimes"
TIMESTAMPS_UNIT = "/photon_data/timestamps_specs/timestamps_unit"
TCSPC_UNIT = "/photon_data/nanotimes_specs/tcspc_unit"
TCSPC_NUM_BINS = "/photon_data/nanotimes_specs/tcspc_num_bins"
SPAD_LAMBDA_PIXELS = 320
MAX_PIXELS = 2**16


@dataclass(frozen=True, slots=True)
class _Units:
    """Units of the columns in ps; `step_ps` is None without nanotimes."""

    timestamp_ps: float
    step_ps: float | None
    bins: float | None


class PhotonHdf5Recording:
    """A Photon-HDF5 file (photon-hdf5.org, version 0.4 or 0.5) with one spot.

    What cascadescope stores under ``/user/cascadescope`` is used where it is there. Without
    nanotimes the timestamps count as the times of a stream that is not pulsed. Without detectors
    all photons are in pixel 0. Laser alternation is ignored.

    The photons are checked when they are read: `blocks` raises `RecordingError` at the first that
    breaks the format.

    Parameters
    ----------
    path : Path
        The file; it is opened only while something is read.

    Raises
    ------
    RecordingError
        If the file is not as the format demands; names the field, what is wrong and what is allowed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with open_source(path) as source:
            self._photons = _count_photons(source)
            self._units = _read_units(source)
            per_pixel = {name: source.per_pixel(f"{USER}/{name}") for name in Calibration.__dataclass_fields__}
            pixel_count = _pixel_count(source, {name: a for name, a in per_pixel.items() if a is not None})
            mask = per_pixel.pop("pixel_mask")
            self._calibration = Calibration(**per_pixel, pixel_mask=None if mask is None else mask != 0)
            self._info = _stream_info(source, self._units, pixel_count)
            self._gaps = _read_gaps(source)
            self._simulated = source.flag(f"{USER}/simulated")
            self._conditions = _read_conditions(source)

    @property
    def info(self) -> PhotonStreamInfo:
        """What holds for the whole stream."""
        return self._info

    @property
    def calibration(self) -> Calibration:
        """What is known of the detector."""
        return self._calibration

    @property
    def simulated(self) -> bool | None:
        """Whether the photons come from a simulator; None if the file does not say."""
        return self._simulated

    @property
    def conditions(self) -> Mapping[str, float]:
        """Conditions of the measurement, as far as the file says."""
        return self._conditions

    def blocks(self) -> Iterator[PhotonBlock]:
        """Yield the blocks from pulse 0 on, about a million photons each.

        Raises
        ------
        RecordingError
            At the first photon that breaks the format.
        """
        with open_source(self._path) as source:
            cutter, last, seen = BlockCutter(self._gaps), 0, 0
            for start in range(0, self._photons, MAX_PHOTONS):
                part = slice(start, min(start + MAX_PHOTONS, self._photons))
                timestamps = _read_timestamps(source, part, last)
                last = int(timestamps[-1])
                pulse, delay_ps = self._pulses(source, timestamps, part)
                seen = int(pulse[-1]) + 1
                pixel = _read_pixels(source, part, self._info.pixel_count)
                try:
                    block = cutter.add(pulse, pixel, delay_ps)
                except ValueError as error:
                    raise source.error(TIMESTAMPS, f"{error}; the index of the laser pulse is needed") from error
                if block is not None:
                    yield block
            rest = cutter.finish(self._end_pulse(source, seen))
            if rest is not None:
                yield rest

    def _pulses(
        self, source: Hdf5Source, timestamps: NDArray[np.int64], part: slice
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        if self._units.step_ps is not None:
            return timestamps, _read_delays(source, part, self._units.step_ps, self._units.bins)
        return virtual_pulses(_absolute_ps(source, timestamps, self._units.timestamp_ps), VIRTUAL_PERIOD_PS)

    def _end_pulse(self, source: Hdf5Source, seen: int) -> int:
        """Return the pulses covered: as stored, or from the duration if that fits, or those `seen` with photons."""
        stored = source.number(f"{USER}/end_pulse")
        if stored is not None:
            if not seen <= stored < 2**62:
                raise source.error(f"{USER}/end_pulse", f"is {stored:g}, but the photons reach pulse {seen - 1}")
            return int(stored)
        duration_s = source.number("/acquisition_duration") or 0.0
        said = duration_s * 1e12 / self._info.period_ps
        return int(np.rint(said)) if seen <= said <= 1.5 * seen else seen


def _count_photons(source: Hdf5Source) -> int:
    if not source.has("/photon_data"):
        if any(name.startswith("photon_data") for name in source.names()):
            raise source.error("/photon_data0", "is a recording of several spots; files with one /photon_data are read")
        raise source.error("/photon_data", "is missing; Photon-HDF5 with /photon_data/timestamps is needed")
    timestamps = source.column(TIMESTAMPS)
    if timestamps is None:
        raise source.error(TIMESTAMPS, "is missing; the laser pulse (or time) of each photon is needed")
    for name in (DETECTORS, NANOTIMES):
        column = source.column(name)
        if column is not None and len(column) != len(timestamps):
            raise source.error(name, f"has {len(column)} entries, but timestamps has {len(timestamps)}; one per photon")
    return len(timestamps)


def _read_units(source: Hdf5Source) -> _Units:
    timestamp_s = source.positive(TIMESTAMPS_UNIT)
    if timestamp_s is None:
        raise source.error(TIMESTAMPS_UNIT, "is missing; the laser period (or clock step) in s is needed")
    if not 1e-15 <= timestamp_s <= 1.0:
        raise source.error(TIMESTAMPS_UNIT, f"is {timestamp_s:g} s; 1e-15 s to 1 s is allowed")
    if not source.has(NANOTIMES):
        if source.has(TCSPC_UNIT):
            raise source.error(NANOTIMES, "is missing, but nanotimes_specs says that there are delays")
        return _Units(picoseconds(timestamp_s), None, None)
    if timestamp_s > LONGEST_PERIOD_S and not source.has(f"{USER}/period_ps"):
        allowed = f"beside nanotimes it is the laser period in s: up to {LONGEST_PERIOD_S:g} s is allowed"
        raise source.error(TIMESTAMPS_UNIT, f"is {timestamp_s:g} s; {allowed}")
    step_s = source.positive(TCSPC_UNIT)
    if step_s is None:
        raise source.error(TCSPC_UNIT, "is missing; the step of the nanotimes in s is needed")
    if not 1e-15 <= step_s <= 1e-3:
        raise source.error(TCSPC_UNIT, f"is {step_s:g} s; 1e-15 s to 1e-3 s is allowed")
    return _Units(
        _exact(source, "period_ps", timestamp_s),
        _exact(source, "delay_resolution_ps", step_s),
        source.positive(TCSPC_NUM_BINS),
    )


def _exact(source: Hdf5Source, name: str, unit_s: float) -> float:
    """Return a unit in ps; our own value in ps where it is the same, free of the rounding by the unit s."""
    unit_ps = picoseconds(unit_s)
    ours = source.positive(f"{USER}/{name}")
    return ours if ours is not None and abs(ours - unit_ps) <= 1e-9 * unit_ps else unit_ps


def _pixel_count(source: Hdf5Source, per_pixel: Mapping[str, NDArray[np.float64]]) -> int:
    """Return the number of pixels, and refuse calibrations that do not have one entry for each."""
    highest = _highest_detector(source)
    said = source.number(f"{USER}/pixel_count") or source.number("/setup/num_pixels") or 0.0
    counts = {highest + 1, SPAD_LAMBDA_PIXELS} | ({int(said)} if highest < said <= MAX_PIXELS else set())
    default = max(highest + 1, int(said) if said <= MAX_PIXELS else 1)
    lengths = {name: len(array) for name, array in per_pixel.items()}
    allowed = sorted(count for count in counts if count > highest)
    for name, length in lengths.items():
        if length not in allowed or length != next(iter(lengths.values())):
            raise source.error(
                f"{USER}/{name}",
                f"has {length} entries; one for each of {' or '.join(map(str, allowed))} pixels is needed "
                f"(the highest detector is {highest})",
            )
    count = next(iter(lengths.values()), default)
    if count > 1 and not source.has(DETECTORS) and _count_photons(source):
        raise source.error(DETECTORS, f"is missing; with {count} pixels the pixel of each photon is needed")
    return count


def _highest_detector(source: Hdf5Source) -> int:
    detectors = source.column(DETECTORS)
    highest = 0
    if detectors is None:
        return 0
    for start in range(0, len(detectors), 4 * MAX_PHOTONS):
        values = detectors[start : start + 4 * MAX_PHOTONS]
        if values.min() < 0 or values.max() >= MAX_PIXELS:
            index = start + int(np.flatnonzero((values < 0) | (values >= MAX_PIXELS))[0])
            raise source.error(DETECTORS, f"is {detectors[index]} for photon {index}; 0 to {MAX_PIXELS - 1} is allowed")
        highest = max(highest, int(values.max()))
    return highest


def _stream_info(source: Hdf5Source, units: _Units, pixel_count: int) -> PhotonStreamInfo:
    resolution_ps = source.positive(f"{USER}/delay_resolution_ps")
    if units.step_ps is None:
        return PhotonStreamInfo(float(VIRTUAL_PERIOD_PS), False, resolution_ps or units.timestamp_ps, pixel_count)
    pulsed = source.flag(f"{USER}/pulsed")
    return PhotonStreamInfo(units.timestamp_ps, pulsed is not False, resolution_ps or units.step_ps, pixel_count)


def _read_gaps(source: Hdf5Source) -> tuple[Gap, ...]:
    table = source.table(f"{USER}/gaps", ("first_pulse", "end_pulse", "reason"))
    gaps = [] if table is None else [(int(row[0]), int(row[1]), row[2]) for row in table]
    for first, end, _ in gaps:
        if not 0 <= first <= end:
            raise source.error(f"{USER}/gaps", f"has a gap from pulse {first} to {end}; 0 <= first_pulse <= end_pulse")
    return tuple(
        Gap(first, end, why.decode(errors="replace") if isinstance(why, bytes) else str(why))
        for first, end, why in gaps
    )


def _read_conditions(source: Hdf5Source) -> Mapping[str, float]:
    names = source.names(f"{USER}/conditions")
    values = {name: source.number(f"{USER}/conditions/{name}") for name in names}
    return MappingProxyType({name: value for name, value in values.items() if value is not None})


def _slice(source: Hdf5Source, name: str, part: slice) -> NDArray[np.integer]:
    column = source.column(name)
    if column is None:
        raise source.error(name, "has gone since the file was opened; it must not be changed meanwhile")
    values: NDArray[np.integer] = column[part]
    return values


def _read_timestamps(source: Hdf5Source, part: slice, last: int) -> NDArray[np.int64]:
    timestamps: NDArray[np.int64] = _slice(source, TIMESTAMPS, part).astype(np.int64, copy=False)
    before = np.concatenate((np.array([last]), timestamps[:-1]))
    bad = np.flatnonzero(timestamps < before)
    if not len(bad):
        return timestamps
    index = part.start + int(bad[0])
    value = int(timestamps[bad[0]])
    if value < 0:
        raise source.error(TIMESTAMPS, f"is {value} for photon {index}; 0 to 2^63 - 1 is allowed")
    raise source.error(
        TIMESTAMPS,
        f"is not ascending: photon {index} has {value} after {before[bad[0]]}; sort the photons by timestamp",
    )


def _read_pixels(source: Hdf5Source, part: slice, pixel_count: int) -> NDArray[np.uint16]:
    if not source.has(DETECTORS):
        return np.zeros(part.stop - part.start, np.uint16)
    return _slice(source, DETECTORS, part).astype(np.uint16, copy=False)


def _read_delays(source: Hdf5Source, part: slice, step_ps: float, bins: float | None) -> NDArray[np.uint32]:
    nanotimes = _slice(source, NANOTIMES, part)
    limit = bins if bins is not None else float(2**63)
    if nanotimes.min() < 0 or nanotimes.max() >= limit:
        bad = int(np.flatnonzero((nanotimes < 0) | (nanotimes >= limit))[0])
        what = (
            f"is {nanotimes[bad]} for photon {part.start + bad}; 0 to {limit - 1:.0f} is allowed (tcspc_num_bins - 1)"
        )
        raise source.error(NANOTIMES, what)
    try:
        return from_steps(nanotimes, step_ps)
    except ValueError as error:
        raise source.error(NANOTIMES, f"gives {error}") from error


def _absolute_ps(source: Hdf5Source, timestamps: NDArray[np.int64], unit_ps: float) -> NDArray[np.int64]:
    """Return times in ps, rounded; the whole and the broken part of the unit apart, to keep the precision."""
    if float(timestamps[-1]) * unit_ps >= 2**62:
        raise source.error(TIMESTAMPS, f"reaches {float(timestamps[-1]) * unit_ps * 1e-12:g} s; 4.6e6 s are allowed")
    whole = int(unit_ps)
    rest: NDArray[np.int64] = np.rint(timestamps * (unit_ps - whole)).astype(np.int64)
    return timestamps * whole + rest
