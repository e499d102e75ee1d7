"""What the run does, how far it is and how long it still takes: in the bar that is always visible."""

from qtpy.QtCore import Qt
from qtpy.QtGui import QFont
from qtpy.QtWidgets import QProgressBar, QVBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.progress import progress_of, time_left
from acquisition.gui.view import Desk, Place, View
from acquisition.gui.window.banner import clock_simulated
from acquisition.gui.window.elided import ElidedLabel

_STEPS = 1000


@view(
    "state", "State", Place.TOP, order=0,
    tip="What the run does now. The bar is the share of its acquisitions and soaks that is done.",
)  # fmt: skip
class StateView(View):
    """State and step in words, and a progress bar with the time left."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.text = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setToolTip(self.tip)
        font = QFont()
        font.setBold(True)
        self.text.setFont(font)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.text)
        layout.addWidget(self.bar)
        self.text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show_said(self, said: Said) -> None:
        """Show the state of the run."""
        text, fraction, left_s = progress_of(said.status)
        self.text.setText(text)
        self.bar.setTextVisible(fraction is not None or left_s is not None)
        self.bar.setValue(round(_STEPS * (fraction or 0.0)))
        share = "" if fraction is None else f"{100 * fraction:.0f} %"
        clock = " of simulated time" if left_s is not None and clock_simulated(said.devices, said.status) else ""
        self.bar.setFormat(", ".join(part for part in (share, f"{time_left(left_s)}{clock}") if part))
