"""The emergency stop: large, always visible, and on a key."""

from collections.abc import Iterable

from qtpy.QtCore import Qt
from qtpy.QtGui import QFont, QKeySequence, QShortcut
from qtpy.QtWidgets import QHBoxLayout, QPushButton

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View
from acquisition.rig import NotSafeError

KEY = "F12"


@view(
    "emergency", "Emergency stop", Place.TOP, order=1000,
    tip=f"Light off, shutter shut, heater off, gain and bias down, at once and whoever is in control. Key: {KEY}.",
)  # fmt: skip
class EmergencyView(View):
    """One large button."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.button = QPushButton(f"EMERGENCY STOP  {KEY}")
        self.button.setToolTip(self.tip)
        self.button.setAccessibleName(f"Emergency stop, key {KEY}")
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # space, pressed for something else, must not stop
        self.button.clicked.connect(self.stop)
        self._key = QShortcut(QKeySequence(KEY), self)
        self._key.setContext(Qt.ShortcutContext.ApplicationShortcut)
        self._key.activated.connect(self.stop)
        self._roles: tuple[str, ...] = ()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        self.restyle()

    def stop(self) -> None:
        """Ask for it; asking twice does no harm."""
        self.button.setText("Stopping …")
        self.desk.commands.do("emergency_stop", then=self._tell)

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
        height = round(2.4 * self.fontMetrics().height())
        self.button.setMinimumHeight(height)
        ground, letters = theme.stop
        self.button.setStyleSheet(
            f"QPushButton {{ color: {letters}; background: {ground}; border: 3px double {letters};"
            f" border-radius: 6px; padding: 2px 12px; }}"
            f"QPushButton:pressed {{ background: {letters}; color: {ground}; }}"
        )

    def _tell(self, done: Done) -> None:
        self.button.setText(f"EMERGENCY STOP  {KEY}")
        self.desk.diary.warn(outcome_of(done, self._roles))


def outcome_of(done: Done, roles: Iterable[str]) -> str:
    """Return what an emergency stop has done, in words."""
    named = ", ".join(roles)
    if done.error is None:
        return f"emergency stop: all instruments are safe{f' ({named})' if named else ''}"
    if isinstance(done.error, NotSafeError):
        return f"EMERGENCY STOP: NOT SAFE: {done.error}"
    return f"EMERGENCY STOP: nothing is known of the instruments; switch light and heat off by hand. {done.error}"
