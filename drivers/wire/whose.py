"""Whether a simulator or hardware is at the other end of a wire: the two are never mixed up."""

from drivers.interfaces.errors import StateError

SIMULATOR_MARK = "cascadescope simulator"
"""Stands in what every wire-level simulator says of itself, and in nothing that hardware says."""


def check_whose(device: str, said: str, *, simulated: bool) -> None:
    """Refuse a simulator where hardware is expected, and hardware where a simulator is.

    Parameters
    ----------
    device : str
        Name of the instrument in its rig.
    said : str
        What it says of itself: banner, identity or serial number.
    simulated : bool
        What the rig file says: key ``simulated`` of the role.

    Raises
    ------
    StateError
        If they differ.
    """
    found = SIMULATOR_MARK in said
    if found and not simulated:
        raise StateError(
            device,
            f"a simulator answers ({said!r}) where the rig file expects hardware; end the simulator, correct the "
            "address, or write `simulated: true` into the role",
        )
    if simulated and not found:
        raise StateError(
            device,
            f"{said!r} answers, which is no simulator, but the rig file says `simulated: true`; correct the address, "
            "or remove that line if hardware is meant",
        )
