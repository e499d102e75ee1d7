"""The page at which an operator finds and centres an emitter, and decides whether it is worth measuring."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QHideEvent, QKeyEvent, QShowEvent
from qtpy.QtWidgets import QAbstractButton, QComboBox, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from acquisition.gui.align.dot_box import DotBox
from acquisition.gui.align.emitter_box import EmitterBox
from acquisition.gui.align.light import has_rate, light_cps, smoothed_cps, what_is_counted
from acquisition.gui.align.light_box import LightBox
from acquisition.gui.align.map_view import MapView
from acquisition.gui.align.peak import PeakHold, place_of
from acquisition.gui.align.readout import Readout
from acquisition.gui.align.reference_box import ReferenceBox
from acquisition.gui.align.stage_box import StageBox
from acquisition.gui.align.tone import Tone
from acquisition.gui.align.trends import Trends
from acquisition.gui.client.feed import Said
from acquisition.gui.forms.scroll_column import ScrollColumn
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place, View

_JOGS = {
    Qt.Key.Key_Left: ("x", -1), Qt.Key.Key_Right: ("x", 1), Qt.Key.Key_Up: ("y", 1), Qt.Key.Key_Down: ("y", -1),
}  # fmt: skip


@view(
    "align",
    "Align",
    Place.PAGE,
    order=20,
    shows={"alignment"},
    tip="Find and centre an emitter by its count rate, and judge it before it is measured; nothing is recorded.",
)
class AlignPage(View):
    """Count rate, spectrum and map at the left, what can be done at the right."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.peak_hold = PeakHold()
        self._run = ""
        self._background_cps: float | None = None
        self._seen = 0
        self._tone: Tone | None = None
        self.readout, self.trends, self.map = Readout(desk), Trends(desk), MapView(desk)
        self.light, self.stage, self.emitter = LightBox(desk), StageBox(desk), EmitterBox(desk)
        self.dot, self.reference = DotBox(desk), ReferenceBox(desk)
        self.trends.set_reference(self.reference.reference)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._lay_out()
        for each in self.findChildren(QAbstractButton) + self.findChildren(QComboBox):
            each.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the space bar and the arrows mean peak and stage here
        self.light.reset_peak.clicked.connect(self.peak_hold.reset)
        self.reference.changed.connect(self.trends.set_reference)
        self.stage.scanned.connect(lambda values: self.map.show_scan(self._run, values))
        self.stage.moved.connect(self.emitter.outdate)
        self.map.chosen.connect(self._go_to)
        if self.light.tone is not None:
            self.light.tone.toggled.connect(self._switch_tone)

    def _lay_out(self) -> None:
        below = _split(Qt.Orientation.Horizontal, {self.trends.spectrum: 3, self.map: 2})
        left = _split(Qt.Orientation.Vertical, {self.readout: 2, self.trends.history: 3, below: 4})
        column = QWidget()
        boxes = QVBoxLayout(column)
        for box in (self.light, self.stage, self.emitter, self.dot, self.reference):
            boxes.addWidget(box)
        boxes.addStretch(1)
        right = ScrollColumn(column)
        layout = QHBoxLayout(self)
        layout.addWidget(left, 1)
        layout.addWidget(right)

    def show_said(self, said: Said) -> None:
        """Show the photons of the alignment, and where the instruments stand."""
        status, devices = said.status or {}, said.devices or ()
        aligning = status.get("mode") == "alignment" and status.get("outcome") is None
        panel = said.panels.get("alignment") if aligning else None
        self._begin_with(str(status.get("run") or ""), panel)
        version = said.versions.get("alignment", 0)
        fresh, self._seen = version != self._seen, version
        place = place_of(devices)
        known = place if self.stage.stands else None
        self._show_rate(panel, known, status)
        self.trends.draw(panel, self.peak_hold.peak, simulated=bool(status.get("simulated")))
        usable = aligning and self.desk.in_control and status.get("state") == "running"
        self.map.setVisible(place is not None)
        self.map.see(place, light_cps(panel) if panel and has_rate(panel) and fresh and known else None)
        self.light.show_state(status, devices)
        self.stage.show_state(devices, usable=usable)
        self.emitter.show_state(panel, usable=usable, has_stage=place is not None)
        self.dot.show_panel(panel)
        self.dot.show_run(self._run if status.get("mode") else "")
        self.reference.show_panel(panel if panel and has_rate(panel) else None, devices)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.trends.restyle()
        self.map.restyle()
        self.readout.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        """Jog by the arrow keys; forget the peak by the space bar."""
        if event.key() == Qt.Key.Key_Space:
            self.peak_hold.reset()
        elif event.key() in _JOGS and self.stage.centre.isEnabled() and self.stage.centre.isVisible():
            if not event.isAutoRepeat():
                self.stage.jog(*_JOGS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        """Take the keyboard."""
        super().showEvent(event)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  # Qt's name
        """Be silent while nobody looks."""
        if self._tone is not None:
            self._tone.silence()
        super().hideEvent(event)

    def _begin_with(self, run: str, panel: Mapping[str, Any] | None) -> None:
        """Forget what was found in another run, and rates that were counted in another way."""
        background_cps = None if panel is None else panel.get("background_cps")
        if run != self._run:
            self.emitter.clear()
            self.stage.clear()
        if (run, background_cps) != (self._run, self._background_cps):
            self.peak_hold.reset()
            self.map.count_anew()
        self._run, self._background_cps = run, background_cps

    def _show_rate(
        self, panel: Mapping[str, Any] | None, place_um: tuple[float, float] | None, status: Mapping[str, Any]
    ) -> None:
        if panel is None or not has_rate(panel):
            self._show_rate_of_step(status)
            return
        rate_cps = light_cps(panel)
        self.peak_hold.see(*smoothed_cps(panel), place_um)
        self.readout.show_rate(rate_cps, self.peak_hold.peak, what_is_counted(panel))
        if self._tone is not None and self.peak_hold.peak is not None:
            self._tone.follow(rate_cps, self.peak_hold.peak.rate_cps)

    def _show_rate_of_step(self, status: Mapping[str, Any]) -> None:
        """Show the rate of a step that records; or why there is none."""
        if self._tone is not None:
            self._tone.silence()
        if status.get("mode") != "alignment" or status.get("outcome") is not None:
            self.readout.show_rate(None, None, "No alignment goes on. Start one to see the count rate.")
        elif status.get("count_rate_cps") is None:
            self.readout.show_rate(None, None, str(status.get("step") or status.get("message") or "Waits for photons."))
        else:
            what = f"dark counts included, recorded: {status.get('step') or 'a point'}"
            self.readout.show_rate(float(status["count_rate_cps"]), None, what)

    def _go_to(self, x_um: float, y_um: float) -> None:
        if self.stage.centre.isEnabled():
            self.stage.go_to(x_um, y_um)

    def _switch_tone(self, on: bool) -> None:
        if self._tone is not None:
            self._tone.close()
            self._tone = None
        if on:
            try:
                self._tone = Tone()
            except OSError as error:
                self.light.light_said.setText(str(error))


def _split(orientation: Qt.Orientation, parts: Mapping[QWidget, int]) -> QSplitter:
    """Return widgets beside each other, with their shares of the place, which can be changed by pulling."""
    split = QSplitter(orientation)
    split.setChildrenCollapsible(False)
    for place, (part, share) in enumerate(parts.items()):
        split.addWidget(part)
        split.setStretchFactor(place, share)
    split.setSizes([100 * share for share in parts.values()])
    return split
