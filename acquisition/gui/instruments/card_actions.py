"""What can be done with an instrument as a whole: switching it off, and connecting it anew."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtWidgets import QPushButton

from acquisition.gui.instruments.allowed import Situation
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
        self._after_pause = False
        self._connecting = False
        self.off = QPushButton("Switch off" if role != "shutter" else "Shut")
        if role not in OFF_TIPS:
            self.off.hide()
        self.off.clicked.connect(lambda: desk.commands.do("switch_off", role))
        self.reconnect = QPushButton("Reconnect")
        self.reconnect.clicked.connect(self._ask_to_reconnect)

    def show_situation(self, device: Mapping[str, Any], situation: Situation) -> None:
        """Enable what may be done; connect anew what waited for a pause."""
        self._situation = situation
        _allow(self.off, situation.why_not_off(), OFF_TIPS.get(self._role, ""))
        tip = "Closes the connection and opens it again. The instrument is made safe; the others stay as they are."
        why_not = situation.why_not_reconnect()
        if self._connecting or self._after_pause:
            why_not = "It is just being connected."
        self.reconnect.setText("Connecting …" if self._connecting else "Reconnect")
        _allow(self.reconnect, why_not, tip)
        if self._after_pause and not situation.at_work:
            self._after_pause = False
            self._reconnect()
        elif self._after_pause and situation.state not in ("running", "pausing"):
            self._after_pause = False

    def _ask_to_reconnect(self) -> None:
        if self._situation.at_work:
            question = "A run uses the instruments. It is paused first, without light, and stays paused afterwards."
            self._confirm.ask(question, "Pause and reconnect", self._pause)
        else:
            self._reconnect()

    def _pause(self) -> None:
        self._after_pause = True
        self._desk.commands.do("pause", f"to connect the {self._role.replace('_', ' ')} anew", then=self._paused)

    def _paused(self, done: Any) -> None:
        if done.error is not None:
            self._after_pause = False

    def _reconnect(self) -> None:
        self._connecting = True
        self._desk.commands.do("reconnect", self._role, then=self._reconnected)

    def _reconnected(self, done: Any) -> None:
        self._connecting = False


def _allow(button: QPushButton, why_not: str, tip: str) -> None:
    """Enable a button, or say why it is not."""
    button.setEnabled(not why_not)
    button.setToolTip(why_not or tip)
