"""Light of each charge state by delay and photon energy."""

from qtpy.QtWidgets import QVBoxLayout

from acquisition.gui.live.state_curves import emission_map
from acquisition.gui.live.state_figures import StateFigures
from acquisition.gui.live.state_panel import StatePanel
from acquisition.gui.live.tiles import Tiles
from acquisition.gui.live.toggles import Toggles
from acquisition.gui.plots import Axis, Picture
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place
from acquisition.report.words import CHARGE_NAMES, CHARGES

AXES = {"eV": Axis("photon energy", "eV"), "nm": Axis("wavelength", "nm")}
DELAY = Axis("delay", "ns")


@view(
    "emission", "Emission of the states", Place.LIVE, order=64, shows=("emission",),
    tip="Time-resolved emission of each charge state, background subtracted and corrected for the detection "
    "efficiency where it is known, in logarithmic colours. What the first nanoseconds show more than later ones is "
    "light of biexcitons.",
)  # fmt: skip
class EmissionPanel(StatePanel):
    """A map for each charge state."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.unit = Toggles(
            {"eV": "eV", "nm": "nm"},
            "Against photon energy or wavelength; the light is given per eV or per nm accordingly (Jacobian).",
        )
        self.unit.changed.connect(self.redraw)
        light = Axis("light", "% of maximum")
        self.pictures = {
            charge: Picture(
                desk, DELAY, AXES["eV"], light, f"Emission, {CHARGE_NAMES[charge]}", scale="logarithmic"
            )
            for charge in CHARGES
        }  # fmt: skip
        for picture in self.pictures.values():
            picture.show_limits(0.0, 100.0)
        self.tiles = Tiles(self.pictures, CHARGE_NAMES, "Which charge state is shown.")
        self.row.addWidget(self.tiles.toggles)
        self.row.addWidget(self.unit)
        self.row.addStretch(1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tiles)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for picture in self.pictures.values():
            picture.restyle()
        super().restyle()

    def draw_figures(self, figures: StateFigures) -> str:
        """Draw the maps."""
        in_nm = self.unit.one == "nm"
        maps = {charge: emission_map(figures, charge, in_nm=in_nm) for charge in CHARGES}
        found = {charge: each for charge, each in maps.items() if each is not None}
        if not found:
            return "No charge state has wavelengths and enough light for a map."
        for charge, each in found.items():
            picture = self.pictures[charge]
            picture.set_axes(DELAY, AXES[self.unit.one])
            picture.simulated = bool(figures.results.get("simulated"))
            picture.set(each.delay_edges_ns, each.spectral_edges, each.light)
            picture.refit()
        self.tiles.offer(tuple(found))
        return ""
