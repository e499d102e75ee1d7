"""Temperature and count rate over the last minutes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QSplitter, QVBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.live.photon_panel import about
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, LivePanel, Place

Array = NDArray[Any]

LEAST_LINES = 18
"""Height for two plots above each other, in lines of text."""

TIME = Axis("time from now", "min")


@view(
    "conditions", "Temperature and count rate", Place.LIVE, order=56, shows=("conditions",),
    tip="What the thermometer of the heater and the detector have said in the last minutes: measured temperature "
    "with its set point, and count rate of the whole detector, dark counts included.",
)  # fmt: skip
class ConditionsPanel(LivePanel):
    """Two plots."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.temperature = Plot(desk, TIME, Axis("temperature", "°C"), "Temperature", legend=True, from_zero=False)
        self.rate = Plot(desk, TIME, Axis("count rate", "kcps"), "Count rate")
        self._setpoint = self.temperature.line("set point", "faint", width=1.5, dashed=True)
        self._measured = self.temperature.line("measured", "warn", width=1.5)
        self._rate = self.rate.line("count rate", "accent", width=1.5)
        splitter = self._splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.temperature)
        splitter.addWidget(self.rate)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(splitter)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the plots above each other, or beside each other where there is little height."""
        super().resizeEvent(event)
        low = self.height() < LEAST_LINES * self.fontMetrics().height()
        self._splitter.setOrientation(Qt.Orientation.Horizontal if low else Qt.Orientation.Vertical)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        super().restyle()
        self.temperature.restyle()
        self.rate.restyle()

    def draw(self, said: Said) -> None:
        """Show the newest readings."""
        content = said.panels.get("conditions") or {}
        time_s = np.asarray(content.get("time_s", ()), dtype=float)
        for plot in (self.temperature, self.rate):
            plot.simulated, plot.about = bool(said.live.get("simulated")), about(said)
        minutes = minutes_from_now(time_s)
        measured, setpoint = _column(content, "temperature_c", time_s), _column(content, "setpoint_c", time_s)
        self._measured.set(minutes, measured)
        self._setpoint.set(minutes, setpoint)
        self._rate.set(minutes, _column(content, "count_rate_cps", time_s) / 1e3)
        warm, counted = bool(np.isfinite(measured).any()), bool(np.isfinite(self._rate.y).any())
        self.temperature.setVisible(warm or not counted)
        self.rate.setVisible(counted)
        self.temperature.say("" if warm else "Nothing was read yet.")
        for plot in (self.temperature, self.rate):
            plot.show_x(min(-1.0, float(minutes[0]) if len(minutes) else 0.0), 0.0)
            plot.refit()


def minutes_from_now(time_s: Array) -> Array:
    """Return times in min before the last one; where the clock began anew with another program, it goes on."""
    if not len(time_s):
        return time_s
    elapsed_s = np.cumsum(np.maximum(np.diff(time_s, prepend=time_s[0]), 0.0))
    return np.asarray((elapsed_s - elapsed_s[-1]) / 60.0)


def _column(content: Any, name: str, time_s: Array) -> Array:
    found = content.get(name)
    return np.full(len(time_s), np.nan) if found is None else np.asarray(found, dtype=float)
