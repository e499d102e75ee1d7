"""A simulated bad disk: full, or slow. It disturbs what a program writes, and never keeps anything itself."""

import errno
import threading

from simulators.faults import FaultBoard


class SimulatedDisk:
    """What happens before each writing into the folder of a run.

    Parameters
    ----------
    faults : FaultBoard
        What is broken.
    """

    def __init__(self, faults: FaultBoard) -> None:
        self._faults = faults

    def __call__(self) -> None:
        """Wait if the disk is slow.

        Raises
        ------
        OSError
            If it is full.
        """
        if self._faults.active("disk_full") is not None:
            raise OSError(errno.ENOSPC, "No space left on device")
        if (slow := self._faults.active("slow_disk")) is not None:
            threading.Event().wait(slow["delay_s"])
