"""Beginning and ending an alignment, and the light on the sample."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtWidgets import QCheckBox, QGridLayout, QGroupBox, QLabel, QPushButton

from acquisition.gui.align.tone import is_possible
from acquisition.gui.view import Desk

END_TIMEOUT_S = 30.0


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
        self._roles: frozenset[str] = frozenset()
        self.start = QPushButton("Start alignment")
        self.start.setToolTip(
            "Show the photons of the array without recording them, until you end it. The light stays as it is: switch "
            "it on below."
        )
        self.next_dot = QPushButton("Next dot")
        self.next_dot.setToolTip("End this alignment and begin one for the next dot: its dose counts from zero.")
        self.light = QPushButton("Light on the sample")
        self.light.setCheckable(True)
        self.light.setToolTip(
            "Laser and shutter: on lets light fall on the sample, which bleaches it; off blocks it. Shown as it was "
            "read back from the instruments."
        )
        self.reset_peak = QPushButton("Reset peak")
        self.reset_peak.setToolTip("Forget the highest count rate (key: Space).")
        self.tone: QCheckBox | None = None
        self.light_said = QLabel("")
        self.light_said.setWordWrap(True)
        layout = QGridLayout(self)
        layout.addWidget(self.start, 0, 0)
        layout.addWidget(self.next_dot, 0, 1)
        layout.addWidget(self.light, 1, 0)
        layout.addWidget(self.reset_peak, 1, 1)
        layout.addWidget(self.light_said, 2, 0, 1, 2)
        if is_possible():
            self.tone = QCheckBox("Tone follows the count rate")
            self.tone.setToolTip("Higher means more light: the top of four octaves is the peak.")
            layout.addWidget(self.tone, 3, 0, 1, 2)
        self.start.clicked.connect(self._start_or_end)
        self.next_dot.clicked.connect(self._next_dot)
        self.light.clicked.connect(self._switch_light)

    def show_state(self, status: Mapping[str, Any], devices: tuple[Mapping[str, Any], ...]) -> None:
        """Show whether an alignment goes on and light falls on the sample."""
        going_on = status.get("run") is not None and status.get("outcome") is None
        self._aligning = going_on and status.get("mode") == "alignment"
        self._roles = frozenset(str(device["role"]) for device in devices)
        self.start.setText("End alignment" if self._aligning else "Start alignment")
        self.start.setEnabled(self._desk.in_control and (self._aligning or not going_on))
        self.next_dot.setEnabled(self._desk.in_control and self._aligning)
        self.light.setEnabled(self._desk.in_control and self._aligning)
        lit = light_on_sample(devices)
        self.light.setChecked(bool(lit))
        self.light_said.setText("" if lit is None else "light is ON the sample" if lit else "no light on the sample")

    def _start_or_end(self) -> None:
        self._desk.commands.do("stop" if self._aligning else "start_alignment")

    def _next_dot(self) -> None:
        self._desk.commands.do("stop", then=lambda done: None if done.error else self._begin_when_ended())

    def _begin_when_ended(self) -> None:
        self._desk.commands.do("wait", END_TIMEOUT_S, then=lambda done: None if done.error else self._begin())

    def _begin(self) -> None:
        self._desk.commands.do("start_alignment")

    def _switch_light(self) -> None:
        """Ask for light or darkness; the button shows what is read back, not what was asked for."""
        on = self.light.isChecked()
        self.light.setChecked(not on)
        steps: list[dict[str, Any]] = [{"kind": "set_laser", "emission": on}] if "laser" in self._roles else []
        if "shutter" in self._roles:  # dark by the shutter first, lit by it last
            steps.insert(len(steps) if on else 0, {"kind": "set_shutter", "open": on})
        self._carry_out(steps)

    def _carry_out(self, steps: list[dict[str, Any]]) -> None:
        """Ask for one step after the other; one that fails ends it."""
        if steps:
            first, *others = steps
            self._desk.commands.do("do_step", first, then=lambda done: None if done.error else self._carry_out(others))


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
