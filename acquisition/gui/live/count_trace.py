"""Panel: counts per bin with the charge state of each, the whole point below, how often which counts occur beside."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from qtpy.QtWidgets import QHBoxLayout, QLabel, QSizePolicy

from acquisition.gui.client.feed import Said
from acquisition.gui.live.amounts import CHARGE_NAMES, CHARGE_SIGNS, CHARGE_SYMBOLS, whole_percents
from acquisition.gui.live.photon_panel import PhotonPanel
from acquisition.gui.live.toggles import Toggles
from acquisition.gui.plots import Axis, Plot
from acquisition.gui.plots.table import csv_rows
from acquisition.gui.registry import view
from acquisition.gui.theme.themes import CHARGES
from acquisition.gui.view import Desk, Place

RECENT_S = 30.0
LEFT_LETTERS = 9

SLOW_S = 0.5
LEAST_GROWTH = 0.002
"""What changes slowly is drawn anew when the point has grown by so much, in s or as a share."""

REGION, ARRAY = "region", "array"


@view(
    "count_trace", "Count trace", Place.LIVE, order=10, shows=("count_trace", "intensity_histogram"),
    tip="Photons per time bin. A charged nanocrystal emits less light and faster, so blinking shows its charge state.",
)  # fmt: skip
class CountTrace(PhotonPanel):
    """The last half minute, the whole point, and the histogram of counts."""

    main = "count_trace"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.choice = Toggles(
            {REGION: "Region", ARRAY: "Whole array"},
            "Which photons are counted: those in the spectral region and delay window of the nanocrystal, or all.",
        )
        self.choice.changed.connect(self.redraw)
        self.states = QLabel()
        self.states.setWordWrap(True)
        self.states.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.states.setToolTip(
            "Share of the last half minute in each charge state, as the live analysis tells it; pauses left out. "
            "?: not told apart, as near a switch."
        )
        head = QHBoxLayout()
        head.addWidget(self.states, 1)
        head.addWidget(self.choice)
        self.column.addLayout(head)
        self.recent = _Trace(desk, "Count trace")
        self.whole = _Overview(desk, "Count trace of the whole point")
        self.histogram = _Histogram(desk)
        beside = QHBoxLayout()
        beside.setSpacing(0)
        beside.addWidget(self.recent, 4)
        beside.addWidget(self.histogram, 1)
        self.column.addLayout(beside, 5)
        self.column.addWidget(self.whole, 3)
        self._array = True
        self.canvases = [self.recent, self.whole, self.histogram]

    def draw_content(self, content: Mapping[str, Any], said: Said) -> None:
        """Draw the newest bins."""
        recent, bin_ms = content["recent"], 1e3 * content["bin_s"]
        selected = bool(np.isfinite(recent["counts"]).any())
        array = self.choice.one == ARRAY or not selected
        self.states.setText(self._words(recent, content["charges"], selected))
        background = None if array else content["background_counts"]
        quantity = Axis(f"counts per {bin_ms:g} ms", short="counts")
        self.recent.set_axes(self.recent.x_axis, quantity)
        self.whole.set_axes(self.whole.x_axis, quantity)
        if array != self._array:
            self._array = array
            self.recent.start_anew()
            self.whole.start_anew()
        self.recent.show_bins(recent, content["charges"], content["bin_s"], background, array=array)
        self.whole.show_rows(content["overview"], content["charges"], recent, content["bin_s"], array=array)
        beside = said.panels.get("intensity_histogram")
        self.histogram.setVisible(not array and beside is not None)
        if not array and beside is not None:
            self.histogram.show_histogram(beside, self.recent.shown_y())

    def clear(self) -> None:
        """Draw nothing."""
        self.states.setText("")
        self.histogram.hide()
        self.recent.clear_all()
        self.whole.forget()
        self.histogram.forget()

    def _words(self, recent: Mapping[str, Any], charges: list[str], selected: bool) -> str:
        """Return the share of each charge state; or why there is none."""
        charge, theme = recent["charge"], self.desk.theme
        if not selected:
            return "No light found yet: all photons are shown."
        if not (charge >= 0).any():
            return "Charge states are not told apart yet."
        whole = charge[~recent["lost"]]
        *percents, rest = whole_percents([int(np.sum(whole == index)) for index in [*range(len(charges)), -1]])
        parts = []
        for name, percent in zip(charges, percents, strict=True):
            sign = f'<span style="color:{theme.charges[name]}">{CHARGE_SIGNS[name]}</span>'
            parts.append(f"{sign}&nbsp;{CHARGE_NAMES[name].replace(' ', '&nbsp;')} {percent}&nbsp;%")
        if rest:
            parts.append(f"?&nbsp;{rest}&nbsp;%")
        return " &nbsp;".join(parts)


class _Trace(Plot):
    """Bins one by one."""

    def __init__(self, desk: Desk, title: str) -> None:
        super().__init__(desk, Axis("time", "s"), Axis("counts per bin"), title, from_zero=False)
        self.align_left(LEFT_LETTERS)
        self.leave_out(x=True)
        self.lost = self.steps("", "bad", filled=True)
        self.lost.fitted = False
        self.counts = self.line("counts", "faint")
        self.charged = {
            name: self.points(CHARGE_NAMES[name], f"charges.{name}", symbol=CHARGE_SYMBOLS[name], size=5.0)
            for name in CHARGES
        }
        self.background = self.mark("background", "faint", level=True)

    def show_bins(
        self, recent: Mapping[str, Any], charges: list[str], bin_s: float, background: float | None, *, array: bool
    ) -> None:
        """Draw the newest bins; those of which photons may be missing are shaded."""
        counts = recent["array_counts" if array else "counts"]
        time_s = recent["start_s"] + (np.arange(len(counts)) + 0.5) * bin_s
        self.counts.set(time_s, counts)
        for index, name in enumerate(charges):
            mine = recent["charge"] == index
            self.charged[name].set(time_s[mine], counts[mine])
        if background is None:
            self.background.clear()
        else:
            self.background.set(background)
        end_s = recent["start_s"] + len(counts) * bin_s
        self.show_x(max(0.0, end_s - RECENT_S), max(end_s, RECENT_S))
        self.refit()
        if recent["lost"].any():
            top = self.shown_y()[1]
            self.lost.set(recent["start_s"] + np.arange(len(counts) + 1) * bin_s, np.where(recent["lost"], top, 0.0))
        else:
            self.lost.clear()

    def table(self) -> list[list[str]]:
        """Return time, counts and charge state of each bin."""
        time, counts = self.x_axis.label, self.y_axis.label
        rows = csv_rows([(time, self.counts.x), (counts, self.counts.y)])
        states = np.full(len(self.counts.x), "", dtype=object)
        for name, artist in self.charged.items():
            states[np.searchsorted(self.counts.x, artist.x)] = CHARGE_NAMES[name]
        return [[*row, state] for row, state in zip(rows, ["charge state", *states], strict=True)]

    def remarks(self) -> list[str]:
        """Return what the table is of."""
        return [f"the newest {RECENT_S:g} s; the run folder holds all photons"] if len(self.counts.x) else []


class _Overview(Plot):
    """Least and most of rows of bins."""

    def __init__(self, desk: Desk, title: str) -> None:
        super().__init__(desk, Axis("time", "s"), Axis("counts per bin"), title, from_zero=False)
        self.align_left(LEFT_LETTERS)
        self.leave_out(y=True)
        self.lost = self.steps("", "bad", filled=True)
        self.lost.fitted = False
        self.unknown = self.line("not told apart", "faint")
        self.charged = {name: self.line(CHARGE_NAMES[name], f"charges.{name}") for name in CHARGES}
        self.now = self.span("", "accent", opacity=0.12)
        self._drawn: tuple[Any, float] = (None, 0.0)

    def show_rows(
        self, rows: Mapping[str, Any], charges: list[str], recent: Mapping[str, Any], bin_s: float, *, array: bool
    ) -> None:
        """Draw the whole point, and where its newest part is."""
        end_s = recent["start_s"] + len(recent["lost"]) * bin_s
        what = array, self.y_axis, rows["start_s"]
        if what == self._drawn[0] and 0 <= end_s - self._drawn[1] < max(SLOW_S, LEAST_GROWTH * end_s):
            return  # nothing would be seen of it
        self._drawn = what, end_s
        kind = "array_" if array else ""
        count, row_s = len(rows["lost"]), rows["row_s"]
        time_s = np.repeat(rows["start_s"] + (np.arange(count) + 0.5) * row_s, 2)
        ends = np.stack([rows[f"{kind}least_counts"], rows[f"{kind}most_counts"]], axis=1).astype(float)
        self.unknown.set(time_s, ends.ravel())
        for index, name in enumerate(charges):
            mine = rows["charge"][:, None] == index
            self.charged[name].set(time_s, np.where(mine, ends, np.nan).ravel())
        self.now.set(recent["start_s"], end_s)
        self.show_x(rows["start_s"], max(end_s, rows["start_s"] + 1.0))
        self.refit()
        if rows["lost"].any():
            top = self.shown_y()[1]
            self.lost.set(rows["start_s"] + np.arange(count + 1) * row_s, np.where(rows["lost"], top, 0.0))
        else:
            self.lost.clear()

    def forget(self) -> None:
        """Draw nothing."""
        self._drawn = None, 0.0
        self.clear_all()


class _Histogram(Plot):
    """How many bins have which counts, in the height of the trace beside."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, Axis("bins"), Axis("counts per bin"), "Counts per bin", from_zero=False)
        self.setMinimumWidth(60)
        self.leave_out(x_values=True, y=True, y_values=True)
        self._covered_s = 0.0
        self.all = self.steps("all", "faint", sideways=True, filled=True)
        self.charged = {
            name: self.steps(CHARGE_NAMES[name], f"charges.{name}", sideways=True, filled=True) for name in CHARGES
        }

    def show_histogram(self, content: Mapping[str, Any], shown: tuple[float, float]) -> None:
        """Draw it with the limits of the trace."""
        if shown == self._fixed_y and 0 <= content["covered_s"] - self._covered_s < SLOW_S:
            return
        self._covered_s = content["covered_s"]
        edges = content["edges_counts"]
        self.all.set(edges, content["bins"])
        for name, bins in content["bins_by_charge"].items():
            self.charged[name].set(edges, bins)
        self.show_y(*shown)
        self.refit()

    def forget(self) -> None:
        """Draw nothing."""
        self._covered_s = 0.0
        self._fixed_y = None
        self.clear_all()
