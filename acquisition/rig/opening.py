"""From a rig file to connected instruments."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from acquisition.config import ConfigError, ConfigProblem, find_config, load_config, position_in_file
from acquisition.rig.calibrations import read_calibration
from acquisition.rig.file import BenchFile, RigFile
from acquisition.rig.rig import Rig
from simulators.bench import Bench
from simulators.camera import SimulatedCamera
from simulators.heater import SimulatedHeater
from simulators.laser import SimulatedLaser
from simulators.sample import Sample
from simulators.shutter import SimulatedShutter
from simulators.spad_array import SimulatedSpadArray
from simulators.stage import SimulatedStage


def open_rig(
    path_or_name: str | Path, *, seed: int | None = None, sample: str | Path | None = None, first_point: int = 1
) -> Rig:
    """Read a rig file, make its instruments and connect them.

    Nothing stands in for an instrument that cannot be reached: the rig is then not opened.

    Parameters
    ----------
    path_or_name : str or Path
        Path of a rig file, or the name of a shipped one such as ``simulated``.
    seed : int, optional
        Seed of the bench instead of the file's.
    sample : str or Path, optional
        Sample of the bench instead of the file's: a path, or the name of a shipped one.
    first_point : int, optional
        Number of the first acquisition on the bench, above 1 if those before were made in another
        process; see `Rig.fast_forward_points`.

    Raises
    ------
    ConfigError
        If the rig, sample or calibration file cannot be used.
    DeviceError
        If an instrument cannot be connected.
    ValueError
        If `first_point` is below 1.
    """
    rig = make_rig(read_parts(path_or_name, seed, sample), Rig)
    rig.fast_forward_points(first_point - 1)
    rig.connect()
    return rig


@dataclass(frozen=True, slots=True)
class RigParts:
    """What a rig is made of: its file, and the world that simulated instruments share with the file of its sample."""

    path: Path
    file: RigFile
    bench: Bench
    sample: Path


def read_parts(path_or_name: str | Path, seed: int | None = None, sample: str | Path | None = None) -> RigParts:
    """Read a rig file and the files that it names; arguments and errors as of `open_rig`."""
    path = find_config("rigs", path_or_name)
    file = load_config(path, RigFile)
    sample_path = find_config("samples", sample) if sample is not None else _sample_of(path, file.bench.sample)
    return RigParts(path, file, _make_bench(file.bench, path, seed, sample_path), sample_path)


def _make_bench(file: BenchFile, path: Path, seed: int | None, sample: Path) -> Bench:
    if seed is not None and seed < 0:
        raise ConfigError(str(path), ConfigProblem(f"the seed must not be negative, but {seed} was asked for"))
    return Bench(load_config(sample, Sample), file.seed if seed is None else seed, optics=file.optics, plant=file.plant)


def _sample_of(path: Path, sample: str) -> Path:
    """Return the sample that a rig file names: a file beside it, or a shipped one."""
    beside = path.parent / sample
    if beside.is_file():
        return beside
    try:
        return find_config("samples", sample)
    except ConfigError as error:
        line, column = position_in_file(path, ("bench", "sample"))
        message = f"{sample}: {error.problems[0].message}"
        raise ConfigError(str(path), ConfigProblem(message, "bench.sample", line, column)) from error


RigT = TypeVar("RigT", bound=Rig)


def make_rig(parts: RigParts, new: Callable[..., RigT]) -> RigT:
    """Make the instruments of a rig; nothing is connected. `new` makes the rig of them."""
    file, path, bench, sample = parts.file, parts.path, parts.bench, parts.sample
    roles = file.roles
    spad_array = SimulatedSpadArray("spad_array", bench, roles.spad_array.settings())
    calibration, hashes = read_calibration(file.calibrations, path, spad_array.pixel_count)
    return new(
        file.name,
        laser=SimulatedLaser("laser", bench),
        spad_array=spad_array,
        shutter=SimulatedShutter("shutter", bench) if roles.shutter else None,
        heater=SimulatedHeater("heater", bench, roles.heater) if roles.heater else None,
        stage=SimulatedStage("stage", bench, roles.stage.settings()) if roles.stage else None,
        camera=SimulatedCamera("camera", bench, roles.camera.settings()) if roles.camera else None,
        clock=bench.clock,
        limits=file.limits,
        calibration=calibration,
        calibration_hashes=hashes,
        bench=bench,
        required_metadata=file.required_metadata,
        sample_file={"file": str(sample.resolve()), "sha256": sha256(sample.read_bytes()).hexdigest()},
    )
