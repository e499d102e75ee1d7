"""Panel: when after the laser pulse photons arrive."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from acquisition.gui.client.feed import Said
from acquisition.gui.live.photon_panel import PhotonPanel
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place

DELAY = Axis("delay, uncorrected", "ns")


@view(
    "delays", "Delays", Place.LIVE, order=50, shows=("delays",),
    tip="Histogram of the delays between laser pulse and photon, in the spectral region. Its slope is the decay of the "
    "excited nanocrystal; dark counts make the floor.",
)  # fmt: skip
class Delays(PhotonPanel):
    """The delays of the region, with time zero and the window that is analysed."""

    main = "delays"
    waits = "Waits for photons of a pulsed laser."

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.plot = Plot(desk, DELAY, Axis("counts", log=True), "Delays")
        self.analysed = self.plot.span("window", "accent")
        self.counts = self.plot.steps("counts", "text")
        self.zero = self.plot.mark("time zero", "warn")
        self.column.addWidget(self.plot)
        self.canvases = [self.plot]

    def draw_content(self, content: Mapping[str, Any], said: Said) -> None:
        """Draw the newest histogram."""
        bin_ns, counts = content["bin_ns"], content["counts"]
        where = "" if content["region_pixels"] is not None else ", all pixels"
        self.plot.set_axes(DELAY, Axis(f"counts per {bin_ns:g} ns{where}", log=True))
        self.counts.set(np.arange(len(counts) + 1) * bin_ns, counts)
        if content["window_ns"] is None:
            self.analysed.clear()
            self.zero.clear()
        else:
            self.analysed.set(*content["window_ns"])
            self.zero.set(content["time_zero_ns"])
        self.plot.show_x(0.0, content["period_ns"])
        self.plot.refit()

    def clear(self) -> None:
        """Draw nothing."""
        self.plot.clear_all()
