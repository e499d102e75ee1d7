"""Beginning and ending an alignment, and the light on the sample."""

from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtWidgets import QCheckBox, QGridLayout, QGroupBox, QLabel, QPushButton

from acquisition.gui.align.laser_fields import LaserFields
from acquisition.gui.align.tone import is_possible
from acquisition.gui.client.commands import Done
from acquisition.gui.view import Desk

END_TIMEOUT_S = 30.0

_LIT = {True: "light is ON the sample", False: "no light on the sample", None: "not known whether light is on"}


class LightBox(QGroupBox):
    """Start, next dot, end; light on and off; tone; peak reset.

    Parameters
    ----------
    desk : Desk
        By which a click reaches the session.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__("Alignment")
        self._desk = desk
        self._aligning = False
        self._pending = 0
        self._roles: frozenset[str] = frozenset()
        self.start = QPushButton("Start alignment")
        self.start.setToolTip(
            "Show the photons of the array without recording them, until you end it. The light stays as it is: switch "
            "it on below."
        )
        self.next_dot = QPushButton("Next dot")
        self.next_dot.setToolTip("End this alignment and begin one for the next dot: its dose counts from zero.")
        self.light_on, self.light_off = QPushButton("Light on"), QPushButton("Light off")
        self.light_on.setToolTip(
            "Switch the laser on, then open the shutter: light falls on the sample and bleaches it."
        )
        self.light_off.setToolTip(
            "Shut the shutter and switch the laser off, at once: also while a scan or a test goes on, which it ends."
        )
        self.reset_peak = QPushButton("Reset peak")
        self.reset_peak.setToolTip("Forget the highest count rate (key: Space).")
        self.settings = LaserFields(desk)
        self.tone: QCheckBox | None = None
        self.light_said = QLabel("")
        self.light_said.setWordWrap(True)
        layout = QGridLayout(self)
        layout.addWidget(self.start, 0, 0)
        layout.addWidget(self.next_dot, 0, 1)
        layout.addWidget(self.light_on, 1, 0)
        layout.addWidget(self.light_off, 1, 1)
        layout.addWidget(self.light_said, 2, 0)
        layout.addWidget(self.reset_peak, 2, 1)
        layout.addWidget(self.settings, 3, 0, 1, 2)
        if is_possible():
            self.tone = QCheckBox("Tone follows the count rate")
            self.tone.setToolTip("Higher means more light: the top of four octaves is the peak.")
            layout.addWidget(self.tone, 4, 0, 1, 2)
        self.start.clicked.connect(self._start_or_end)
        self.next_dot.clicked.connect(self._next_dot)
        self.light_on.clicked.connect(self._let_there_be_light)
        self.light_off.clicked.connect(self._darken)

    def show_state(self, status: Mapping[str, Any], devices: tuple[Mapping[str, Any], ...]) -> None:
        """Show whether an alignment goes on and light falls on the sample."""
        going_on = status.get("run") is not None and status.get("outcome") is None
        self._aligning = going_on and status.get("mode") == "alignment"
        self._roles = frozenset(str(device["role"]) for device in devices)
        self.start.setText("End alignment" if self._aligning else "Start alignment")
        mine = self._desk.in_control
        self.start.setEnabled(mine and (self._aligning or not (going_on or self._pending)))
        self.next_dot.setEnabled(mine and not self._pending and self._aligning)
        self.light_on.setEnabled(mine and self._aligning and status.get("state") == "running")
        self.light_off.setEnabled(mine and self._aligning)
        self.light_said.setText(light_words(devices))
        self.settings.show_state(devices, usable=mine and self._aligning and status.get("state") == "running")

    def _start_or_end(self) -> None:
        self._ask("stop" if self._aligning else "start_alignment")

    def _next_dot(self) -> None:
        self._ask("stop", then=lambda: self._ask("wait", END_TIMEOUT_S, then=lambda: self._ask("start_alignment")))

    def _ask(self, method: str, *arguments: Any, then: Callable[[], None] | None = None) -> None:
        """Ask for a verb and, if it was done, for the next; the buttons wait for the end of all."""
        self._pending += 1
        self._desk.commands.do(method, *arguments, then=lambda done: self._asked(done, then))

    def _asked(self, done: Done, then: Callable[[], None] | None) -> None:
        self._pending -= 1
        if done.error is None and then is not None:
            then()

    def _let_there_be_light(self) -> None:
        """Ask for the laser first and the shutter last: one that fails leaves the sample dark."""
        steps: list[dict[str, Any]] = [{"kind": "set_laser", "emission": True}] if "laser" in self._roles else []
        if "shutter" in self._roles:
            steps.append({"kind": "set_shutter", "open": True})
        self._carry_out(steps)

    def _darken(self) -> None:
        """Ask both for darkness, whatever the other does."""
        for role in ("shutter", "laser"):
            if role in self._roles:
                self._desk.commands.do("switch_off", role)

    def _carry_out(self, steps: list[dict[str, Any]]) -> None:
        """Ask for one step after the other; one that fails ends it."""
        if steps:
            first, *others = steps
            self._desk.commands.do("do_step", first, then=lambda done: None if done.error else self._carry_out(others))


def light_words(devices: tuple[Mapping[str, Any], ...]) -> str:
    """Return whether light falls on the sample, in words; also if the laser emits with no intensity."""
    lit = light_on_sample(devices)
    laser = next((device for device in devices if device["role"] == "laser"), {})
    said = {**(laser.get("settings") or {}), **(laser.get("readings") or {})}
    if lit and said.get("intensity_percent") == 0:
        return "the laser is on at 0 %: no light"
    return _LIT[lit]


def light_on_sample(devices: tuple[Mapping[str, Any], ...]) -> bool | None:
    """Return whether the laser emits and the shutter, if there is one, is open; None if that is not known."""
    by_role = {str(device["role"]): device for device in devices}
    emission = by_role.get("laser", {}).get("emission")
    if emission is None:
        return None
    shutter = by_role.get("shutter")
    if shutter is None:
        return bool(emission)
    said = {**(shutter.get("settings") or {}), **(shutter.get("readings") or {})}
    is_open = said.get("open")
    return None if is_open is None and emission else bool(emission and is_open)
