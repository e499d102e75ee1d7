"""Faults that a rig file plans: who can show them, and in which program they happen."""

from collections.abc import Iterable

from acquisition.rig.roles import Roles
from simulators.bench import Bench
from simulators.faults import FAULTS
from simulators.planned_fault import PlannedFault

OF_THE_DISK = frozenset(name for name, kind in FAULTS.items() if kind.device == "disk")
"""Faults of the disk that a run is written to: they happen in the program that records."""

_IN_THE_FILE = "write it into the rig file of a simulated rig, such as bench: {faults: [{name: disk_full, after: 5 s}]}"


def shown_here(roles: Roles) -> frozenset[str]:
    """Return the faults that happen in the program that opens a rig; those of the disk if anything is simulated."""
    found = _shown(roles, in_process=True)
    simulated = found or any(_is_simulated(role) for role in roles.present().values())
    return found | OF_THE_DISK if simulated else found


def shown_by_wires(roles: Roles) -> frozenset[str]:
    """Return the faults that `cascadescope simulate` shows of a rig."""
    return _shown(roles, in_process=False)


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
