"""Count rate and spectrum as they are now, large, beside those of a reference dot."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from acquisition.gui.align.light import has_rate, height_of_line
from acquisition.gui.align.peak import Peak
from acquisition.gui.align.reference import Reference, spectrum_cps
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.plots.axis import edges_of
from acquisition.gui.view import Desk

HISTORY_S = 60.0


class Trends:
    """Two plots: the count rate of the last minute and the spectrum of the last second.

    Parameters
    ----------
    desk : Desk

    Attributes
    ----------
    history, spectrum : Plot
        To be put into the page.
    """

    def __init__(self, desk: Desk) -> None:
        self.history = Plot(desk, Axis("time", "s"), Axis("count rate", "cps"), "count rate of the alignment")
        self.history.show_x(-HISTORY_S, 0.0)
        self._rate = self.history.line("count rate", "accent")
        self._peak = self.history.mark("peak", "text", level=True)
        self._level = self.history.mark("reference", "warn", level=True, place=0.2)
        self.history.setToolTip("Photons per second in the last minute, less the background once one was taken.")
        self.spectrum = Plot(
            desk,
            Axis("wavelength", "nm"),
            Axis("raw count rate per pixel", "cps"),
            "spectrum of the alignment",
            legend=True,
        )
        self._now = self.spectrum.steps("now", "accent", filled=True)
        self._reference_curve = self.spectrum.line("reference", "warn", dashed=True)
        self.spectrum.setToolTip(
            "Count rate of each pixel in the last second; dark counts are among it. Hot pixels may stand over the top."
        )
        self._height = _Height()
        self._reference: Reference | None = None

    def set_reference(self, reference: Reference | None) -> None:
        """Draw another dot beside this one, or none."""
        self._reference = reference
        if reference is None:
            self._level.clear()
            self._reference_curve.clear()

    def draw(self, panel: Mapping[str, Any] | None, peak: Peak | None, *, simulated: bool) -> None:
        """Draw the panel `alignment`; None before the first."""
        self.history.simulated = self.spectrum.simulated = simulated
        if panel and not has_rate(panel):
            return  # a step records: what was seen last stays
        why = "" if panel else "no alignment: press Start alignment"
        self.history.say(why)
        self.spectrum.say(why)
        if not panel:
            for artist in (self._rate, self._peak, self._now):
                artist.clear()
            return
        self._draw_history(panel, peak)
        self._draw_spectrum(panel)

    def _draw_history(self, panel: Mapping[str, Any], peak: Peak | None) -> None:
        time_s = np.asarray(panel["history_time_s"], dtype=float)
        if len(time_s):
            background_cps = float(panel.get("background_cps") or 0.0)
            self._rate.set(time_s - time_s[-1], np.asarray(panel["rate_history_cps"], dtype=float) - background_cps)
        levels = (
            (self._peak, None if peak is None else peak.rate_cps),
            (self._level, None if self._reference is None else self._reference.rate_cps),
        )
        for mark, level in levels:
            if level is None:
                mark.clear()
            else:
                mark.set(float(level))
        self.history.refit()

    def _draw_spectrum(self, panel: Mapping[str, Any]) -> None:
        now_cps = spectrum_cps(panel)
        wavelength_nm = panel.get("wavelength_nm")
        along = (
            np.arange(len(now_cps), dtype=float) if wavelength_nm is None else np.asarray(wavelength_nm, dtype=float)
        )
        self.spectrum.set_axes(
            Axis("pixel") if wavelength_nm is None else Axis("wavelength", "nm"),
            Axis("raw count rate per pixel", "cps"),
        )
        self._now.set(edges_of(along), now_cps)
        self._draw_reference(has_wavelengths=wavelength_nm is not None)
        self._height.see(height_of_line(now_cps))
        self.spectrum.show_y(0.0, self._height.top)
        self.spectrum.refit()

    def _draw_reference(self, *, has_wavelengths: bool) -> None:
        """Draw the reference over its own wavelengths; without them over pixels, if those are shown."""
        reference = self._reference
        if reference is None or has_wavelengths is not bool(reference.wavelength_nm):
            self._reference_curve.clear()
            return
        rates = np.array(reference.spectrum_cps)
        along = np.array(reference.wavelength_nm) if has_wavelengths else np.arange(len(rates), dtype=float)
        rising = np.argsort(along)
        self._reference_curve.set(along[rising], rates[rising])

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.history.restyle()
        self.spectrum.restyle()


class _Height:
    """The top of an axis: grows at once, shrinks when the data are below half of it."""

    def __init__(self) -> None:
        self.top = 1.0

    def see(self, height: float) -> None:
        """Take the height of new data."""
        if not 0.5 * self.top < 1.15 * height < self.top:
            self.top = max(1.3 * height, 1.0)
