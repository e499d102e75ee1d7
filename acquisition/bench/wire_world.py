"""The shipped rig `wire` and its simulators at ports that are free, and a session server that drives it."""

import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from acquisition.config import find_config
from acquisition.remote import Endpoint, RemoteSession, find_endpoint
from acquisition.session import SessionError
from acquisition.user_folders import VARIABLE
from simulators.wire.control_client import BenchControl

START_TIMEOUT_S = 120.0
END_TIMEOUT_S = 30.0
POLL_S = 0.01
_PORTS = re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=127\.0\.0\.1::)\d+|(?<=port: )\d+")


def until(true: Callable[[], bool], timeout_s: float = START_TIMEOUT_S) -> float:
    """Wait until something of another process is true; return how long that took, in s. Raises `TimeoutError`."""
    begin = time.monotonic()
    while not true():
        if time.monotonic() - begin > timeout_s:
            raise TimeoutError(f"has not come true within {timeout_s:g} s")
        time.sleep(POLL_S)
    return time.monotonic() - begin


@contextmanager
def wire_world(folder: Path) -> Iterator[tuple[Path, BenchControl]]:
    """Run `cascadescope simulate` in `folder`; yield the rig file that finds it, and what asks it from outside."""
    rig, port = _rig_with_free_ports(folder)
    command = [sys.executable, "-P", "-m", "acquisition", "simulate", str(rig)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        _wait_until_ready(process)
        with BenchControl("127.0.0.1", port) as control:
            yield rig, control
    finally:
        process.terminate()
        try:
            process.communicate(timeout=END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate(timeout=END_TIMEOUT_S)


@contextmanager
def serving(rig: Path, folder: Path) -> Iterator[tuple[Endpoint, RemoteSession]]:
    """Run `cascadescope serve` on a rig, with user folders of its own; yield where it is and a session in control."""
    command = [sys.executable, "-P", "-m", "acquisition", "serve", "--rig", str(rig), "--out", str(folder / "runs")]
    with patch.dict(os.environ, {VARIABLE: str(folder / "home")}):
        launcher = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            endpoint = _endpoint(rig, launcher)
            with RemoteSession(endpoint) as session:
                session.take_control()
                yield endpoint, session
        finally:
            if launcher.poll() is None:
                launcher.terminate()
            launcher.wait(END_TIMEOUT_S)


def _rig_with_free_ports(folder: Path) -> tuple[Path, int]:
    text = find_config("rigs", "wire").read_text(encoding="utf-8")
    with ExitStack() as held:

        def free(found: re.Match[str]) -> str:
            one = held.enter_context(socket.socket())
            one.bind(("127.0.0.1", 0))
            return str(one.getsockname()[1])

        text = _PORTS.sub(free, text)
    path = folder / "wire.yaml"
    path.write_text(text, encoding="utf-8")
    [port] = re.findall(r"control_port: (\d+)", text)
    return path, int(port)


def _wait_until_ready(process: "subprocess.Popen[str]") -> None:
    """Wait for the line that says so. Raises `TimeoutError`, or `RuntimeError` if the program ends before."""
    ready: queue.Queue[bool] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            if line.startswith("ready"):
                ready.put(True)
                return
        ready.put(False)

    threading.Thread(target=read, daemon=True).start()
    try:
        found = ready.get(timeout=START_TIMEOUT_S)
    except queue.Empty:
        raise TimeoutError(f"`cascadescope simulate` is not ready after {START_TIMEOUT_S:g} s") from None
    if not found:
        raise RuntimeError("`cascadescope simulate` has ended; start it by hand to see why")


def _endpoint(rig: Path, launcher: "subprocess.Popen[bytes]") -> Endpoint:
    end = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            return find_endpoint(str(rig))
        except SessionError:
            if launcher.poll() is not None:
                raise RuntimeError("`cascadescope serve` has ended; start it by hand to see why") from None
            if time.monotonic() > end:
                raise TimeoutError(f"`cascadescope serve` is not ready after {START_TIMEOUT_S:g} s") from None
            time.sleep(POLL_S)
