"""The simulators at the addresses of a rig file, all on one bench: what `cascadescope simulate` starts."""

from dataclasses import dataclass
from pathlib import Path

from acquisition.config import ConfigError, ConfigProblem
from acquisition.rig.file import RigFile
from acquisition.rig.opening import read_parts
from acquisition.rig.roles.world import World
from simulators.bench import Bench
from simulators.wire.control import ControlServer
from simulators.wire.server import WireServer


@dataclass(frozen=True, slots=True)
class WireBench:
    """A simulated world and the servers that show it, not started."""

    bench: Bench
    servers: tuple[WireServer, ...]
    file: RigFile


def make_wire_bench(
    path_or_name: str | Path, *, seed: int | None = None, sample: str | Path | None = None
) -> WireBench:
    """Make the simulators of every role that is reached over a wire, and the control port if the file gives one.

    Parameters
    ----------
    path_or_name : str or Path
        Path of a rig file, or the name of a shipped one such as ``wire``.
    seed : int, optional
        Seed of the bench instead of the file's.
    sample : str or Path, optional
        Sample of the bench instead of the file's: a path, or the name of a shipped one.

    Raises
    ------
    ConfigError
        If a file cannot be used, or no role has a wire that can be simulated.
    """
    parts = read_parts(path_or_name, seed, sample)
    world = World(parts.path, parts.bench, parts.file.world)
    made = [role.server(name, world) for name, role in parts.file.roles.present().items()]
    servers = tuple(server for server in made if server is not None)
    if not servers:
        raise ConfigError(str(parts.path), ConfigProblem(_why_nothing_answers(parts.file)))
    port = parts.file.world.control_port
    control = () if port is None else (ControlServer(parts.bench, servers, port),)
    return WireBench(parts.bench, (*servers, *control), parts.file)


def _why_nothing_answers(file: RigFile) -> str:
    if file.outlives_the_program:
        return "no role of this rig has `simulated: true`; write it into those to be simulated, or take the rig `wire`"
    return "no role of this rig is reached over a wire; take a rig such as `wire`"
