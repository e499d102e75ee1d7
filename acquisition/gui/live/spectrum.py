"""Panel: the count rate of each pixel, of the whole point and of now."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtWidgets import QHBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.live.light_axis import AXES, light_toggles, pixel_edges
from acquisition.gui.live.photon_panel import PhotonPanel
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.plots.artists import Steps
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place

RATE = Axis("rate per pixel", "cps")
"""Whatever the horizontal axis is: nothing is divided by the width of a pixel."""


@view(
    "spectrum", "Spectrum", Place.LIVE, order=40, shows=("spectrum",),
    tip="Photons per second in each pixel of the SPAD array, dark counts included, at all delays after the pulse.",
)  # fmt: skip
class Spectrum(PhotonPanel):
    """Whole point and newest block, with pixels that are not used and the region of interest."""

    main = "spectrum"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.choice = light_toggles()
        self.choice.changed.connect(self.redraw)
        self.plot = Plot(desk, AXES["nm"], RATE, "Spectrum", legend=True)
        self.region = self.plot.span("region", "accent")
        self.latest = self.plot.steps("now", "faint")
        self.whole = self.plot.steps("whole point", "accent", width=1.5)
        self.unused = self.plot.points("not used", "warn", symbol="x", size=6.0)
        self.unused.fitted = False
        head = QHBoxLayout()
        head.addStretch(1)
        head.addWidget(self.choice)
        self.column.addLayout(head)
        self.column.addWidget(self.plot, 1)
        self.canvases = [self.plot]

    def draw_content(self, content: Mapping[str, Any], said: Said) -> None:
        """Draw the newest counts."""
        pixels = len(content["counts"])
        self.choice.offer(tuple(AXES) if content["wavelength_nm"] is not None else ("pixel",))
        kind, edges = pixel_edges(self.choice.one, content["wavelength_nm"], pixels)
        self.plot.set_axes(AXES[kind], RATE)
        turned = slice(None, None, -1 if edges[-1] < edges[0] else 1)
        used = np.ones(pixels, dtype=bool) if content["used"] is None else content["used"]
        whole, latest = (
            (content[f"{which}counts"] / max(content[f"{which}duration_s"], 1e-12))[turned] for which in ("", "latest_")
        )
        edges, used = edges[turned], used[turned]
        _set_used(self.latest, edges, latest, used)
        _set_used(self.whole, edges, whole, used)
        region = content["region_pixels"]
        if region is None:
            self.region.clear()
        else:
            ends = pixel_edges(kind, content["wavelength_nm"], pixels)[1][[region[0], region[1]]]
            self.region.set(float(ends.min()), float(ends.max()))
        self.plot.refit()
        middles = 0.5 * (edges[1:] + edges[:-1])
        self.unused.set(middles[~used], np.minimum(whole[~used], 0.97 * self.plot.shown_y()[1]))

    def clear(self) -> None:
        """Draw nothing."""
        self.plot.clear_all()


def _set_used(steps: Steps, edges: NDArray[Any], rate_cps: NDArray[Any], used: NDArray[np.bool_]) -> None:
    """Draw the pixels that are used; a gap stands for the others."""
    steps.set(edges, np.where(used, rate_cps, np.nan))
