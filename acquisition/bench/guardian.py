"""Bench: how long after the death of a session its guardian has everything off, seen from the instruments."""

import os
import signal
import tempfile
from pathlib import Path

from acquisition.bench.registry import BenchResult, Say
from acquisition.bench.wire_world import serving, until, wire_world
from acquisition.guardian.watch import ARMED_SILENCE_S
from simulators.wire.control_client import BenchControl

SAFE_WITHIN_S = 2.0
NOTICED_WITHIN_S = ARMED_SILENCE_S + 0.2
"""A session that stands still is noticed by its silence; the look at it is taken some times a second."""
GIVEN_UP_S = 30.0
ROUNDS = 3

STEPS = [
    {"kind": "set_temperature", "temperature": "40 degC"},
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
    {"kind": "acquire_photons", "duration": "300 s"},
]
SOURCES = 5


def bench_guardian(say: Say, rounds: int = ROUNDS) -> BenchResult:
    """Kill and stop sessions that heat and measure over simulated wires, and ask the instruments when all is off.

    Parameters
    ----------
    say : callable
        Is told what goes on.
    rounds : int
        How often each way is tried.
    """
    ways = {"kill": (getattr(signal, "SIGKILL", signal.SIGTERM), SAFE_WITHIN_S)}
    if hasattr(signal, "SIGSTOP"):
        ways["stop"] = (signal.SIGSTOP, NOTICED_WITHIN_S + SAFE_WITHIN_S)
    numbers: dict[str, float | int | str] = {}
    failures = []
    with tempfile.TemporaryDirectory(prefix="cascadescope-bench-") as folder, wire_world(Path(folder)) as world:
        for name, (number, allowed_s) in ways.items():
            took_s = []
            for count in range(1, rounds + 1):
                say(f"{name} {count} of {rounds}")
                took_s.append(_time_to_safe(*world, number))
            numbers[f"longest from {name} to safe in s"] = round(max(took_s), 2)
            if max(took_s) > allowed_s:
                failures.append(f"after a {name} it took {max(took_s):.2f} s, and {allowed_s:g} s are allowed")
    promise = f"light, heat and bias are off {SAFE_WITHIN_S:g} s after a session was killed, or was seen to stand still"
    return BenchResult(not failures, promise, {"rounds": rounds, **numbers}, tuple(failures))


def _time_to_safe(rig: Path, control: BenchControl, number: int) -> float:
    """Return after which time all is off; the longest that is waited for if it is not."""
    with (
        tempfile.TemporaryDirectory(prefix="cascadescope-bench-") as folder,
        serving(rig, Path(folder)) as (endpoint, session),
    ):
        session.start(STEPS)
        until(lambda: _sources_on(control) == SOURCES)
        os.kill(endpoint.pid, number)
        try:
            return until(lambda: _sources_on(control) == 0, GIVEN_UP_S)
        except TimeoutError:
            return GIVEN_UP_S


def _sources_on(control: BenchControl) -> int:
    state = control.state()
    return sum(
        bool(is_on)
        for is_on in (
            state["laser"]["output"],
            state["control"]["emission"],
            state["shutter"]["open"],
            state["heater"]["heating"],
            state["spad_array"]["bias"],
        )
    )
