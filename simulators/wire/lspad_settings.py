"""How the simulated lSPAD behaves, and where each physical pixel sits on its two chips."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from acquisition.config import ConfigError, ConfigModel, ConfigProblem, load_config
from acquisition.config.quantity import Hertz, Milliseconds, Nanoseconds, Picoseconds, Seconds
from acquisition.config.shipped import CONFIGS

PIXELS = 320
SLAVE, MASTER = 0, 1
"""What byte 0 of a record says."""

SLAVE_PIXELS, MASTER_PIXELS = 170, 150
PIXELS_PER_TDC = 4
TDCS_PER_CHIP = -(-SLAVE_PIXELS // PIXELS_PER_TDC)


class LspadSettings(ConfigModel):
    """What the simulated SPAD Lambda and its server do; nothing of it was checked against hardware.

    Attributes
    ----------
    device : str
        Calibration file with the pixel map: a path, or a file of ``configs/calibrations``.
    coarse_clock : {"laser", "internal"}
        What the coarse counter counts: laser pulses, so that the fine value is the delay, or the internal tick.
        Without laser pulses it is the internal tick, whatever is said here.
    internal_tick_ns : float
    chip_offset_ps : float
        Times of the master minus those of the slave.
    epoch_defect : bool
        The marker of a wrap comes before the last record of the tick before it.
    disorder_share : float
        Share of the neighbours on one chip, at most a tick apart, that come in the wrong order.
    dwell_marker_rate_hz : float
        Of the dummy markers, which both chips stamp at the same moment.
    shared_tdc_dead_time_ns : float
        A photon is lost if its TDC, which serves four consecutive ids of a chip, has just stamped another.
    overflow_rate_hz : float
        Mean number of FIFO overflows per second; each loses 10 ms of one chip.
    slice_ms : float
        Photons are sent this often.
    tdc_calibrated : bool
        Whether the TDCs are calibrated at start.
    tdc_calibration_s : float
        How long a calibration takes.
    """

    device: str = Field(min_length=1, default="spad_lambda_device.yaml")
    coarse_clock: Literal["laser", "internal"] = "laser"
    internal_tick_ns: Nanoseconds = Field(ge=10, le=10_000, default=100.0)
    chip_offset_ps: Picoseconds = Field(ge=-200_000, le=200_000, default=0.0)
    epoch_defect: bool = True
    disorder_share: float = Field(ge=0, le=0.5, default=0.1)
    dwell_marker_rate_hz: Hertz = Field(ge=10, le=1000, default=100.0)
    shared_tdc_dead_time_ns: Nanoseconds = Field(ge=0, le=1000, default=10.0)
    overflow_rate_hz: Hertz = Field(ge=0, le=100, default=0.0)
    slice_ms: Milliseconds = Field(ge=10, le=100, default=50.0)
    tdc_calibrated: bool = True
    tdc_calibration_s: Seconds = Field(ge=0, le=600, default=2.0)


class _PixelMap(ConfigModel):
    """Physical position of each id of a chip."""

    slave: list[int] = Field(min_length=SLAVE_PIXELS, max_length=SLAVE_PIXELS)
    master: list[int] = Field(min_length=MASTER_PIXELS, max_length=MASTER_PIXELS)

    @model_validator(mode="after")
    def _each_position_once(self) -> Self:
        if sorted(self.slave + self.master) != list(range(PIXELS)):
            raise ValueError(f"must name each position 0 ... {PIXELS - 1} once, over both chips")
        return self


class _DeviceFile(ConfigModel, extra="ignore"):
    """What a simulator needs of a device's calibration."""

    pixel_map: _PixelMap


@dataclass(frozen=True, slots=True, eq=False)
class ChipMap:
    """Where pixels sit.

    Attributes
    ----------
    chip, identity : uint8 arrays, shape (320,)
        Chip and id on it of each physical position.
    position : uint16 array, shape (2, 170)
        Physical position of each chip and id; the master has 150.
    """

    chip: NDArray[np.uint8]
    identity: NDArray[np.uint8]
    position: NDArray[np.uint16]


@lru_cache(maxsize=4)
def read_chip_map(device: str) -> ChipMap:
    """Read where the pixels sit from a device's calibration file.

    Raises
    ------
    ConfigError
        If there is no such file, or its map is not one of 170 and 150 pixels.
    """
    places = [Path(device), CONFIGS / "calibrations" / device]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        message = "no such file, neither by this path nor in configs/calibrations; the simulated lSPAD reads its map"
        raise ConfigError(device, ConfigProblem(message))
    pixel_map = load_config(path, _DeviceFile).pixel_map
    chip, identity = np.zeros(PIXELS, np.uint8), np.zeros(PIXELS, np.uint8)
    position = np.zeros((2, SLAVE_PIXELS), np.uint16)
    for number, positions in ((SLAVE, pixel_map.slave), (MASTER, pixel_map.master)):
        chip[positions] = number
        identity[positions] = np.arange(len(positions))
        position[number, : len(positions)] = positions
    return ChipMap(chip, identity, position)
