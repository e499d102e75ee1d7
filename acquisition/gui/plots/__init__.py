"""Plots of the window: curves and pictures with units on their axes, that can be zoomed, read out and exported."""

from acquisition.gui.plots.axis import Axis
from acquisition.gui.plots.picture import Picture
from acquisition.gui.plots.plot import Plot

__all__ = ["Axis", "Picture", "Plot"]
