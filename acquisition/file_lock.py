"""A lock on an open file, which the system takes back when its program ends, however that happens.

Uses the standard library only: the set-up needs it before anything is installed.
"""

import os
import sys
from typing import IO, Any

_WINDOWS_BYTE = 2**31 - 2
"""Byte that is locked on Windows, where others cannot read what is locked: beyond the end of every file."""


def hold(file: "IO[Any]") -> None:
    """Lock a file until it is closed, without waiting; other programs can still read it.

    Parameters
    ----------
    file : binary file
        Open for reading or writing; some network file systems lock only what is open for writing.

    Raises
    ------
    BlockingIOError
        If it is locked already, by another program or through another open file of this one.
    OSError
        If the file system has no locks.
    """
    descriptor = file.fileno()
    if sys.platform == "win32":
        import msvcrt

        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, _WINDOWS_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(error.errno, "is locked by another program") from error
        finally:
            os.lseek(descriptor, position, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
