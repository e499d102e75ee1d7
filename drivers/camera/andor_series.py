"""A kinetic series of an Andor camera: a bounded number of exposures, each fetched as soon as it is there."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivers.camera.andor_codes import Code, vanished
from drivers.camera.andor_facts import SERIES_MODE
from drivers.camera.andor_wire import AndorWire
from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError

MOST_FRAMES = 1000
"""Of one series: so the camera stops by itself if the program dies; longer acquisitions are several series."""

SERIES_S = 600.0
"""Of exposure in one series, unless a single one is longer: after that the camera has stopped by itself."""

LONGEST_SLICE_S, SHORTEST_SLICE_S = 0.1, 0.001
SETTLING_S = 0.1
"""Pause after an abort before the camera takes settings again (habit of others' drivers)."""


@dataclass(frozen=True, slots=True)
class Timings:
    """What the camera says that it will really do: exposure, and time from one exposure to the next."""

    exposure_s: float
    cycle_s: float


def set_timings(wire: AndorWire, exposure_s: float, frames: int) -> Timings:
    """Set up a series; the mode comes first and the exposure after it, as a change of mode resets it.

    Returns
    -------
    Timings
        Read back, as the camera rounds what was asked for.
    """
    wire.do("SetAcquisitionMode", SERIES_MODE)
    wire.do("SetExposureTime", exposure_s)
    wire.do("SetNumberAccumulations", 1)
    wire.do("SetNumberKinetics", frames)
    wire.do("SetKineticCycleTime", 0.0)  # as fast as exposure and readout allow
    exposure, _, cycle = wire.floats("GetAcquisitionTimings", 3)
    if not 0 < exposure <= cycle:
        message = f"gives an exposure of {exposure:g} s every {cycle:g} s, which cannot be; reconnect it"
        raise CommunicationError(wire.device, message)
    return Timings(exposure, cycle)


def stop(wire: AndorWire) -> None:
    """End whatever runs, and wait until the camera takes settings again."""
    if wire.do("AbortAcquisition", also={Code.IDLE}) == Code.SUCCESS:
        time.sleep(SETTLING_S)


class KineticSeries:
    """The frames of one series, in order; the caller has started it.

    Parameters
    ----------
    wire : AndorWire
        The functions of the SDK.
    held : callable
        Returns what holds the camera while it is entered; entered for each call.
    cut : Event
        Ends the wait for a frame.
    timings : Timings
        Of this series.
    first : int
        Number of its first frame in the acquisition, for messages.
    patience_s : float
        How long a frame may be late.
    """

    def __init__(
        self,
        wire: AndorWire,
        held: Callable[[], AbstractContextManager[None]],
        cut: threading.Event,
        timings: Timings,
        first: int,
        patience_s: float,
    ) -> None:
        self._wire, self._held, self._cut = wire, held, cut
        self._cycle_s, self._first, self._patience_s = timings.cycle_s, first, patience_s
        self._slice_s = min(LONGEST_SLICE_S, max(SHORTEST_SLICE_S, timings.cycle_s / 10))

    def fetch(self, number: int, shape: tuple[int, int]) -> NDArray[np.uint16] | None:
        """Return a frame by its number in the series, from 0, when it is there; None if it was cut short.

        Raises
        ------
        CommunicationError
            If the camera has written over the frame before it was fetched, or has stopped or vanished.
        DeviceTimeoutError
            If the frame does not come.
        """
        deadline = time.monotonic() + 2 * self._cycle_s + self._patience_s
        while not self._cut.is_set():
            with self._held():
                if self._cut.is_set():
                    return None
                if self._is_there(number + 1):
                    return self._wire.image(number + 1, shape)
            if time.monotonic() > deadline:
                self._give_up(number)
            self._cut.wait(self._slice_s)
        return None

    def _is_there(self, number: int) -> bool:
        """Whether an image, numbered from 1, can be fetched."""
        (state,) = self._wire.ints("GetStatus", 1)  # before the images: none comes after the camera has stopped
        new = self._wire.new_images()
        if new is not None:
            first, last = new
            if first > number:
                raise CommunicationError(
                    self._wire.device,
                    f"frames {self._first + number - 1} ... {self._first + first - 2} are lost: they were not fetched "
                    "before the camera's memory was full; those before are valid. Expose longer, or let nothing hold "
                    "the program up",
                )
            return last >= number
        if state == Code.ERROR_ACK:
            raise vanished(self._wire.device, "GetStatus says 20013 ERROR_ACK")
        if state == Code.IDLE:
            message = (
                f"has stopped before frame {self._first + number - 1}; start again, and reconnect it if that recurs"
            )
            raise CommunicationError(self._wire.device, message)
        return False

    def _give_up(self, number: int) -> None:
        raise DeviceTimeoutError(
            self._wire.device,
            f"frame {self._first + number} has not come within {2 * self._cycle_s + self._patience_s:.3g} s "
            "(20024 NO_NEW_DATA); check trigger and USB connection, then reconnect it",
        )
