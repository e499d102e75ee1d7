"""Panel: how many bins have which counts and mean delay (FLID), and where each charge state lies."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from acquisition.gui.client.feed import Said
from acquisition.gui.live.amounts import CHARGE_NAMES
from acquisition.gui.live.photon_panel import PhotonPanel
from acquisition.gui.plots import Axis, Picture
from acquisition.gui.plots.limits import CalmRange
from acquisition.gui.registry import view
from acquisition.gui.theme.themes import CHARGES
from acquisition.gui.view import Desk, Place


@view(
    "flid", "FLID", Place.LIVE, order=20, shows=("flid",),
    tip="Fluorescence lifetime-intensity distribution: how many time bins have which counts and mean delay. "
    "Each charge state is a cloud of its own.",
)  # fmt: skip
class Flid(PhotonPanel):
    """A map of time bins, with an outline around 90 % of those of each charge state."""

    main = "flid"
    waits = "Waits for enough light of a pulsed laser to give time bins a mean delay."

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        axes = Axis("mean delay", "ns"), Axis("counts per bin"), Axis("bins")
        self.picture = Picture(desk, *axes, "FLID", scale="square root")
        self.halos = {name: self.picture.outline("", "panel", width=4.0) for name in CHARGES}
        self.outlines = {name: self.picture.outline("", f"charges.{name}", width=2.0) for name in CHARGES}
        self.names = {name: self.picture.words(CHARGE_NAMES[name], f"charges.{name}") for name in CHARGES}
        self._calm = CalmRange()
        self.column.addWidget(self.picture)
        self.canvases = [self.picture]

    def draw_content(self, content: Mapping[str, Any], said: Said) -> None:
        """Draw the newest map."""
        self.picture.set_axes(self.picture.x_axis, Axis(f"counts per {1e3 * content['bin_s']:g} ms"))
        self.picture.set(content["mean_delay_edges_ns"], content["counts_edges"], content["bins"])
        regions = content["regions"]
        for name in CHARGES:
            if name in regions:
                delay_ns, counts = regions[name]["mean_delay_ns"], regions[name]["counts"]
                for line in (self.halos[name], self.outlines[name]):  # seen on light and dark counts
                    line.set(delay_ns, counts)
                self.names[name].set(float(delay_ns.mean()), float(counts.max()))
            else:
                for each in (self.halos[name], self.outlines[name], self.names[name]):
                    each.clear()
        filled = np.flatnonzero(content["bins"].any(axis=1))
        edges = content["counts_edges"]
        self.picture.show_y(*self._calm.fit(edges[filled[0]], edges[filled[-1] + 1]))
        self.picture.refit()

    def clear(self) -> None:
        """Draw nothing."""
        self.picture.clear()
        self._calm.reset()
        for each in (*self.halos.values(), *self.outlines.values(), *self.names.values()):
            each.clear()
