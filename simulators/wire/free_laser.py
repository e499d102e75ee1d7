"""A simulated laser that no program controls: it shines as long as the simulation runs."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from simulators.bench import Bench
from simulators.wire.server import WireServer

LOOK_EVERY_S = 0.02


class FreeLaserServer(WireServer):
    """A laser with its key switched on and without any wire: it opens no port, and `port` stays 0.

    Parameters
    ----------
    role : str
        Of the laser in its rig.
    bench : Bench
        The world that it shines into.
    intensity_percent : float
        Where its intensity knob is at first.
    repetition_rate_hz : float
        Of its own clock.
    """

    def __init__(self, role: str, bench: Bench, *, intensity_percent: float, repetition_rate_hz: float) -> None:
        super().__init__(role, bench)
        self._intensity_percent, self._rate_hz = intensity_percent, repetition_rate_hz
        self._shining: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Switch it on."""
        with self.bench.lock:
            self.bench.beam.intensity_percent = self._intensity_percent
            self.bench.beam.repetition_rate_hz = self._rate_hz
        self._shine()
        self._shining = asyncio.create_task(self._keep_shining())

    async def stop(self) -> None:
        """Switch it off; no effect if stopped."""
        if self._shining is not None:
            self._shining.cancel()
            self._shining = None
            with self.bench.lock:
                self.bench.beam.emission = False

    def state(self) -> Mapping[str, str | float | int | bool | None]:
        """Return what an onlooker sees of the laser."""
        with self.bench.lock:
            beam = self.bench.beam
            return {"emission": beam.emission, "intensity_percent": beam.intensity_percent}

    async def _keep_shining(self) -> None:
        with suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                self._shine()

    def _shine(self) -> None:
        stopped = self.bench.faults.active("laser_stops") is not None
        with self.bench.lock:
            self.bench.beam.emission = self.bench.beam.interlock_closed and not stopped
