"""The instruments of the rig at the left of the window, a card for each."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.forms.scroll_column import ScrollColumn
from acquisition.gui.instruments.allowed import Situation, situation_of
from acquisition.gui.instruments.card import Card
from acquisition.gui.instruments.card_actions import OFF_WAITS
from acquisition.gui.instruments.signs import SignLabel
from acquisition.gui.instruments.words import TITLES, Level, Sign
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View

ALL_OFF = "Switch all off"
ALL_OFF_TIP = "Laser and heating off, shutter shut, bias and EM gain off; instruments stay connected."


@view(
    "instruments", "Instruments", Place.SIDE, order=20,
    tip="Each instrument: what it does, what was set, what it reads back, and what is wrong.",
)  # fmt: skip
class InstrumentsView(View):
    """A card per instrument."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.cards: dict[str, Card] = {}
        self._devices: tuple[Mapping[str, Any], ...] | None = None
        self._situation: Situation | None = None
        self.problem = SignLabel(desk.theme)
        self._ending = False
        self.all_off = QPushButton(ALL_OFF)
        self.all_off.clicked.connect(self._switch_all_off)
        top = QHBoxLayout()
        top.setContentsMargins(4, 4, 4, 0)
        top.addStretch(1)
        top.addWidget(self.all_off)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(4, 0, 4, 4)
        self._column.setSpacing(4)
        self._column.addWidget(self.problem)
        self._column.addStretch(1)
        self.area = ScrollColumn(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self.area)

    def show_said(self, said: Said) -> None:
        """Bring the cards to what is known."""
        self.problem.say(_problem(said))
        situation = situation_of(said.status, in_control=self.desk.in_control)
        for card in self.cards.values():
            card.confirm.look()
        if said.devices is self._devices and situation == self._situation:
            return
        new = said.devices is not self._devices
        self._devices, self._situation = said.devices, situation
        self._look()
        before = len(self.cards)
        for device in said.devices or ():
            card = self._card(str(device["role"]))
            card.show_device(device if new else card.device, situation)
        here = {str(device["role"]) for device in said.devices or ()}
        for role, card in self.cards.items():
            card.setVisible(role in here)
        self.area.updateGeometry()
        if len(self.cards) > before:
            self.area.settle()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.problem.restyle(self.desk.theme)
        for card in self.cards.values():
            card.restyle()

    def _look(self) -> None:
        situation = Situation() if self._situation is None else self._situation
        why_not = OFF_WAITS if self._ending else situation.why_not_off()
        self.all_off.setText(f"{ALL_OFF} …" if self._ending else ALL_OFF)
        self.all_off.setEnabled(not why_not)
        self.all_off.setToolTip(why_not or ALL_OFF_TIP)

    def _switch_all_off(self) -> None:
        self._ending = True
        self.desk.commands.do("switch_off", then=self._all_switched_off)
        self._look()

    def _all_switched_off(self, done: Done) -> None:
        self._ending = False
        self._look()

    def _card(self, role: str) -> Card:
        if role not in self.cards:
            card = self.cards[role] = Card(self.desk, role)
            before = 1 + sum(_rank(each) < _rank(role) for each in self.cards)
            self._column.insertWidget(before, card)
        return self.cards[role]


def _rank(role: str) -> tuple[int, str]:
    """Return where a card stands: the known roles in their order, then the others by name."""
    known = list(TITLES)
    return (known.index(role) if role in known else len(known), role)


def _problem(said: Said) -> Sign:
    """Return why the instruments are not known; empty if they are."""
    if reason := said.problems.get("devices"):
        older = "" if said.devices is None else " What is shown is what was known last."
        return Sign(f"✗ The instruments cannot be asked: {reason}{older}", Level.BAD)
    return Sign("Asking the instruments …", Level.FAINT) if said.devices is None else Sign("")
