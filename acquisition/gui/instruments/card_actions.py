"""What can be done with an instrument as a whole: switching it off, and connecting it anew."""

import time
from collections.abc import Callable, Mapping
from functools import partial

from qtpy.QtWidgets import QPushButton

from acquisition.gui.client.commands import Done
from acquisition.gui.instruments.allowed import LIGHT, Situation
from acquisition.gui.instruments.confirm import Confirm
from acquisition.gui.view import Desk

OFF_TIPS: Mapping[str, str] = {
    "laser": "No pulses leave the laser any more.",
    "shutter": "No laser light passes to the sample any more.",
    "heater": "The substrate is heated no more and cools by itself.",
    "spad_array": "Takes the bias off the diodes: it counts nothing, and room light does it no harm.",
    "camera": "Ends an exposure, takes the EM gain to its minimum and shuts its shutter; the cooler stays on.",
}
"""What switching off means, by role; others are no source of light, heat or gain."""

RECONNECT_TIP = "Closes the connection and opens it again. The instrument is made safe; the others stay as they are."

OFF_WAITS = "It is being switched off. The emergency stop works at any time."

PAUSE_TIMEOUT_S = 60.0
"""Longest wait for a pause that is asked for before an instrument is connected anew, in s."""


class CardActions:
    """The buttons of a card.

    Parameters
    ----------
    desk : Desk
        Shared with the window.
    role : str
        Of the instrument.
    confirm : Confirm
        Where the card asks.
    """

    def __init__(self, desk: Desk, role: str, confirm: Confirm) -> None:
        self._desk, self._role, self._confirm = desk, role, confirm
        self._situation = Situation()
        self._pause_until_s: float | None = None
        self._connecting = self._ending = False
        self.off = QPushButton(self._off_text)
        if role not in OFF_TIPS:
            self.off.hide()
        self.off.clicked.connect(lambda: self.switch_off())
        self.reconnect = QPushButton("Reconnect")
        self.reconnect.clicked.connect(self._ask_to_reconnect)

    def show_situation(self, situation: Situation) -> None:
        """Enable what may be done; connect anew what waited for a pause."""
        self._situation = situation
        if self._pause_until_s is not None:
            self._go_on()
        self._look()

    def _look(self) -> None:
        why_not_off = OFF_WAITS if self._ending else self._situation.why_not_off(self._role)
        self.off.setText(f"{self._off_text} …" if self._ending else self._off_text)
        _allow(self.off, why_not_off, OFF_TIPS.get(self._role, ""))
        waits = self._connecting or self._pause_until_s is not None
        why_not = "It is just being connected." if waits else self._situation.why_not_reconnect()
        self.reconnect.setText("Connecting …" if waits else "Reconnect")
        _allow(self.reconnect, why_not, RECONNECT_TIP)

    def switch_off(self, then: Callable[[Done], None] | None = None) -> None:
        """Make the instrument safe without waiting for what else is asked for; `then` is told what came of it.

        Light that cannot be switched off by itself in an alignment is taken off by a pause.
        """
        self._ending = True
        self._desk.commands.do("switch_off", self._role, then=partial(self._switched_off, then))
        self._look()

    def _switched_off(self, then: Callable[[Done], None] | None, done: Done) -> None:
        self._ending = False
        if done.error is not None and self._situation.mode == "alignment" and self._role in LIGHT:
            self._desk.commands.do("pause", f"the {self._role} could not be switched off by itself")
        self._look()
        if then is not None:
            then(done)

    @property
    def _off_text(self) -> str:
        return "Shut" if self._role == "shutter" else "Switch off"

    def _ask_to_reconnect(self) -> None:
        if self._situation.at_work:
            question = "A run uses the instruments. It is paused first, without light, and stays paused afterwards."
            self._confirm.ask(question, "Pause and reconnect", self._pause)
        else:
            self._reconnect()

    def _pause(self) -> None:
        self._pause_until_s = time.monotonic() + PAUSE_TIMEOUT_S
        self._desk.commands.do("pause", f"to connect the {self._role.replace('_', ' ')} anew", then=self._paused)
        self._look()

    def _paused(self, done: Done) -> None:
        if done.error is not None:
            self._pause_until_s = None
        self._look()

    def _go_on(self) -> None:
        """Connect once the run rests; give it up if it ends otherwise, or takes too long."""
        late = self._pause_until_s is not None and time.monotonic() > self._pause_until_s
        if not late and self._situation.at_work and self._situation.state in ("running", "pausing"):
            return
        self._pause_until_s = None
        if not late and not self._situation.at_work:
            self._reconnect()

    def _reconnect(self) -> None:
        self._connecting = True
        self._desk.commands.do("reconnect", self._role, then=self._reconnected)
        self._look()

    def _reconnected(self, done: Done) -> None:
        self._connecting = False
        self._look()


def _allow(button: QPushButton, why_not: str, tip: str) -> None:
    """Enable a button, or say why it is not."""
    button.setEnabled(not why_not)
    button.setToolTip(why_not or tip)
