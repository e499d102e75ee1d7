"""Moving the sample and the focus by small steps, and letting the program find the middle of an emitter."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QGridLayout, QGroupBox, QLabel, QPushButton

from acquisition.gui.client.commands import Done
from acquisition.gui.view import Desk

STEPS_UM = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
USUAL_STEP_UM = 0.2
SCAN_UM, SCAN_PITCH_UM = 5.0, 0.25

SETTLED_S = 1.5
"""Places are read back each second: before that, a rate would be told of the place before."""

_MOVES = (
    ("←", 1, 0, "x", -1), ("→", 1, 2, "x", 1),
    ("↑", 0, 1, "y", 1), ("↓", 2, 1, "y", -1),
)  # fmt: skip


class StageBox(QGroupBox):
    """Arrows for stage and focus, centring and a small scan; only what the rig has is there.

    Parameters
    ----------
    desk : Desk
        By which a click reaches the session.

    Attributes
    ----------
    scanned : Signal
        Gets what a scan has found: its values.
    moved : Signal
        The stage has been asked to go somewhere else.
    """

    scanned = Signal(object)
    moved = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("Stage and focus")
        self._desk = desk
        self._moving = 0
        self._stood_s = 0.0
        self.step = _steps("Distance of one click of an arrow of the stage.", USUAL_STEP_UM)
        self.arrows = {symbol: self._arrow(symbol, axis, way) for symbol, _, _, axis, way in _MOVES}
        self.focus_step = _steps("Distance of one click of an arrow of the focus.", USUAL_STEP_UM)
        self.nearer, self.farther = self._focus_button("▲", 1), self._focus_button("▼", -1)
        self.place = QLabel("")
        self.place.setToolTip("Where stage and focus stand, as read back.")
        self.centre = QPushButton("Centre on emitter")
        self.centre.setToolTip(
            "Count on three by three places around here (after a scan: around its brightest emitter), fit the spot, go "
            "to its middle, and repeat until it stays."
        )
        self.scan = QPushButton(f"Scan {SCAN_UM:g} × {SCAN_UM:g} µm")
        self.scan.setToolTip("Count on a grid of places around here and list the emitters; the map shows them.")
        self.found = QLabel("")
        self.found.setWordWrap(True)
        self._lay_out()
        self.centre.clicked.connect(self._centre)
        self._brightest: Mapping[str, float] | None = None
        self.scan.clicked.connect(self._scan)
        self._here = (0.0, 0.0)
        self._stage: list[Any] = [*self.arrows.values(), self.step, self.centre, self.scan]
        self._focus: list[Any] = [self.nearer, self.farther, self.focus_step]

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        for symbol, row, column, *_ in _MOVES:
            layout.addWidget(self.arrows[symbol], row, column)
        layout.addWidget(self.step, 1, 1)
        layout.addWidget(self.nearer, 0, 3)
        layout.addWidget(self.focus_step, 1, 3)
        layout.addWidget(self.farther, 2, 3)
        layout.addWidget(self.place, 3, 0, 1, 4)
        layout.addWidget(self.centre, 4, 0, 1, 2)
        layout.addWidget(self.scan, 4, 2, 1, 2)
        layout.addWidget(self.found, 5, 0, 1, 4)

    def show_state(self, devices: tuple[Mapping[str, Any], ...], *, usable: bool) -> None:
        """Show where stage and focus stand; what the rig has not is not shown."""
        said = {str(device["role"]): device.get("readings") or {} for device in devices}
        stage, focus = said.get("stage"), said.get("focus")
        for widgets, there in ((self._stage, stage), (self._focus, focus)):
            for widget in widgets:
                widget.setVisible(there is not None)
                widget.setEnabled(usable)
        self.setVisible(stage is not None or focus is not None)
        parts = []
        if stage is not None and stage.get("x_um") is not None and stage.get("y_um") is not None:
            self._here = (float(stage["x_um"]), float(stage["y_um"]))
            parts.append(f"x {self._here[0]:.2f}, y {self._here[1]:.2f} µm")
        if focus is not None and focus.get("z_um") is not None:
            parts.append(f"z {float(focus['z_um']):.2f} µm")
        self.place.setText("   ".join(parts) + ("   moving …" if self._moving else ""))

    @property
    def stands(self) -> bool:
        """Whether the stage has stood long enough that the place that is read back is that of the light."""
        return self._moving == 0 and time.monotonic() - self._stood_s > SETTLED_S

    def clear(self) -> None:
        """Forget what was found: it is of another place."""
        self.found.setText("")
        self._brightest = None

    def go_to(self, x_um: float, y_um: float) -> None:
        """Move the stage to a place."""
        self._move({"kind": "move_stage", "x": f"{x_um:.3f} um", "y": f"{y_um:.3f} um"})

    def jog(self, axis: str, direction: int) -> None:
        """Move the stage by one step."""
        distance = direction * float(self.step.currentData())
        self._move({"kind": "move_stage", axis: f"{distance:g} um", "relative": True})

    def _move(self, step: dict[str, Any]) -> None:
        self.clear()
        self._do(step, lambda done: None)

    def _find(self, step: dict[str, Any]) -> None:
        self.clear()
        self.found.setText("looking …")
        self._do(step, self._tell)

    def _do(self, step: dict[str, Any], then: Callable[[Done], None]) -> None:
        self._moving += 1
        if step["kind"] != "set_focus":
            self.moved.emit()
        self._desk.commands.do("do_step", step, then=lambda done: self._done(done, then))

    def _done(self, done: Done, then: Callable[[Done], None]) -> None:
        self._moving -= 1
        self._stood_s = time.monotonic()
        then(done)

    def _centre(self) -> None:
        """Begin here, or, just after a scan, at the brightest emitter that it found."""
        step: dict[str, Any] = {"kind": "centre_on_emitter", "on_lost": "continue"}
        if self._brightest is not None:
            step |= {axis: f"{self._brightest[f'{axis}_um']:.3f} um" for axis in ("x", "y")}
        self._find(step)

    def _scan(self) -> None:
        size, (x_um, y_um) = f"{SCAN_UM:g} um", self._here
        self._find({
            "kind": "raster_scan", "x": f"{x_um:.3f} um", "y": f"{y_um:.3f} um", "width": size, "height": size,
            "pitch": f"{SCAN_PITCH_UM:g} um",
        })  # fmt: skip

    def _tell(self, done: Done) -> None:
        self.found.setText(_found(done))
        values = {} if done.error is not None else (done.result or {}).get("values") or {}
        if "emitters" in values:
            self._brightest = max(values["emitters"], key=lambda each: each.get("count_rate_cps", 0.0), default=None)
            self.scanned.emit(values)

    def _arrow(self, symbol: str, axis: str, direction: int) -> QPushButton:
        button = QPushButton(symbol)
        button.setMaximumWidth(4 * button.fontMetrics().averageCharWidth() + 24)
        button.setToolTip(f"Move the sample by one step in {axis} (arrow keys, after a click beside the buttons).")
        button.clicked.connect(lambda: self.jog(axis, direction))
        return button

    def _focus_button(self, text: str, direction: int) -> QPushButton:
        button = QPushButton(f"z {text}")
        button.setToolTip("Move the focus by one step.")
        button.clicked.connect(
            lambda: self._move(
                {"kind": "set_focus", "z": f"{direction * float(self.focus_step.currentData()):g} um", "relative": True}
            )
        )
        return button


def _steps(tip: str, usual_um: float) -> QComboBox:
    box = QComboBox()
    for step_um in STEPS_UM:
        box.addItem(f"{step_um:g} µm", step_um)
    box.setCurrentIndex(STEPS_UM.index(usual_um))
    box.setToolTip(tip)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
    return box


def _found(done: Done) -> str:
    if done.error is not None:
        return f"not found: {done.error}"
    values = (done.result or {}).get("values") or {}
    if "emitters" in values:
        count = len(values["emitters"])
        where = "Centre goes to the brightest, a double click on the map anywhere"
        return f"{count} emitter{'' if count == 1 else 's'} found; {where}" if count else "no emitter found"
    if values.get("centred"):
        off_um = values.get("offset_um")
        return "centred" if off_um is None else f"centred, off by {off_um:.3f} µm"
    return "no emitter that stays; look whether it blinks or the stage drifts"
