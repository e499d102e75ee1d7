"""The map of the sample: where it is bright, where the stage stands, where the emitters are."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from acquisition.gui.align.field_map import Field, Visited, crosses, emitter_places, read_scan
from acquisition.gui.plots import Axis, Picture
from acquisition.gui.view import Desk

CROSS_SHARE = 0.04
"""Size of a cross, as a share of the map."""


REDRAWN_S = 0.5
"""How often the map is drawn while the stage stands."""


class MapView(QWidget):
    """Count rate by place, with crosses.

    Parameters
    ----------
    desk : Desk

    Attributes
    ----------
    chosen : Signal
        Gets x and y in um, both float, when somebody has double clicked on a place.
    """

    chosen = Signal(float, float)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._visited = Visited()
        self._scan: Field | None = None
        self._emitters: Sequence[Mapping[str, float]] = ()
        self._here: tuple[float, float] | None = None
        self._drawn_s = 0.0
        self.picture = Picture(desk, Axis("x", "µm"), Axis("y", "µm"), Axis("count rate", "cps"), "stage map")
        self.picture.box.setAspectLocked(True)
        self._stands = self.picture.outline("stage", "bad", width=2.0)
        self._found = self.picture.outline("emitters", "text")
        self.setToolTip(
            "Count rate by place: of the last scan, or of where the stage has been; the darkest colour is the lowest "
            "rate, dark counts included. The large cross is the stage, small ones are emitters that the scan found. "
            "Double click: go there."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture)
        self.picture.scene().sigMouseClicked.connect(self._clicked)

    def see(self, place_um: tuple[float, float] | None, rate_cps: float | None) -> None:
        """Take where the stage stands, and a new count rate there, if there is one."""
        if place_um is None:
            return
        moved = place_um != self._here
        self._here = place_um
        if rate_cps is not None and not moved:
            self._visited.see(*place_um, rate_cps)
        if moved or time.monotonic() - self._drawn_s > REDRAWN_S:
            self._draw()

    def count_anew(self) -> None:
        """Forget the rates of places: from now on they are counted in another way."""
        self._visited.clear()

    def clear(self) -> None:
        """Forget scan and places, as for another sample."""
        self._visited.clear()
        self._scan, self._emitters = None, ()
        self.picture.clear()
        self._draw()

    def show_scan(self, run: str, values: Mapping[str, Any]) -> None:
        """Show what a scan in a run folder has found."""
        self._emitters = values.get("emitters") or ()
        self._desk.work.do(lambda: read_scan(Path(run) / str(values.get("table", ""))), self._take_scan)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.picture.restyle()

    def _take_scan(self, found: Field | None, error: Exception | None) -> None:
        self._scan = found
        if error is not None:
            self.picture.setToolTip(f"The scan is not shown: {error}")
        self._draw()

    def _draw(self) -> None:
        self._drawn_s = time.monotonic()
        shown = self._scan or self._visited.field()
        if shown is None:
            return
        known = shown.rate_cps[np.isfinite(shown.rate_cps)]
        low, high = float(known.min()), float(known.max())
        self.picture.show_limits(low, max(high, low + 1.0))
        self.picture.set(shown.x_edges_um, shown.y_edges_um, shown.rate_cps)
        size_um = CROSS_SHARE * float(shown.x_edges_um[-1] - shown.x_edges_um[0])
        here = np.array([self._here]) if self._here else np.zeros((0, 2))
        self._stands.set(*crosses(here, 1.5 * size_um))
        self._found.set(*crosses(emitter_places(self._emitters), 0.7 * size_um))
        self.picture.refit()

    def _clicked(self, event: Any) -> None:
        inside = self.picture.box.sceneBoundingRect().contains(event.scenePos())
        if inside and event.double() and event.button() == Qt.MouseButton.LeftButton:
            place = self.picture.box.mapSceneToView(event.scenePos())
            self.chosen.emit(float(place.x()), float(place.y()))
