"""What may be done with an instrument by hand in the present state, and why not otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.progress import goes_on
from acquisition.sequence import SWITCHED_OFF_BY_HAND

SEQUENCE_RUNS = "A run goes on: its sequence sets the instruments. Stop or abort it to set them by hand."
NO_ANSWER = "It does not answer: look at power and cable, then press Reconnect."
NOT_KNOWN = "The session has not answered yet."

LIGHT: Mapping[str, str] = {"laser": "emission", "shutter": "open"}
"""The setting that lets light through, by role: what takes it off waits for nothing else."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a card has to know of the session; equal as long as nothing of that changes.

    Attributes
    ----------
    known : bool
        Whether the session has answered.
    in_control : bool
        Whether the window may change anything.
    mode : str or None
        What goes on: ``alignment``, ``sequence`` or None.
    state : str
        Of the session.
    lost_roles : frozenset of str
        Of the instruments whose connection is lost.
    asks : bool
        Whether a person is asked to do something by hand.
    ends : int
        How often all was told to end, by whomever.
    """

    known: bool = False
    in_control: bool = False
    mode: str | None = None
    state: str = ""
    lost_roles: frozenset[str] = frozenset()
    asks: bool = False
    ends: int = 0

    @property
    def at_work(self) -> bool:
        """Whether a run is using the instruments, rather than resting."""
        return self.mode is not None and self.state != "paused"

    def lost(self, role: str) -> bool:
        """Whether the connection to an instrument is lost."""
        return role in self.lost_roles

    def why_not_set(self, device: Mapping[str, Any]) -> str:
        """Return why nothing of an instrument can be set; empty if it can."""
        if not self.known:
            return NOT_KNOWN
        if not self.in_control:
            return LOOKS_ON
        if self.mode == "sequence":
            return SEQUENCE_RUNS
        if device.get("problem") or device.get("connected") is False or self.lost(str(device.get("role"))):
            return NO_ANSWER
        return ""

    def why_not_off(self, role: str | None = None) -> str:
        """Return why an instrument, or all without `role`, cannot be switched off; empty if it can."""
        if not self.known:
            return NOT_KNOWN
        if not self.in_control:
            return f"{LOOKS_ON} The emergency stop always works."
        if self.mode == "alignment" and role not in SWITCHED_OFF_BY_HAND:
            return "An alignment goes on: stop it first, or use the emergency stop."
        if self.mode == "sequence":
            return "A run goes on: pause, abort or stop it, or use the emergency stop."
        return ""

    def why_not_reconnect(self) -> str:
        """Return why nothing can be connected anew; empty if it can, perhaps after a pause."""
        if not self.known:
            return NOT_KNOWN
        if not self.in_control:
            return LOOKS_ON
        if self.at_work and self.state != "running":
            return f"The run is just {self.state}; wait for it."
        return ""


def situation_of(status: Mapping[str, Any] | None, *, in_control: bool) -> Situation:
    """Return what a card has to know of `status`, as of `Session.status`, None before the first answer."""
    if status is None:
        return Situation(in_control=in_control)
    mode = str(status.get("mode") or "sequence") if goes_on(status) else None
    lost, asks = frozenset(status.get("lost") or ()), status.get("question") is not None
    ends = int(status.get("ends") or 0)
    return Situation(True, in_control, mode, str(status.get("state", "")), lost, asks, ends)
