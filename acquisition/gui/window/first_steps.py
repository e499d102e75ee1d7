"""Says once how a measurement is made: three clicks."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QToolButton

from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.progress import goes_on
from acquisition.gui.view import Desk, Place, View

_REMEMBERED = "first_steps/seen"


@view(
    "first_steps", "First steps", Place.STRIP, order=90,
    tip="A measurement in three clicks. Closed once, it comes back only by the Help menu.",
)  # fmt: skip
class FirstSteps(View):
    """One line that names the next click, until it is closed."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("first_steps")
        self.text = QLabel()
        self.text.setToolTip(self.tip)
        self.text.setWordWrap(True)
        close = QToolButton()
        close.setText("×")
        close.setToolTip("Close this line; Help > First steps shows it again.")
        close.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 4, 2)
        layout.addWidget(self.text, 1)
        layout.addWidget(close)
        self.setVisible(str(desk.settings.value(_REMEMBERED, "false")) != "true")
        self.restyle()

    def show_said(self, said: Said) -> None:
        """Name the next click."""
        status = said.status or {}
        if goes_on(status):
            text = "First steps: the dot is being measured. The panels show its photons as they come; <b>Pause</b>, "
            text += "<b>Stop</b> and <b>Abort</b> stand above, the emergency stop works at any time."
        elif status.get("outcome") == "completed":
            text = "First steps: the run is complete. <b>3. Open report</b> in the Run panel shows the six states."
        else:
            text = "First steps, in the Run panel: <b>1. Check</b> tries the sequence without touching an instrument, "
            text += "<b>2. Start</b> measures, <b>3. Open report</b> shows what was found."
        if text != self.text.text():
            self.text.setText(text)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        theme = self.desk.theme
        self.setStyleSheet(f"#first_steps {{ background: {theme.panel}; border: 1px solid {theme.accent}; }}")

    def dismiss(self) -> None:
        """Close it, and remember that."""
        self.desk.settings.setValue(_REMEMBERED, "true")
        self.hide()
