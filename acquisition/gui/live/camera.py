"""The last frame of the camera, with the profile of its rows and spectra of rows that are chosen."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSplitter, QStackedWidget, QToolButton, QVBoxLayout, QWidget
from superqt import QElidingLabel

from acquisition.gui.client.feed import Said
from acquisition.gui.live.camera_data import MOST_REGIONS, MeanShot, Rows, Shot, read_rows, rows_text
from acquisition.gui.live.photon_panel import about
from acquisition.gui.live.toggles import Toggles
from acquisition.gui.plots import Axis, Picture, Plot
from acquisition.gui.plots.colours import colour
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, LivePanel, Place
from acquisition.report.words import STATES

AXES = {"nm": Axis("wavelength", "nm"), "eV": Axis("photon energy", "eV"), "pixel": Axis("column", "pixels")}
COUNTS = Axis("counts")
FIRST_SIZE = 10
"""Rows of a new region."""

LEAST_LINES, LEAST_LETTERS = 24, 70
"""Height for picture and spectra together, in lines of text; width for the row profile at their side, in letters."""

SHOWN_PERCENT = (1.0, 99.95)
"""Percentiles of the counts at the ends of the colours."""

PROFILE_ROOM = 0.08
"""Share of the range of the row profile that is left free at its sides."""

NO_FRAME = "No frame yet. A step that takes camera frames shows its newest one here."


@view(
    "camera", "Camera", Place.LIVE, order=70, shows=("camera",),
    tip="The last frame of the camera behind the spectrograph: rows are places along the slit, columns wavelengths. "
    "Drag the shaded rows to choose whose spectrum is drawn below.",
)  # fmt: skip
class CameraPanel(LivePanel):
    """Picture, row profile and spectra of rows."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.shot: Shot | None = None
        self._mean, self._by_hand = MeanShot(), False
        self._regions: list[pg.LinearRegionItem] = []
        self.picture = Picture(desk, AXES["pixel"], Axis("row"), COUNTS, "Camera frame")
        self.profile = Plot(desk, Axis("mean counts"), Axis("row"), "Camera, row profile", from_zero=False)
        self._profile = self.profile.steps("mean counts", "accent", sideways=True)
        self.spectra = Plot(desk, AXES["pixel"], COUNTS, "Camera, spectra of rows", legend=True, from_zero=False)
        self.unit = Toggles(
            {"nm": "nm", "eV": "eV", "pixel": "px"},
            "Against wavelength, photon energy or column. The counts stay those of a pixel.",
        )
        self.part = Toggles({"picture": "image", "spectra": "spectra"}, "What is shown where there is little room.")
        self.part.changed.connect(self._arrange)
        self.frames = Toggles(
            {"newest": "newest", "mean": "mean"}, "The newest frame, or the mean of those seen so far."
        )
        self.frames.changed.connect(self._draw_again)
        self._newest: Said | None = None
        self.unit.changed.connect(self._redraw)
        self.rows = QLineEdit()
        self.rows.setPlaceholderText("120-139, 200")
        self.rows.setToolTip("Rows whose mean spectra are drawn, first and last of each region.")
        self.rows.editingFinished.connect(self._read_rows)
        self.add = self._button("+", "Choose one more region of rows, about the brightest row.", self._add_region)
        self.drop = self._button("−", "Take the last region away.", self._drop_region)
        self.about, self.problem = QElidingLabel(), QLabel()
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._lay_out()

    def _button(self, text: str, tip: str, act: Any) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.clicked.connect(act)
        return button

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(4, 2, 4, 0)
        for widget in (self.part, self.unit, QLabel("rows"), self.rows, self.add, self.drop):
            bar.addWidget(widget, 1 if widget is self.rows else 0)
        upper = self._upper = QSplitter(Qt.Orientation.Horizontal)
        upper.addWidget(self.picture)
        upper.addWidget(self.profile)
        upper.setStretchFactor(0, 5)
        upper.setStretchFactor(1, 2)
        lower = QSplitter(Qt.Orientation.Vertical)
        lower.addWidget(upper)
        lower.addWidget(self.spectra)
        lower.setStretchFactor(0, 3)
        lower.setStretchFactor(1, 2)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(bar)
        column.addWidget(self.problem)
        column.addWidget(lower, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.about, 1)
        foot.addWidget(self.frames)
        column.addLayout(foot)
        self._nothing = QLabel(NO_FRAME)
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._nothing)
        self.pages.addWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.pages)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        super().restyle()
        for each in (self.picture, self.profile, self.spectra):
            each.restyle()
        for place, region in enumerate(self._regions):
            self._style(region, place)

    def draw(self, said: Said) -> None:
        """Show the newest frame."""
        content = said.panels.get("camera")
        self.pages.setCurrentIndex(0 if content is None else 1)
        if content is None:
            return
        if content.get("problem"):
            self._nothing.setText(str(content["problem"]))
            self.pages.setCurrentIndex(0)
            return
        self._newest, shot = said, Shot.of(content)
        settings = said.live.get("run"), said.live.get("point"), content["exposure_s"], content["em_gain"]
        mean = self._mean.add(shot, settings, (content["number"], content["started_s"]))
        self.shot = mean if self.frames.one == "mean" else shot
        for each in (self.picture, self.profile, self.spectra):
            each.simulated, each.about = bool(said.live.get("simulated")), about(said)
        self._follow(mean)
        self._say(content, mean)
        self.unit.offer(["pixel"] if self.shot.wavelength_nm is None else list(AXES))
        self._redraw()

    def _draw_again(self) -> None:
        if self._newest is not None:
            self.draw(self._newest)

    def _follow(self, mean: Shot) -> None:
        """Choose the brightest rows, until somebody chooses others; noise alone moves them at the first frame only."""
        brightest = mean.brightest(FIRST_SIZE)
        if not self._regions or (not self._by_hand and self.regions != [brightest] and mean.stand_out(brightest)):
            self._put_regions([brightest])

    @property
    def regions(self) -> list[Rows]:
        """Rows that are chosen."""
        most = self.shot.rows if self.shot else 1
        found = []
        for region in self._regions:
            low, high = sorted(region.getRegion())
            first = int(np.clip(round(low), 0, most - 1))
            found.append((first, int(np.clip(round(high), first + 1, most))))
        return found

    def set_regions(self, regions: list[Rows]) -> None:
        """Choose rows; the brightest ones are not followed any more."""
        self._by_hand = True
        self._put_regions(regions)

    def _put_regions(self, regions: list[Rows]) -> None:
        for region in self._regions:
            self.picture.box.removeItem(region)
            region.deleteLater()
        self._regions = []
        for place, rows in enumerate(regions):
            region = pg.LinearRegionItem(rows, orientation="horizontal", swapMode="sort")
            region.sigRegionChanged.connect(self._dragged)
            self._style(region, place)
            self.picture.box.addItem(region, ignoreBounds=True)
            self._regions.append(region)
        self._regions_moved()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show picture or spectra where there is no room for both."""
        super().resizeEvent(event)
        self._arrange()

    # insides

    def _arrange(self) -> None:
        small = self.height() < LEAST_LINES * self.fontMetrics().height()
        self.part.setVisible(small)
        self.profile.setVisible(not small or self.width() >= LEAST_LETTERS * self.fontMetrics().averageCharWidth())
        self._upper.setVisible(not small or self.part.one == "picture")
        self.spectra.setVisible(not small or self.part.one == "spectra")

    @property
    def _unit(self) -> str:
        return "pixel" if self.shot is None or self.shot.wavelength_nm is None else self.unit.one

    def _redraw(self) -> None:
        shot = self.shot
        if shot is None:
            return
        axis = AXES[self._unit]
        self.picture.set_axes(axis, Axis("row"))
        self.spectra.set_axes(axis, COUNTS)
        self.picture.show_limits(*(float(limit) for limit in np.percentile(shot.picture, SHOWN_PERCENT)))
        self.picture.set(shot.spectral_edges(self._unit), shot.row_edges, shot.picture)
        self.picture.refit()
        self._profile.set(np.arange(shot.rows + 1, dtype=float), shot.row_mean)
        low, high = float(shot.row_mean.min()), float(shot.row_mean.max())
        room = PROFILE_ROOM * (high - low) + 1e-3 * max(1.0, abs(high))
        self.profile.show_x(low - room, high + room)  # the offset of the camera would hide what stands out
        self.profile.show_y(0.0, float(shot.rows))
        self.profile.refit()
        self._draw_spectra(shot)

    def _draw_spectra(self, shot: Shot) -> None:
        edges = shot.spectral_edges(self._unit)
        rising = slice(None) if edges[-1] > edges[0] else slice(None, None, -1)
        self.spectra.remove_all()
        for place, rows in enumerate(self.regions):
            curve = self.spectra.line(f"rows {rows_text([rows])}", _shade(place), width=1.5)
            curve.set((0.5 * (edges[1:] + edges[:-1]))[rising], shot.spectrum(rows)[rising])
        self.spectra.refit()

    def _dragged(self) -> None:
        self._by_hand = True
        self._regions_moved()

    def _regions_moved(self) -> None:
        if not self.rows.hasFocus():
            self.rows.setText(rows_text(self.regions))
        self.add.setEnabled(len(self._regions) < MOST_REGIONS)
        self.drop.setEnabled(len(self._regions) > 1)
        if self.shot is not None:
            self._draw_spectra(self.shot)

    def _read_rows(self) -> None:
        if self.shot is None:
            return
        try:
            regions = read_rows(self.rows.text(), self.shot.rows)
        except ValueError as error:
            self.rows.setToolTip(str(error))
            self.rows.setText(rows_text(self.regions))
            self.problem.setText(f"\N{WARNING SIGN} {error}")
            self.problem.show()
            return
        if regions and regions != self.regions:
            self.set_regions(regions)

    def _add_region(self) -> None:
        if self.shot is not None:
            self.set_regions([*self.regions, self.shot.brightest(FIRST_SIZE)])

    def _drop_region(self) -> None:
        self.set_regions(self.regions[:-1])

    def _style(self, region: Any, place: int) -> None:
        region.setBrush(pg.mkBrush(colour(self.desk.theme, _shade(place), 0.25)))
        region.setHoverBrush(pg.mkBrush(colour(self.desk.theme, _shade(place), 0.4)))
        for line in region.lines:
            line.setPen(pg.mkPen(colour(self.desk.theme, _shade(place)), width=2))

    def _say(self, content: Mapping[str, Any], mean: Shot) -> None:
        gain = f", EM gain {content['em_gain']:g}" if content["em_gain"] > 1 else ""
        averaged = self.frames.one == "mean" and self._mean.frames > 1
        which = f"mean of {self._mean.frames} frames" if averaged else f"frame {content['number'] + 1}"
        dim = "" if mean.stand_out(mean.brightest(FIRST_SIZE)) else "; no rows stand out of the noise yet"
        self.about.setText(f"{which}, exposure {content['exposure_s']:g} s{gain}{dim}")
        share = float(content["saturated_share"])
        if share > 0:
            self.problem.setText(
                f"\N{WARNING SIGN} Saturated: {100 * share:.2g} % of the pixels. Shorten the exposure"
                + (" or lower the EM gain." if gain else ", or dim the light.")
            )
        self.problem.setVisible(share > 0)
        self.problem.setStyleSheet(f"color: {self.desk.theme.bad};")


def _shade(place: int) -> str:
    return f"states.{STATES[place % len(STATES)]}"
