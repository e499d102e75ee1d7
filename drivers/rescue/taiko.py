"""Locks a Taiko PDL M1, so that it does not shine."""

from drivers.interfaces.errors import FaultError
from drivers.laser.pdlm_lib import LOCKED, PdlmLib, load_library


def rescue(library: str, serial: str) -> None:
    """Open the laser, set its soft lock before anything else, and read that back.

    Parameters
    ----------
    library : str
        Path of PDLM_Lib.dll, or ``auto``.
    serial : str
        Serial number, or ``any``.

    Raises
    ------
    StateError
        If there is no library.
    CommunicationError
        If the laser cannot be reached.
    FaultError
        If it does not lock.
    """
    laser = PdlmLib("laser", load_library("laser", library))
    laser.open(serial)
    try:
        laser.set("SoftLock", LOCKED)
        if laser.whole("Locked")[0] != LOCKED:
            raise FaultError("laser", "the Taiko does not lock; turn its key switch")
    finally:
        laser.close()
