"""Runs in which something breaks: a session on real drivers and simulated wires, or on simulators alone."""

import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acquisition.config.shipped import CONFIGS
from acquisition.rig.wire_bench import make_wire_bench
from acquisition.session import LocalSession
from acquisition.storage import RunFolder, open_point, read_journal, read_json
from drivers.interfaces.errors import CommunicationError
from simulators.bench import Bench
from simulators.wire.hosting import Hosting
from simulators.wire.server import WireServer

LIGHT = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]
WIRE = """
name: wire
bench: {sample: cdse_cds_table, seed: 1, optics: {first_pixel: 450 nm, pixel_step: 1.84 nm}}
roles:
  shutter: {kind: sc10, address: "socket://127.0.0.1:PORT", simulated: true}
  laser:
    kind: pdl_800d
    authority: trigger
    declared: {repetition_rate: 1 MHz, intensity: 20 %, head: LDH-D-C-405, triggering: external}
    generator: {model: Agilent33500, address: "TCPIP::127.0.0.1::PORT::SOCKET", high: 2.5 V, low: 0 V}
    simulated: true
  heater: {kind: vaheat, port: "socket://127.0.0.1:PORT", high: 70 degC, simulated: true}
  spad_array:
    kind: spad_lambda
    port: PORT
    silence_timeout: 1 s
    reply_timeout: 1 s
    connect_timeout: 1 s
    simulated: true
limits: {heater: 100 degC, objective: 70 degC, immersion: 80 degC, sample_mount: 120 degC}
"""
ANDOR = """  spectrograph:
    kind: andor_spectrograph
    library: simulated
    shared_with_spad_array: false
    simulated: true
  camera:
    kind: andor_sdk2
    library: simulated
    gain: {electrons_per_count: 5, bias_counts: 500, full_well_electrons: 800000}
    patience: 1 s
    simulated: true
"""


@dataclass(frozen=True)
class WireWorld:
    """Simulated instruments at wires, and the rig file whose drivers find them."""

    rig: Path
    bench: Bench
    servers: Mapping[str, WireServer]


@dataclass(frozen=True)
class Trial:
    """A session, and the world in which things break."""

    session: LocalSession
    bench: Bench
    servers: Mapping[str, WireServer]

    def begin(self, fault: str, **parameters: float) -> None:
        self.bench.faults.begin(fault, **parameters)

    def end(self, fault: str) -> None:
        self.bench.faults.end(fault)

    def measure(self, duration: str = "60 s", *before: Mapping[str, Any]) -> None:
        """Start a run that measures, and wait until photons come."""
        self.session.start([*LIGHT, *before, {"kind": "acquire_photons", "duration": duration}])
        self.until(lambda status: (status["photons"] or 0) > 0)

    def until(self, judge: Any) -> dict[str, Any]:
        for _ in range(3000):
            status = self.session.wait(0.01)
            assert status["outcome"] is None, status
            if judge(status):
                return status
        raise AssertionError(status)

    def ended(self) -> dict[str, Any]:
        """Wait until the run has ended by itself and return its status."""
        status = self.session.wait(60)
        assert status["outcome"] is not None, status
        return status

    @property
    def folder(self) -> RunFolder:
        return RunFolder.open(Path(self.session.status()["run"]))

    @property
    def record(self) -> dict[str, Any]:
        """What run.json says."""
        return read_json(self.folder.run_json)

    def reconnect(self, role: str) -> None:
        """Connect an instrument anew, as soon as it is there again."""
        for _ in range(100):
            with suppress(CommunicationError):
                self.session.reconnect(role)
                return
            threading.Event().wait(0.05)
        self.session.reconnect(role)

    def assert_told(self, *words: str) -> None:
        """The run has failed: status, run.json and an event of the journal say why, with these words."""
        status, record = self.session.status(), self.record
        assert status["outcome"] in ("failed", "aborted", "broken"), status
        assert not status["ok"]
        assert record["status"] == status["outcome"]
        for text in (status["message"], "; ".join(record["problems"])):
            assert all(word in text for word in words), text
        events = [str(event) for event in read_journal(self.folder.journal).events]
        assert any(all(word in event for word in words) for event in events), events

    def assert_safe(self) -> None:
        """An onlooker sees no light, no heat and no bias."""
        state = {role: server.state() for role, server in self.servers.items()}
        assert state["laser"]["output"] is False
        assert state["laser"]["emission"] is False
        assert state["shutter"]["open"] is False
        assert state["heater"]["heating"] is False
        assert state["spad_array"]["bias"] is False

    def recording(self, point: int = 1) -> Any:
        return open_point(self.folder.point(point))


@contextmanager
def wire_world(folder: Path) -> Iterator[WireWorld]:
    """Host the instruments of a rig in this process, at free ports."""
    rig = folder / "wire.yaml"
    with ExitStack() as held:

        def free(found: re.Match[str]) -> str:
            one = held.enter_context(socket.socket())
            one.bind(("127.0.0.1", 0))
            return str(one.getsockname()[1])

        text = re.sub("PORT", free, WIRE)
    rig.write_text(text, encoding="utf-8")
    made = make_wire_bench(rig)
    with Hosting(made.servers):
        yield WireWorld(rig, made.bench, {server.role: server for server in made.servers})


@contextmanager
def trial_of(world: WireWorld, out: Path) -> Iterator[Trial]:
    """Open a session on a world; what broke in it is mended afterwards."""
    try:
        with LocalSession(str(world.rig), str(out), guarded=False) as session:
            yield Trial(session, world.bench, world.servers)
            mend(world.bench)
    finally:
        mend(world.bench)


def mend(bench: Bench) -> None:
    for name in bench.faults.active_names():
        bench.faults.end(name)


@contextmanager
def simulated_trial(out: Path, faults: str = "", roles: str = "") -> Iterator[Trial]:
    """Open a session on the shipped rig `simulated`, with faults planned as a rig file does, or with other roles."""
    text = (CONFIGS / "rigs" / "simulated.yaml").read_text(encoding="utf-8")
    text = text.replace("  seed: 1\n", f"  seed: 1\n  faults: [{faults}]\n")
    if roles:
        begin, end = text.index("  camera:\n"), text.index("  spad_array:")
        text = text[:begin] + roles + text[end:]
    rig = out / "simulated.yaml"
    rig.write_text(text, encoding="utf-8")
    with LocalSession(str(rig), str(out), guarded=False) as session:
        bench = session._open()._bench
        yield Trial(session, bench, {})
        mend(bench)
