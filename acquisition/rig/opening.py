"""From a rig file to connected instruments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from acquisition.config import ConfigError, ConfigProblem, find_config, load_config, position_in_file
from acquisition.rig.bench_file import BenchFile
from acquisition.rig.calibrations import read_calibration
from acquisition.rig.file import RigFile
from acquisition.rig.holding import Holding
from acquisition.rig.planned_faults import OF_THE_DISK, begin_here, read_faults, shown_here
from acquisition.rig.rig import Rig
from acquisition.rig.roles import make_devices
from acquisition.rig.roles.world import World
from acquisition.rig.simulators_there import refuse_missing_simulators
from acquisition.rig.unfilled import refuse_unfilled
from drivers.interfaces.clock import WallClock
from drivers.interfaces.spad_array import SpadArray
from simulators.bench import Bench
from simulators.clock import BenchClock, SimulatedClock
from simulators.disk import SimulatedDisk
from simulators.real_time import RealTimeClock
from simulators.sample import Sample


def open_rig(
    path_or_name: str | Path,
    *,
    seed: int | None = None,
    sample: str | Path | None = None,
    first_point: int = 1,
    faults: Sequence[str] = (),
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
    faults : sequence of str, optional
        What shall break in the world of the rig beside what the file plans, see `read_fault`.

    Raises
    ------
    ConfigError
        If the rig, sample or calibration file cannot be used, or an address is not filled in, or a fault cannot
        be shown.
    RigTaken
        If another program drives the rig, or an instrument of it that outlives its program.
    DeviceError
        If an instrument cannot be connected.
    ValueError
        If `first_point` is below 1.
    """
    parts = read_parts(path_or_name, seed, sample)
    refuse_unfilled(parts.path, parts.file)
    rig = make_rig(parts, Rig)
    planned = (*parts.file.world.faults, *read_faults(faults, parts.file.roles))
    rig.planned_faults = tuple(fault.model_dump(mode="json", exclude_none=True) for fault in planned)
    begin_here(planned, parts.file.roles, parts.bench)
    if OF_THE_DISK & shown_here(parts.file.roles):
        rig.disk = SimulatedDisk(parts.bench.faults)
    rig.fast_forward_points(first_point - 1)
    if parts.file.outlives_the_program:
        addresses = [address for role in parts.file.roles.present().values() for address in role.addresses]
        rig.holding = Holding(parts.path, addresses)
        try:
            refuse_missing_simulators(str(path_or_name), parts.file.roles)
        except BaseException:
            rig.holding.close()
            raise
    rig.connect()
    return rig


@dataclass(frozen=True, slots=True)
class RigParts:
    """What a rig is made of: its file, and the world of what is simulated, with the file of its sample.

    `bench` is the world of the rig file, also where no instrument of this process lives in it.
    """

    path: Path
    file: RigFile
    bench: Bench
    sample: Path


def read_parts(path_or_name: str | Path, seed: int | None = None, sample: str | Path | None = None) -> RigParts:
    """Read a rig file and the files that it names; arguments and errors as of `open_rig`.

    The world is on simulated time if every instrument is simulated in this process, else on that of the wall.
    """
    path = find_config("rigs", path_or_name)
    file = load_config(path, RigFile)
    world = file.world
    sample_path = find_config("samples", sample) if sample is not None else _sample_of(path, world.sample)
    clock = RealTimeClock() if file.outlives_the_program else SimulatedClock()
    return RigParts(path, file, _make_bench(world, path, seed, sample_path, clock), sample_path)


def outlives_the_program(path_or_name: str | Path) -> bool:
    """Return whether any instrument of a rig goes on when the program has died. Raises `ConfigError`."""
    return load_config(find_config("rigs", path_or_name), RigFile).outlives_the_program


def _make_bench(file: BenchFile, path: Path, seed: int | None, sample: Path, clock: BenchClock) -> Bench:
    if seed is not None and seed < 0:
        raise ConfigError(str(path), ConfigProblem(f"the seed must not be negative, but {seed} was asked for"))
    world = load_config(sample, Sample)
    return Bench(world, file.seed if seed is None else seed, clock=clock, optics=file.optics, plant=file.plant)


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
    file, path, sample = parts.file, parts.path, parts.sample
    lives_here = any(role.in_process for role in file.roles.present().values())
    bench = parts.bench if lives_here else None
    devices = make_devices(file.roles, World(path, bench, file.world, file.limits))
    array: SpadArray = devices["spad_array"]
    calibration, hashes = read_calibration(file.calibrations, path, array.pixel_count, array.pixel_calibration)
    simulation = {"file": str(sample.resolve()), "sha256": sha256(sample.read_bytes()).hexdigest()}
    return new(
        file.name,
        **devices,
        spectrograph_shared=file.roles.spectrograph is not None and file.roles.spectrograph.shared_with_spad_array,
        clock=WallClock() if bench is None else bench.clock,
        limits=file.limits,
        calibration=calibration,
        calibration_hashes=hashes,
        bench=bench,
        required_metadata=file.required_metadata,
        sample_file=simulation if lives_here else None,
    )
