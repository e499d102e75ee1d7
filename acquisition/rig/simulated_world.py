"""The simulators of a rig while they run: what `cascadescope simulate` holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from acquisition.config import ConfigError, ConfigProblem
from acquisition.rig.planned_faults import begin_at_wires, refuse_others, shown_by_wires
from acquisition.rig.wire_bench import make_wire_bench
from drivers.interfaces.closing import Closing
from simulators.faults import FAULTS
from simulators.wire.hosting import Hosting, SlowStartError


class SimulatedWorld(Closing):
    """Instruments that are simulated at the addresses of a rig file, on one bench in real time.

    Parameters
    ----------
    rig : str or Path
        Rig file, or the name of a shipped one.
    seed : int, optional
        Instead of the file's.
    sample : str or Path, optional
        Instead of the file's.

    Raises
    ------
    ConfigError
        If a file cannot be used, or no role has a wire.
    """

    def __init__(self, rig: str | Path, *, seed: int | None = None, sample: str | Path | None = None) -> None:
        made = make_wire_bench(rig, seed=seed, sample=sample)
        self._rig, self._bench, self._servers = str(rig), made.bench, made.servers
        self._roles, self._planned = made.file.roles, made.file.world.faults
        self._hosting = Hosting(made.servers)

    def start(self) -> Self:
        """Let all of them answer.

        Raises
        ------
        ConfigError
            If an address is taken, or a simulator does not start in time; those that had started are stopped.
        """
        try:
            self._hosting.start()
            begin_at_wires(self._planned, self._roles, self._bench)
        except SlowStartError as error:
            raise ConfigError(self._rig, ConfigProblem(str(error))) from error
        except OSError as error:
            taken = next((server for server in self._servers if str(server.port) in str(error)), None)
            role = "an instrument" if taken is None else taken.role
            message = f"{role} cannot be simulated at its address: {error}; does another `simulate` run?"
            raise ConfigError(self._rig, ConfigProblem(message)) from error
        return self

    def close(self, timeout_s: float = 10.0) -> None:
        """Stop all of them; no effect if stopped."""
        self._hosting.close()

    def instruments(self) -> list[dict[str, str]]:
        """Return role and address of each."""
        return [{"role": server.role, "address": server.address} for server in self._servers]

    def begin_fault(self, name: str, after_s: float, parameters: Mapping[str, float]) -> None:
        """Let something break in `after_s`. Raises `ConfigError` if this world has no such fault or parameter."""
        try:
            if name in FAULTS:
                refuse_others([name], shown_by_wires(self._roles))
            self._bench.faults.begin(name, after_s=after_s, **parameters)
        except ValueError as error:
            raise ConfigError("--fault", ConfigProblem(str(error))) from error

    def newly_begun_faults(self) -> list[str]:
        """Return what has broken since it was asked last."""
        return self._bench.faults.newly_begun()

    def truth(self) -> dict[str, Any]:
        """Return what the bench knows, as plain data."""
        return dict(self._bench.truth())


def fault_catalogue() -> list[dict[str, Any]]:
    """Return what can go wrong: name, device, what happens, and the parameters with their defaults."""
    return [
        {"name": name, "device": kind.device, "happens": kind.happens, "parameters": dict(kind.parameters)}
        for name, kind in FAULTS.items()
    ]
