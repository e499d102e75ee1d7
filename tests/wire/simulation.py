"""A simulated rig in a process of its own, at ports that are free, for tests of real drivers and of whole sessions."""

import queue
import random
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from acquisition.config.shipped import CONFIGS
from simulators.wire.control_client import BenchControl

READY_TIMEOUT_S = 120.0
END_TIMEOUT_S = 30.0
PORTS = 20_000, 32_000
"""Below those that Linux, macOS and Windows give away by themselves, so that nobody takes one before it is used."""
_PORTS = re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=127\.0\.0\.1::)\d+|(?<=port: )\d+")


@dataclass(frozen=True)
class WireWorld:
    """The rig file that finds the simulated instruments, and what asks them from outside."""

    rig: Path
    control: BenchControl
    process: subprocess.Popen[str]
    said: Sequence[str]


def _free_port(held: ExitStack) -> int:
    """Return a port that is free and that the system gives to nobody who does not ask for it by its number."""
    for _ in range(100):
        port = random.SystemRandom().randrange(*PORTS)
        one = held.enter_context(socket.socket())
        with suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    raise AssertionError(f"no port of {PORTS} is free")


def rig_with_free_ports(folder: Path, name: str = "wire") -> tuple[Path, int]:
    """Write a shipped rig file with ports that are free; return its path and its control port."""
    text = (CONFIGS / "rigs" / f"{name}.yaml").read_text(encoding="utf-8")
    ports: dict[str, str] = {}
    with ExitStack() as held:

        def free(found: re.Match[str]) -> str:
            if found[0] not in ports:
                ports[found[0]] = str(_free_port(held))
            return ports[found[0]]

        text = _PORTS.sub(free, text)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    [port] = re.findall(r"control_port: (\d+)", text)
    return path, int(port)


def simulate_command(rig: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "acquisition.cli.main", "simulate", str(rig), *options]


@contextmanager
def simulated_wire(folder: Path, *options: str, name: str = "wire") -> Iterator[WireWorld]:
    """Run `cascadescope simulate` on a shipped rig with free ports; it is ended afterwards, whatever happens."""
    rig, port = rig_with_free_ports(folder, name)
    process = subprocess.Popen(
        simulate_command(rig, *options), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        said = _until_ready(process)
        with BenchControl("127.0.0.1", port) as control:
            yield WireWorld(rig, control, process, said)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate(timeout=END_TIMEOUT_S)


def _until_ready(process: subprocess.Popen[str]) -> list[str]:
    lines: queue.Queue[str | None] = queue.Queue()
    ready = threading.Event()

    def read() -> None:
        while not ready.is_set():
            line = process.stdout.readline()
            lines.put(line or None)
            if not line or line.startswith("ready"):
                return

    threading.Thread(target=read, daemon=True).start()
    said: list[str] = []
    while True:
        line = lines.get(timeout=READY_TIMEOUT_S)
        assert line is not None, f"simulate has ended: {''.join(said)}"
        said.append(line)
        if line.startswith("ready"):
            return said
