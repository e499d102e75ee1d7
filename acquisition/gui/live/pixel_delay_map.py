"""Panel: counts by pixel (or wavelength, or photon energy) and delay."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from qtpy.QtWidgets import QHBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.live.delays import DELAY
from acquisition.gui.live.light_axis import AXES, light_toggles, pixel_edges
from acquisition.gui.live.photon_panel import PhotonPanel
from acquisition.gui.plots import Axis, Picture
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place


@view(
    "pixel_delay_map", "Pixel × delay", Place.LIVE, order=60, shows=("pixel_delay_map",),
    tip="Every photon by its pixel and its delay after the pulse: spectrum and decay in one. The dashed frame is what "
    "is analysed.",
)  # fmt: skip
class PixelDelayMap(PhotonPanel):
    """A picture of all photons of the point."""

    main = "pixel_delay_map"
    waits = "Waits for photons of a pulsed laser."

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.choice = light_toggles()
        self.choice.changed.connect(self.redraw)
        self.picture = Picture(desk, DELAY, AXES["nm"], Axis("counts"), "Pixel x delay map", scale="logarithmic")
        self.frame = (self.picture.outline("", "panel"), self.picture.outline("", "text", dashed=True))
        head = QHBoxLayout()
        head.addStretch(1)
        head.addWidget(self.choice)
        self.column.addLayout(head)
        self.column.addWidget(self.picture, 1)
        self.canvases = [self.picture]

    def draw_content(self, content: Mapping[str, Any], said: Said) -> None:
        """Draw the newest map."""
        wavelength_nm, rows = content["wavelength_nm"], content["pixel_edges"]
        self.choice.offer(tuple(AXES) if wavelength_nm is not None else ("pixel",))
        kind, edges = pixel_edges(self.choice.one, wavelength_nm, int(rows[-1]))
        self.picture.set_axes(DELAY, AXES[kind])
        self.picture.set(content["delay_edges_ns"], edges[rows], content["counts"])
        window, region = content["window_ns"], content["region_pixels"]
        if window is None or region is None:
            self._clear_frame()
        else:
            low, high = edges[region[0]], edges[region[1]]
            left, right = window
            for line in self.frame:  # dashes of two colours are seen on any ground
                line.set(np.array([left, right, right, left, left]), np.array([low, low, high, high, low]))
        self.picture.refit()

    def clear(self) -> None:
        """Draw nothing."""
        self.picture.clear()
        self._clear_frame()

    def _clear_frame(self) -> None:
        for line in self.frame:
            line.clear()
