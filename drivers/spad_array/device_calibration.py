"""The calibration file of one SPAD Lambda: where its pixels lie and how its clocks count."""

import hashlib
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from acquisition.config import ConfigError, ConfigModel, ConfigProblem, Nanoseconds, Picoseconds, load_config
from acquisition.config.shipped import CONFIGS
from drivers.interfaces.pixel_calibration import PixelCalibration

PIXELS = 320
SLAVE_PIXELS, MASTER_PIXELS = 170, 150

Position = Annotated[int, Field(ge=0, lt=PIXELS)]


class CoarseClock(StrEnum):
    """What the coarse counter of a time tag counts."""

    LASER = "laser"
    INTERNAL = "internal"


class PixelMap(ConfigModel):
    """Physical position of each wire id, by chip."""

    slave: tuple[Position, ...] = Field(min_length=SLAVE_PIXELS, max_length=SLAVE_PIXELS)
    master: tuple[Position, ...] = Field(min_length=MASTER_PIXELS, max_length=MASTER_PIXELS)

    @model_validator(mode="after")
    def _permutation(self) -> Self:
        positions = [*self.slave, *self.master]
        twice = sorted({position for position in positions if positions.count(position) > 1})
        if twice:
            raise ValueError(f"each position 0 ... {PIXELS - 1} must stand once; {twice[0]} stands more than once")
        return self


class DeviceCalibration(ConfigModel):
    """What software must know of one SPAD Lambda to understand its time tags; all of it unverified on hardware.

    Attributes
    ----------
    serial : str
        Of the device; ``unknown`` is not compared with what lSPAD says.
    measured : str
        When, and how.
    coarse_clock : CoarseClock
        With `LASER` the coarse counter counts laser pulses, the fine time counts from the pulse.
    internal_tick_ns : float
        Tick of the coarse counter on its own clock, and wherever no laser pulses come; whole picoseconds.
    ticks_per_pulse : int, optional
        Ticks between laser pulses where the internal clock is locked to the laser.
    chip_offset_ps : float
        Time of the master chip minus time of the slave chip; a multiple of `delay_resolution_ps`.
    delay_resolution_ps : float
        Step of the time-to-digital converter; not known publicly, the wire counts in ps.
    pixel_offset_ps : tuple of float, optional
        Delay offset of each position, to be subtracted in analysis; the driver does not apply it.
    mask : tuple of int, optional
        Positions to switch off; sent to the device if the key is there, also when it is empty.
    """

    version: Literal[1]
    serial: str = Field(min_length=1, default="unknown")
    measured: str = "not measured"
    coarse_clock: CoarseClock = CoarseClock.LASER
    internal_tick_ns: Nanoseconds = Field(ge=1, le=100_000, default=100.0)
    ticks_per_pulse: int | None = Field(ge=1, le=65_536, default=None)
    chip_offset_ps: Picoseconds = Field(ge=-1e6, le=1e6, default=0.0)
    delay_resolution_ps: Picoseconds = Field(ge=1, le=10_000, default=1.0)
    pixel_offset_ps: tuple[Picoseconds, ...] | None = Field(min_length=PIXELS, max_length=PIXELS, default=None)
    mask: tuple[Position, ...] | None = None
    pixel_map: PixelMap

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not (1e3 * self.internal_tick_ns).is_integer():
            raise ValueError(f"internal_tick: {self.internal_tick_ns} ns is no whole number of picoseconds")
        steps = self.chip_offset_ps / self.delay_resolution_ps
        if abs(steps - round(steps)) > 1e-9:
            raise ValueError(
                f"chip_offset: {self.chip_offset_ps:g} ps must be a multiple of delay_resolution, "
                f"{self.delay_resolution_ps:g} ps"
            )
        if self.ticks_per_pulse is not None and self.coarse_clock is CoarseClock.LASER:
            raise ValueError("ticks_per_pulse: is for coarse_clock: internal only; leave it out")
        return self

    @cached_property
    def positions(self) -> NDArray[np.uint16]:
        """Physical position by chip (0 slave, 1 master) and wire id, shape (2, 256); 0 for ids that are no pixel."""
        table = np.zeros((2, 256), dtype=np.uint16)
        table[0, :SLAVE_PIXELS] = self.pixel_map.slave
        table[1, :MASTER_PIXELS] = self.pixel_map.master
        return table


class LoadedCalibration:
    """A calibration file that has been read.

    Attributes
    ----------
    values : DeviceCalibration
    sha256 : str
        Of the file.
    """

    def __init__(self, path: Path) -> None:
        self.values = load_config(path, DeviceCalibration)
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()

    @property
    def pixel_calibration(self) -> PixelCalibration:
        """Offsets and mask for the analysis."""
        offset, off = self.values.pixel_offset_ps, self.values.mask
        mask = None
        if off:
            mask = np.ones(PIXELS, dtype=np.bool_)
            mask[list(off)] = False
        offset_ps = None if offset is None else np.array(offset, dtype=np.float64)
        return PixelCalibration(offset_ps, mask, self.sha256)


def load_device_calibration(name: str, folder: Path | None = None) -> LoadedCalibration:
    """Read a calibration file by its path, its name beside the rig file in `folder`, or that of a shipped one.

    Raises
    ------
    ConfigError
        If there is no such file, or it does not hold a calibration.
    """
    beside = [] if folder is None else [folder / name]
    for path in [*beside, Path(name), CONFIGS / "calibrations" / name]:
        if path.is_file():
            return LoadedCalibration(path)
    message = "no such calibration file of a SPAD array, neither beside the rig file nor among the shipped ones"
    raise ConfigError(name, ConfigProblem(f"{message}; give its path"))
