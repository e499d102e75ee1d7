"""Panel: pairs of photons by the number of pulses between them, from which g2 follows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from qtpy.QtWidgets import QLabel, QSizePolicy

from acquisition.gui.client.feed import Said
from acquisition.gui.live.photon_panel import PhotonPanel
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place
from acquisition.numbers import with_error

AS_COUNTED = "as counted, with background"


@view(
    "g2", "Pairs by pulse lag", Place.LIVE, order=70, shows=("g2",),
    tip="Pairs of photons from the same pulse (lag 0) and from different pulses. The ratio of centre and sides is g2: "
    "small for a single emitter that emits one photon at a time, near 1 if it emits cascades or if there are several.",
)  # fmt: skip
class Pairs(PhotonPanel):
    """Bars by lag, and centre over side with its error."""

    main = "g2"
    waits = "Waits for light of a pulsed laser in region and window."

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setToolTip(
            "Pairs at lag 0 over the mean at the other lags. Dark counts and stray light are among them, so the "
            "value lies nearer to 1 than that of the nanocrystal."
        )
        self.plot = Plot(desk, Axis("lag", "laser pulses"), Axis("pairs of photons"), "Pairs by pulse lag")
        self.sides = self.plot.bars("different pulses", "faint")
        self.centre = self.plot.bars("same pulse", "accent")
        self.level = self.plot.mark("mean of the sides", "text", level=True)
        self.column.addWidget(self.words)
        self.column.addWidget(self.plot, 1)
        self.canvases = [self.plot]

    def draw_content(self, content: Mapping[str, Any], said: Said) -> None:
        """Draw the newest pairs."""
        lags, pairs = content["lag_pulses"], np.asarray(content["pairs"], dtype=float)
        middle = len(lags) // 2
        self.sides.set(np.append(lags, lags[-1] + 1) - 0.5, np.where(lags == 0, 0.0, pairs))
        self.centre.set(np.array([-0.5, 0.5]), pairs[middle : middle + 1])
        self.level.set(float(pairs[lags != 0].mean()))
        ratio = content["center_over_side"]
        said_ratio = "no pairs yet" if ratio is None else with_error(ratio["value"], ratio["error"])
        self.words.setText(f"centre / side: <b>{said_ratio}</b> ({AS_COUNTED})")
        self.plot.refit()

    def clear(self) -> None:
        """Draw nothing."""
        self.words.setText("")
        self.plot.clear_all()
