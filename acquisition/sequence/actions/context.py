"""What a step has at hand while it is carried out."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from acquisition.sequence.event_log import EventLog
from acquisition.sequence.rig_check import SequenceRig
from acquisition.sequence.services import Services
from acquisition.sequence.steps import SetTemperature

Asks: TypeAlias = Callable[[str, Sequence[str], float | None, bool], str | None]
"""Takes a question, the choices, a timeout in s of wall time or None, and whether light stays on the sample
meanwhile; returns the choice, or None after the timeout."""

TICK_S = 0.5
"""Longest time between two looks at the instruments."""


class Interrupted(Exception):  # noqa: N818 - not an error
    """The step has to come to an end now; it goes on later, or never."""


@dataclass
class StepContext:
    """The surroundings of one step, the same for each attempt to carry it out.

    Attributes
    ----------
    rig : SequenceRig
        The instruments.
    services : Services
        Recording, analysis, a person.
    log : EventLog
        The journal.
    interrupt : Event
        Set when the step has to come to an end.
    look : callable
        Looks at the instruments, with the present count rate in counts/s or None; may set `interrupt`.
    values : dict
        Newest values of the steps before.
    point : int
        Number of the newest point; 0 if there is none.
    table : int
        Number of the present or newest table of the run; 0 if there is none.
    kept : dict
        What an attempt leaves for the next one after a pause.
    write_down : callable
        Takes name and value of what is kept for an attempt in another process.
    ramps : callable
        Takes what the heater has been set to on its way in a ramp; None if it controls no temperature any more.
    ask : callable
        Asks a person; see `Asks`.
    """

    rig: SequenceRig
    services: Services
    log: EventLog
    interrupt: threading.Event
    look: Callable[[float | None], None]
    values: dict[str, Any]
    point: int
    table: int = 0
    kept: dict[str, Any] = field(default_factory=dict)
    write_down: Callable[[str, Any], None] = lambda name, value: None
    ramps: Callable[[SetTemperature | None], None] = lambda heating: None
    ask: Asks = lambda question, choices, timeout_s, light: None

    def keep(self, name: str, value: Any) -> None:
        """Keep a plain value for the next attempt, also if that is made in another process."""
        self.kept[name] = value
        self.write_down(name, value)

    def check(self) -> None:
        """Raise `Interrupted` if the step has to come to an end."""
        if self.interrupt.is_set():
            raise Interrupted

    def wait(self, duration_s: float) -> None:
        """Wait in the time of the rig, with an eye on the instruments; raises `Interrupted`."""
        clock = self.rig.clock
        end_s = clock.now() + duration_s
        while (left_s := end_s - clock.now()) > 0:
            if clock.wait(self.interrupt, min(TICK_S, left_s)):
                raise Interrupted
            self.look(None)
        self.check()
