"""Always visible: whether somebody would make everything safe, and whether the interlocks are well."""

from qtpy.QtWidgets import QVBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.instruments.interlock_words import GUARDIAN_TIPS, TIP, guardian_sign, interlocks_sign
from acquisition.gui.instruments.signs import SignLabel
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View


@view("guardian", "Guardian", Place.TOP, order=60, tip="Who makes everything safe if the session dies; interlocks.")
class GuardianView(View):
    """Two lines, in words and colour."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.guardian, self.interlocks = SignLabel(desk.theme), SignLabel(desk.theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.setSpacing(0)
        for label in (self.guardian, self.interlocks):
            label.setWordWrap(False)
            column.addWidget(label)
        self.interlocks.setToolTip(TIP)
        self.show_said(Said())

    def show_said(self, said: Said) -> None:
        """Show the newest."""
        guardian = None if said.status is None else said.status.get("guardian")
        self.guardian.say(guardian_sign(guardian))
        self.guardian.setToolTip(GUARDIAN_TIPS.get(guardian, GUARDIAN_TIPS[None]))
        self.interlocks.say(interlocks_sign(None if said.status is None else said.status.get("interlocks") or ()))

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for label in (self.guardian, self.interlocks):
            label.restyle(self.desk.theme)
