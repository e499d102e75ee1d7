"""`cascadescope simulate`: instruments that are simulated at the addresses of a rig file, until Ctrl-C."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from pathlib import Path

from rich.console import Console
from rich.table import Table

from acquisition.cli.exit_status import SUCCESS
from acquisition.cli.terminal import complain, console
from acquisition.config import ConfigError, ConfigProblem
from acquisition.rig.simulated_world import SimulatedWorld, fault_catalogue
from acquisition.storage import write_json

POLL_S = 0.3
READY = "ready"
"""First word of the line that says that all simulators answer."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """What shall break, in how many seconds, and how."""

    name: str
    after_s: float
    parameters: dict[str, float]


def simulate(rig: str, faults: Sequence[str], seed: int | None, sample: str | None, truth: str | None) -> int:
    """Simulate the instruments of a rig until the program is told to end; returns the exit status.

    Raises
    ------
    ConfigError
        If a file, a fault or an address cannot be used.
    """
    planned = [planned_fault(text) for text in faults]
    if truth is not None and not Path(truth).absolute().parent.is_dir():
        raise ConfigError(truth, ConfigProblem("its folder does not exist; make it first"))
    screen = console()
    with SimulatedWorld(rig, seed=seed, sample=sample) as world:
        try:
            world.start()
            for fault in planned:
                world.begin_fault(fault.name, fault.after_s, fault.parameters)
            _say_where(world, rig, planned, screen)
            while True:
                for name in world.newly_begun_faults():
                    screen.print(f"{datetime.now():%H:%M:%S} {name} begins", markup=False)
                    screen.file.flush()
                threading.Event().wait(POLL_S)
        except KeyboardInterrupt:
            complain("the simulated instruments end")
        if truth is not None:
            write_json(Path(truth), world.truth())
            screen.print(f"truth: {truth}", markup=False)
    return SUCCESS


def show_faults() -> int:
    """Print what can go wrong; returns the exit status."""
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("fault", no_wrap=True)  # to be typed
    for heading in ("device", "what happens", "parameters"):
        table.add_column(heading, overflow="fold")
    for fault in fault_catalogue():
        parameters = ", ".join(f"{name}={value:g}" for name, value in fault["parameters"].items())
        table.add_row(fault["name"], fault["device"], fault["happens"], parameters)
    console().print(table)
    return SUCCESS


def planned_fault(text: str) -> PlannedFault:
    """Read ``NAME[@AFTER][,KEY=VALUE]...``, with AFTER in seconds.

    Raises
    ------
    ConfigError
        If it is none.
    """
    what, *settings = text.split(",")
    name, at, after = what.partition("@")
    parameters = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise _no_fault(text, f"{setting!r} is no KEY=VALUE")
        parameters[key.strip()] = _number(text, value)
    after_s = _number(text, after.strip().removesuffix("s")) if at else 0.0
    if after_s < 0:
        raise _no_fault(text, "a fault cannot begin in the past")
    return PlannedFault(name.strip(), after_s, parameters)


def _number(text: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        raise _no_fault(text, f"{value!r} is no number") from None
    if not isfinite(number):
        raise _no_fault(text, f"{value!r} is not finite")
    return number


def _no_fault(text: str, why: str) -> ConfigError:
    example = "spad_fifo_overflow@5,lost_s=0.02"
    return ConfigError(f"--fault {text}", ConfigProblem(f"{why}; write NAME[@SECONDS][,KEY=VALUE], such as {example}"))


def _say_where(world: SimulatedWorld, rig: str, planned: Sequence[PlannedFault], screen: Console) -> None:
    screen.print("SIMULATED INSTRUMENTS: no hardware is involved", style="bold yellow")
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("role")
    table.add_column("address", overflow="fold")
    for instrument in world.instruments():
        table.add_row(instrument["role"], instrument["address"])
    screen.print(table)
    for fault in planned:
        screen.print(f"{fault.name} begins {fault.after_s:g} s after the instruments answer", markup=False)
    screen.print("what is true of the sample: `--truth FILE` writes it at the end; runs cannot know it", markup=False)
    screen.print(f"{READY}: `--rig {rig}` finds them from another terminal; Ctrl-C ends them", markup=False)
    screen.file.flush()
