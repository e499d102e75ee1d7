"""A session server under its guardian, on simulated wires, in processes of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from acquisition.remote import Endpoint, RemoteSession, find_endpoint
from acquisition.session import SessionError
from tests.wire.simulation import WireWorld

START_TIMEOUT_S = 60.0
POLL_S = 0.02

STEPS = [
    {"kind": "set_temperature", "temperature": "40 degC"},
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
    {"kind": "acquire_photons", "duration": "300 s"},
]


def until(true: Callable[[], bool], timeout_s: float = START_TIMEOUT_S) -> float:
    """Wait until something of another process is true; return how long that took, in s."""
    begin = time.monotonic()
    while not true():
        assert time.monotonic() - begin < timeout_s, "has not come true in time"
        time.sleep(POLL_S)
    return time.monotonic() - begin


def sources_on(world: WireWorld) -> set[str]:
    """Return what is on, as an onlooker sees it."""
    state = world.control.state()
    on = {
        "generator": state["laser"]["output"],
        "emission": state["control"]["emission"],
        "shutter": state["shutter"]["open"],
        "heater": state["heater"]["heating"],
        "bias": state["spad_array"]["bias"],
    }
    return {name for name, is_on in on.items() if is_on}


class Served:
    """The server that was started, where it is, and a session that asks it."""

    def __init__(
        self, launcher: subprocess.Popen[bytes], endpoint: Endpoint, session: RemoteSession, said: Path
    ) -> None:
        self.launcher, self.endpoint, self.session, self._said = launcher, endpoint, session, said

    @property
    def said(self) -> str:
        """What stands on its standard error."""
        return self._said.read_text()

    def measure(self, world: WireWorld) -> Path:
        """Start a run and wait until everything is on; return its folder."""
        run = self.session.start(STEPS)
        until(lambda: len(sources_on(world)) == 5)
        until(lambda: bool(self.session.status()["photons"]))
        return Path(run)


@contextmanager
def serving(world: WireWorld, folder: Path) -> Iterator[Served]:
    """Start `cascadescope serve` on a simulated rig; what is left of it is ended. Needs a CASCADESCOPE_HOME."""
    command = [sys.executable, "-m", "acquisition", "serve", "--rig", str(world.rig), "--out", str(folder / "runs")]
    said = folder / "said.txt"
    with said.open("wb") as errors:
        launcher = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True)
    try:
        endpoint = _endpoint(world.rig, launcher, said)
        with RemoteSession(endpoint) as session:
            session.take_control()
            yield Served(launcher, endpoint, session, said)
    finally:
        if launcher.poll() is None:
            launcher.terminate()
        launcher.wait(START_TIMEOUT_S)


def _endpoint(rig: Path, launcher: subprocess.Popen[bytes], said: Path) -> Endpoint:
    end = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            return find_endpoint(str(rig))
        except SessionError:
            assert launcher.poll() is None, said.read_text()
            assert time.monotonic() < end, "the server does not start"
            time.sleep(POLL_S)


def parent_of(pid: int) -> int:
    """Return the parent of a process."""
    found = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(found.stdout)


def is_there(pid: int) -> bool:
    """Whether a process lives."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
