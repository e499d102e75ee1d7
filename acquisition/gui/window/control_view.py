"""Who is in control: this window, another program, or nobody; and the button that changes it."""

from qtpy.QtWidgets import QHBoxLayout, QPushButton

from acquisition.gui.client.feed import Said
from acquisition.gui.dialogs import Answer, ask
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View


@view(
    "control", "Control", Place.TOP, order=900,
    tip="One program at a time may change something; the others look on, abort and stop in emergency.",
)  # fmt: skip
class ControlView(View):
    """A button that says who is in control, and takes control or gives it up."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.button = QPushButton("Take control")
        self.button.clicked.connect(self.change)
        self._holder: str | None = None
        self._mine = False
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)

    def show_said(self, said: Said) -> None:
        """Show who is in control."""
        if said.control is None:
            return
        self._holder, self._mine = said.control.get("in_control"), bool(said.control.get("mine"))
        self.button.setText("Watch only" if self._mine else "Take control")
        who = "This window is in control." if self._mine else f"In control: {self._holder or 'nobody'}."
        what = "Give control up and look on." if self._mine else "Take control, to be able to change something."
        self.button.setToolTip(f"{who} {what} {self.tip}")

    def change(self) -> None:
        """Take control, or give it up."""
        if self._mine:
            self.desk.commands.do("release_control")
        elif self._holder is None:
            self.desk.commands.do("take_control")
        else:
            text = f"{self._holder} is in control.\nTaking control leaves it only looking on; a run goes on as it is."
            take = Answer("Take control", lambda: self.desk.commands.do("take_control", force=True))
            ask(self.window(), "Take control", text, [take])
