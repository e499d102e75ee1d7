"""Faults that a rig file plans: who can show them, and in which program they happen."""

from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from acquisition.config import ConfigError, ConfigProblem
from acquisition.rig.roles import Roles
from simulators.bench import Bench
from simulators.faults import FAULTS
from simulators.planned_fault import PlannedFault

OF_THE_DISK = frozenset(name for name, kind in FAULTS.items() if kind.device == "disk")
"""Faults of the disk that a run is written to: they happen in the program that records."""

_IN_THE_FILE = (
    "write it into the rig file of a simulated rig, such as bench: {faults: [{name: disk_full, after: 5 s}]}, or give "
    "it to `cascadescope run`"
)


def shown_here(roles: Roles) -> frozenset[str]:
    """Return the faults that happen in the program that opens a rig; those of the disk if anything is simulated."""
    found = _shown(roles, in_process=True)
    simulated = found or any(_is_simulated(role) for role in roles.present().values())
    return found | OF_THE_DISK if simulated else found


def shown_by_wires(roles: Roles) -> frozenset[str]:
    """Return the faults that `cascadescope simulate` shows of a rig."""
    return _shown(roles, in_process=False)


def read_fault(text: str) -> PlannedFault:
    """Read ``NAME[@AFTER][,KEY=VALUE]...``, with AFTER in s and the parameters as `FAULTS` names them.

    Raises
    ------
    ConfigError
        If it is none.
    """
    what, *settings = text.split(",")
    name, at, after = what.partition("@")
    found: dict[str, str | float] = {
        "name": name.strip(),
        "after_s": _number(text, after.strip().removesuffix("s")) if at else 0.0,
    }
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise _no_fault(text, f"{setting!r} is no KEY=VALUE")
        found[key.strip()] = _number(text, value)
    try:
        return PlannedFault.model_validate(found)
    except ValidationError as error:
        raise _no_fault(text, "; ".join(_sentence(part) for part in error.errors())) from error


def _sentence(part: ErrorDetails) -> str:
    key, message = ".".join(map(str, part["loc"])), part["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


def _number(text: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise _no_fault(text, f"{value!r} is no number") from None


def _no_fault(text: str, why: str) -> ConfigError:
    example = "slow_disk@5,delay_s=0.2"
    return ConfigError(f"--fault {text}", ConfigProblem(f"{why}; write NAME[@SECONDS][,KEY=VALUE], such as {example}"))


def read_faults(texts: Iterable[str], roles: Roles) -> list[PlannedFault]:
    """Read faults that shall happen in the program that opens a rig.

    Raises
    ------
    ConfigError
        If a text is none, or this program cannot show it.
    """
    found = [(text, read_fault(text)) for text in texts]
    for text, fault in found:
        if fault.name not in shown_here(roles) and fault.name in shown_by_wires(roles):
            raise _no_fault(text, "happens at a wire: give it to `cascadescope simulate`, or name what happens here")
        try:
            refuse_others([fault.name], shown_here(roles))
        except ValueError as error:
            raise _no_fault(text, str(error)) from error
    return [fault for _, fault in found]


def refuse_others(faults: Iterable[str], shown: frozenset[str]) -> None:
    """Raise `ValueError` if a fault is not among those that are shown."""
    for name in faults:
        if name not in shown and name in OF_THE_DISK:
            raise ValueError(f"{name} ({FAULTS[name].happens}): happens in the program that records; {_IN_THE_FILE}")
        if name not in shown:
            can = f"it shows {', '.join(sorted(shown))}" if shown else "nothing of it is simulated"
            happens = FAULTS[name].happens
            raise ValueError(f"{name} ({happens}): nobody can show it in this rig; {can}")


def begin_here(faults: Iterable[PlannedFault], roles: Roles, bench: Bench) -> None:
    """Plan what happens in the program that opens a rig, counted from now."""
    _begin(faults, shown_here(roles), bench)


def begin_at_wires(faults: Iterable[PlannedFault], roles: Roles, bench: Bench) -> None:
    """Plan what `cascadescope simulate` shows, counted from now."""
    _begin(faults, shown_by_wires(roles), bench)


def _begin(faults: Iterable[PlannedFault], shown: frozenset[str], bench: Bench) -> None:
    for fault in faults:
        if fault.name in shown:
            fault.begin(bench.faults)


def _shown(roles: Roles, *, in_process: bool) -> frozenset[str]:
    playing = [role for role in roles.present().values() if role.in_process is in_process]
    return frozenset().union(*(role.faults for role in playing))


def _is_simulated(role: object) -> bool:
    return bool(getattr(role, "simulated", False))
