"""Opening a rig in a script or notebook, looked after until it is closed."""

from pathlib import Path

from acquisition.rig import Rig
from acquisition.rig import open_rig as open_unwatched
from acquisition.rig.opening import outlives_the_program
from acquisition.session.looked_after import LookedAfter, look_after, refuse_unguarded


def open_rig(
    path_or_name: str | Path,
    *,
    seed: int | None = None,
    sample: str | Path | None = None,
    first_point: int = 1,
    guarded: bool = True,
) -> Rig:
    """Read a rig file, make its instruments and connect them; interlocks are watched until the rig is closed.

    Where instruments outlive the program, all are safe, and nothing can be switched on before `rig.arm` or a run.

    Parameters
    ----------
    path_or_name, seed, sample, first_point
        As of `acquisition.rig.open_rig`.
    guarded : bool
        Whether such a rig is refused if no guardian watches this program, as `cascadescope script` provides one. False
        is dangerous: if the program dies, light, heat and bias stay on.

    Raises
    ------
    SessionError
        If a guardian is missing, or cannot make an instrument safe; nothing is open then.
    ConfigError, DeviceError, ValueError
        As of `acquisition.rig.open_rig`.
    """
    if guarded and outlives_the_program(path_or_name):
        refuse_unguarded(str(path_or_name))
    rig = open_unwatched(path_or_name, seed=seed, sample=sample, first_point=first_point)
    try:
        look_after(rig, guarded=guarded)
    except BaseException:
        rig.close()
        raise
    return rig


def acknowledge_interlock(rig: Rig) -> list[dict[str, str]]:
    """Take note that a person has seen to what has tripped, so that runs may start again; return what it was.

    Raises
    ------
    SessionError
        If something is still wrong.
    """
    return rig.keeper.interlocks.acknowledge() if isinstance(rig.keeper, LookedAfter) else []
