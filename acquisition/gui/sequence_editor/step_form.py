"""The settings of the step that is chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from acquisition.gui.forms.form import Form
from acquisition.gui.forms.nested import drop
from acquisition.gui.sequence_editor.catalogue import MODELS, lists_of, title_of, what_it_does
from acquisition.gui.sequence_editor.edits import Place
from acquisition.gui.view import Desk

NOTHING = "Choose a step at the left, or add one."

LIMITED = ("set_laser", "set_attenuator", "set_temperature", "ramp_temperature", "set_spectrograph")
"""Kinds of steps whose settings are those of an instrument, by the same names."""


def limits_of(devices: Sequence[Mapping[str, Any]]) -> dict[str, tuple[float, float]]:
    """Return what instruments allow of their settings, by name, as `Session.devices` says it."""
    found: dict[str, tuple[float, float]] = {}
    for device in devices:
        for name, control in (device.get("controls") or {}).items():
            limits = control.get("limits")
            if isinstance(limits, list | tuple) and len(limits) == 2:
                found[name] = (float(limits[0]), float(limits[1]))
    return found


def scrolled(inside: QWidget) -> QScrollArea:
    """Return a widget in a frame that scrolls up and down."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(inside)
    return area


def wrapped(text: str = "") -> QLabel:
    """Return a label whose text takes as many lines as it needs, and no width of its own."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


class StepForm(QWidget):
    """What a step is, what it does and a form of its settings; `edited` is emitted with its place and new data."""

    edited = Signal(object, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._place: Place = ()
        self._data: dict[str, Any] = {}
        self._limits: dict[str, tuple[float, float]] = {}
        self.form: Form | None = None
        self._column = QVBoxLayout(self)
        self._title, self._about, self._problem = wrapped(NOTHING), wrapped(), wrapped()
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setBold(True)
        self._title.setFont(font)
        for label in (self._title, self._about, self._problem):
            self._column.addWidget(label)
        self._column.addStretch(1)
        self.restyle()

    def show_step(self, place: Place, data: Mapping[str, Any] | None, problems: list[str]) -> None:
        """Show a step; None: none is chosen."""
        own = {key: value for key, value in (data or {}).items() if key not in lists_of(str((data or {}).get("kind")))}
        same = place == self._place and self.form is not None and own == self._data
        self._place, self._data = place, own
        if not same:
            self._build(own if data is not None else None)
        inside = self.form.problems() if self.form is not None else []
        self._problem.setText("\n".join(problem for problem in problems if problem not in inside))
        self._problem.setVisible(bool(self._problem.text()))

    def show_devices(self, devices: Sequence[Mapping[str, Any]]) -> None:
        """Take what the instruments allow, as `Session.devices` says it."""
        limits = limits_of(devices)
        if limits != self._limits:
            self._limits = limits
            if self.form is not None and self._data.get("kind") in LIMITED:
                self.form.set_limits(limits)

    def restyle(self) -> None:
        """Take the colours of `Desk.theme`, which has changed."""
        self._problem.setStyleSheet(f"color: {self._desk.theme.bad}")
        self._about.setStyleSheet(f"color: {self._desk.theme.faint}")
        if self.form is not None:
            self.form.restyle()

    def _build(self, data: Mapping[str, Any] | None) -> None:
        if self.form is not None:
            self.form.changed.disconnect()
            drop(self.form)
            self.form = None
        kind = str((data or {}).get("kind", ""))
        known = kind in MODELS
        self._title.setText(NOTHING if data is None else title_of(kind) if kind else "No kind")
        self._about.setText(what_it_does(kind) if data is not None else "")
        self._about.setVisible(bool(self._about.text()))
        if known:
            self.form = Form(self._desk, MODELS[kind], data, self._limits if kind in LIMITED else None)
            self.form.changed.connect(self._changed)
            self._column.insertWidget(self._column.count() - 1, self.form)

    def _changed(self) -> None:
        if self.form is not None and self.form.data() != self._data:
            self._data = self.form.data()
            self.edited.emit(self._place, self._data)
