"""The figures of a report, in the order in which they are shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from acquisition.report.count_figures import draw_flid, draw_trace
from acquisition.report.decay_figures import draw_decays, draw_g2
from acquisition.report.figure_data import FigureData
from acquisition.report.overview_figure import draw_overview
from acquisition.report.rate_figures import draw_maps, draw_rates
from acquisition.report.readings_figure import draw_readings
from acquisition.report.selection_figure import draw_selection
from acquisition.report.spectrum_figures import draw_emission, draw_spectra
from acquisition.report.style import Absent, Drawing, data_uri, mark_simulated
from acquisition.storage import RunFolder


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure as the page shows it; without an image, `text` says why it is not there."""

    key: str
    title: str
    image: str | None
    text: str


FIGURES: dict[str, tuple[str, Callable[[FigureData], Drawing | Absent]]] = {
    "trace": ("Count trace", draw_trace),
    "flid": ("Charge states: intensity and mean delay", draw_flid),
    "spectra": ("Spectra of the states", draw_spectra),
    "emission": ("Time-resolved emission", draw_emission),
    "decays": ("Decays of the states", draw_decays),
    "g2": ("Photon correlation", draw_g2),
    "rates": ("Rates and the model", draw_rates),
    "maps": ("Efficiency, lifetime and PP fraction up to five electrons and holes", draw_maps),
    "selection": ("Pixels and delays", draw_selection),
}
"""Title and function of each figure by key."""


def overview_figure(points: Sequence[FigureData], simulated: bool) -> ShownFigure | None:
    """Draw what the points say together; None if they have nothing to say together."""
    drawn = draw_overview(points) if points else None
    if drawn is None:
        return None
    if simulated:
        mark_simulated(drawn.figure)
    return ShownFigure("overview", "All points against temperature", data_uri(drawn.figure), drawn.caption)


def run_figure(folder: RunFolder, simulated: bool) -> ShownFigure | None:
    """Draw the slow readings of a run; None if there are none."""
    drawn = draw_readings(folder)
    if drawn is None:
        return None
    if simulated:
        mark_simulated(drawn.figure)
    return ShownFigure("readings", "Temperature and count rate over the run", data_uri(drawn.figure), drawn.caption)


def shown_figures(data: FigureData, simulated: bool) -> Iterator[ShownFigure]:
    """Draw all figures of a point, one after the other, so that only one is in memory."""
    for key, (title, draw) in FIGURES.items():
        drawn = draw(data)
        if isinstance(drawn, Absent):
            yield ShownFigure(key, title, None, drawn.why)
            continue
        if simulated:
            mark_simulated(drawn.figure)
        yield ShownFigure(key, title, data_uri(drawn.figure), drawn.caption)
