"""The bench of another process, as doubles of libraries in this one see it: its light, and what is broken in it."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulators.faults import FAULTS
from simulators.widefield import WidefieldSettings
from simulators.wire.camera_light import unpacked
from simulators.wire.control_client import BenchControl

LOOK_EVERY_S = 0.1
"""How old what is known of faults may be."""


class RemoteWorld:
    """A connection to the control port of `cascadescope simulate`, made when it is needed; for any thread.

    Parameters
    ----------
    address : str
        Host and port, e.g. ``127.0.0.1:9998``.

    Raises
    ------
    ValueError
        If the address is none.
    """

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"{address!r} is no address; write host and port, for example 127.0.0.1:9998")
        self._host, self._port = host, int(port)
        self._lock = threading.Lock()
        self._control: BenchControl | None = None
        self._broken: list[str] = []
        self._looked_s = -LOOK_EVERY_S

    def request(self, **request: Any) -> dict[str, Any]:
        """Ask, over a new connection if the old one is broken. Raises `OSError`, or `ValueError` if refused."""
        with self._lock:
            if self._control is None:
                self._control = BenchControl(self._host, self._port)
            try:
                return self._control.request(**request)
            except OSError:
                self._control.close()
                self._control = None
                raise

    def active(self, name: str) -> Mapping[str, float] | None:
        """Return the usual parameters of a fault if it is there now, else None; as `FaultBoard.active`."""
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            try:
                self._broken = list(self.request(ask="faults")["broken"])
            except OSError:
                self._broken = []  # the world has gone: told by the camera when it asks for light
        return FAULTS[name].parameters if name in self._broken else None

    def spad_bias(self) -> bool:
        """Whether the SPAD array of the world says that its bias is on."""
        try:
            return bool(self.request(ask="state").get("spad_array", {}).get("bias", False))
        except OSError:
            return False

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            if self._control is not None:
                self._control.close()
            self._control = None


class RemoteScene:
    """The light of a world in another process; see `Scene`."""

    def __init__(self, world: RemoteWorld) -> None:
        self._world = world
        self.seed = 0

    def begin(self, settings: WidefieldSettings, shape: tuple[int, int]) -> int:
        """Start the next acquisition of the world. Raises `OSError` if it has gone."""
        rows, columns = shape
        answer = self._world.request(do="begin_frames", light_path=settings.model_dump(), rows=rows, columns=columns)
        self.seed = int(answer["seed"])
        return int(answer["point"])

    def electrons(self, begin_s: float, duration_s: float) -> NDArray[np.float64]:
        """Return what falls on the sensor. Raises `OSError` if the world has gone."""
        return unpacked(self._world.request(ask="electrons", begin_s=begin_s, duration_s=duration_s))
