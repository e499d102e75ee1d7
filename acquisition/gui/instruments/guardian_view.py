"""Always visible: whether somebody would make everything safe, and whether the interlocks are well."""

from qtpy.QtWidgets import QHBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.instruments.interlock_words import GUARDIAN_TIPS, TIP, guardian_sign, interlocks_sign
from acquisition.gui.instruments.signs import SignLabel
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View


@view("guardian", "Guardian", Place.HEAD, order=20, tip="Who makes everything safe if the session dies; interlocks.")
class GuardianView(View):
    """Two parts of a line, in words and colour."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.guardian, self.interlocks = SignLabel(desk.theme), SignLabel(desk.theme)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 8, 2)
        row.setSpacing(14)
        for label in (self.guardian, self.interlocks):
            label.setWordWrap(False)
            row.addWidget(label)
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
