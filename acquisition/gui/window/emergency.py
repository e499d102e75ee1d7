"""The emergency stop: large, always visible, and on a key."""

import time
from collections.abc import Iterable

from qtpy.QtCore import QSize, Qt, QTimer
from qtpy.QtGui import QFont
from qtpy.QtWidgets import QHBoxLayout, QPushButton

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View
from acquisition.rig import NotSafeError

KEY = "F12"

PATIENCE_S = 2.0
"""Time after which a person must know that the stop is not confirmed."""

_NAME = f"EMERGENCY STOP  {KEY}"
_NO_ANSWER = "NO ANSWER, {:.0f} s\nSWITCH OFF BY HAND"
_LOOK_MS = 200
_UNANSWERED = (
    "EMERGENCY STOP: not answered yet. Whether light and heat are off is not known: if they must be off now, switch "
    "them off at the instruments"
)


@view(
    "emergency", "Emergency stop", Place.TOP, order=1000,
    tip=f"Light off, shutter shut, heater off, gain and bias down, at once and whoever is in control. Key: {KEY}.",
)  # fmt: skip
class EmergencyView(View):
    """One large button."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.button = QPushButton(_NAME)
        self.button.setToolTip(self.tip)
        self.button.setAccessibleName(f"Emergency stop, key {KEY}")
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # space, pressed for something else, must not stop
        self.button.clicked.connect(self.stop)
        self._roles: tuple[str, ...] = ()
        self._asked_s: float | None = None
        self._warned = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        self.restyle()

    def stop(self) -> None:
        """Ask for it; asking twice does no harm."""
        self.desk.commands.do("emergency_stop", then=self._tell)
        if self._asked_s is None:
            self._asked_s, self._warned = time.monotonic(), False
            self.button.setText("Stopping …")
            self._timer.start(_LOOK_MS)

    def show_said(self, said: Said) -> None:
        """Remember which instruments there are."""
        if said.devices is not None:
            self._roles = tuple(str(device.get("role", "?")) for device in said.devices)

    def restyle(self) -> None:
        """Take the colours of the theme; the button is filled, others are not."""
        theme = self.desk.theme
        font = QFont()
        font.setBold(True)
        self.button.setFont(font)
        ground, letters = theme.stop
        self.button.setStyleSheet(
            f"QPushButton {{ color: {letters}; background: {ground}; border: 3px double {letters};"
            f" border-radius: 6px; padding: 2px 12px; }}"
            f"QPushButton:pressed {{ background: {letters}; color: {ground}; }}"
        )
        said = self.button.text()
        self.button.setText(_NO_ANSWER.format(999))  # its place is always there: nothing is cut, and nothing moves
        height = round(2.4 * self.fontMetrics().height())
        self.button.setMinimumSize(self.button.sizeHint().expandedTo(QSize(0, height)))
        self.button.setText(said)

    def _look(self) -> None:
        """Say loudly that there is no answer; the timer is this view's own, whatever else of the window hangs."""
        waited_s = 0.0 if self._asked_s is None else time.monotonic() - self._asked_s
        if waited_s < PATIENCE_S:
            return
        self.button.setText(_NO_ANSWER.format(waited_s))
        if not self._warned:
            self._warned = True
            self.desk.diary.error(_UNANSWERED)

    def _tell(self, done: Done) -> None:
        """Say what came of it, however late."""
        self._timer.stop()
        self._asked_s = None
        self.button.setText(_NAME)
        say = self.desk.diary.note if done.error is None else self.desk.diary.error
        say(outcome_of(done, self._roles))


def outcome_of(done: Done, roles: Iterable[str]) -> str:
    """Return what an emergency stop has done, in words."""
    named = ", ".join(roles)
    if done.error is None:
        return f"emergency stop: all instruments are safe{f' ({named})' if named else ''}"
    if isinstance(done.error, NotSafeError):
        return f"EMERGENCY STOP: NOT SAFE: {done.error}"
    return f"EMERGENCY STOP: nothing is known of the instruments; switch light and heat off by hand. {done.error}"
