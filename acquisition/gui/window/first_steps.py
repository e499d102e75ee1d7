"""Says once how a measurement is made: three clicks."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QToolButton

from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.progress import goes_on
from acquisition.gui.view import Desk, Place, View
from acquisition.gui.window.elided import ElidedLabel

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
        self.text = ElidedLabel()
        close = QToolButton()
        close.setText("×")
        close.setToolTip("Close this line; Help > First steps shows it again.")
        close.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 4, 0)
        layout.addWidget(self.text, 1)
        layout.addWidget(close)
        self._ran = False
        self.setVisible(self._wanted)
        self.restyle()

    def show_said(self, said: Said) -> None:
        """Name the next click."""
        status = said.status or {}
        runs = goes_on(status)
        if runs is not self._ran:  # the panels of a measurement need the room
            self._ran = runs
            self.setVisible(self._wanted and not runs)
        if status.get("outcome") == "completed":
            text = "First steps: the run is complete. 3. Open report, in the Run panel, shows the six states."
        else:
            text = "First steps, in the Run panel at the left: 1. Check   2. Start   3. Open report"
        self.text.setText(text)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        theme = self.desk.theme
        self.setStyleSheet(f"#first_steps {{ background: {theme.panel}; border: 1px solid {theme.accent}; }}")

    @property
    def _wanted(self) -> bool:
        return str(self.desk.settings.value(_REMEMBERED, "false")) != "true"

    def dismiss(self) -> None:
        """Close it, and remember that."""
        self.desk.settings.setValue(_REMEMBERED, "true")
        self.hide()
