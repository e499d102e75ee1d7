"""Takes control for the window at its start, and sees who has it from then on."""

import time
from pathlib import Path

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.view import Desk

PATIENCE_S = 5.0
"""Time after which control is asked for again if that has failed."""


class Control:
    """Knows whether the window is in control.

    Parameters
    ----------
    desk : Desk
        Of the window; its `in_control` is kept right.
    watch : bool
        Whether it does not ask for control by itself.
    """

    def __init__(self, desk: Desk, *, watch: bool) -> None:
        self._desk = desk
        self._wants = not watch
        self._asked = False
        self._not_before_s = 0.0
        self._mine = self._broken = False
        desk.in_control = False

    def see(self, said: Said) -> None:
        """Take note of who is in control; ask for it at the start, and after a connection that was lost."""
        self._broken |= "status" in said.problems or "control" in said.problems
        if said.control is None or "control" in said.problems:
            return
        mine, holder = bool(said.control.get("mine")), said.control.get("in_control")
        if mine:
            self._wants, self._broken, self._asked = True, False, False
        elif holder is not None and self._wants and not self._asked:
            self._wants = False
            self._desk.diary.warn(f"{holder} is in control; this window looks on")
        elif self._mine and not self._broken:
            self._wants = False  # given up here
        self._mine = self._desk.in_control = mine
        if self._wants and not mine and not self._asked and time.monotonic() >= self._not_before_s:
            self._asked = True
            self._desk.commands.do("take_control", then=self._answered)

    def _answered(self, done: Done) -> None:
        if done.error is not None:
            self._asked, self._not_before_s = False, time.monotonic() + PATIENCE_S

    def title(self, said: Said) -> str:
        """Return the title of the window: rig and who is in control."""
        rig = Path(self._desk.rig).stem
        if said.control is None:
            return f"{rig} – cascadescope"
        holder = said.control.get("in_control")
        state = "in control" if self._mine else f"watching, {holder or 'nobody'} is in control"
        return f"{rig} ({state}) – cascadescope"
