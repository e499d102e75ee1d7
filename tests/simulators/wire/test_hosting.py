"""Running wire-level simulators: one that does not start is told in words, and the others end."""

import asyncio
import socket

import pytest

from acquisition.config import ConfigError
from acquisition.rig.simulated_world import SimulatedWorld
from simulators.wire import hosting
from simulators.wire.hosting import Hosting, SlowStartError
from simulators.wire.server import HOST, WireServer
from simulators.wire.vaheat import VaheatServer
from tests.simulators.wire.vaheat_program import bench


class Sleeper(WireServer):
    """Never comes up."""

    async def start(self) -> None:
        await asyncio.Event().wait()

    async def stop(self) -> None:
        pass

    def state(self) -> dict[str, str]:
        return {}


def test_a_server_that_does_not_start_in_time_is_named_and_the_others_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "START_TIMEOUT_S", 0.5)
    world = bench()
    answers = VaheatServer("heater", world)
    with pytest.raises(SlowStartError, match=r"camera did not start within 0.5 s"):
        Hosting([answers, Sleeper("camera", world)]).start()
    with pytest.raises(ConnectionRefusedError), socket.create_connection((HOST, answers.port), timeout=5.0):
        pass


def test_a_simulation_that_does_not_start_in_time_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "START_TIMEOUT_S", 0.5)
    world = SimulatedWorld("wire")
    world.close()
    world._hosting = Hosting([Sleeper("heater", bench())])
    with pytest.raises(ConfigError, match=r"heater did not start within 0.5 s; the computer may be too busy"):
        world.start()
