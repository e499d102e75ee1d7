"""What the axis of pixels shows: pixels, wavelengths or photon energies."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.spectra import HC_EV_NM
from acquisition.gui.live.toggles import Toggles
from acquisition.gui.plots import Axis
from acquisition.gui.plots.axis import edges_of

AXES = {"nm": Axis("wavelength", "nm"), "ev": Axis("photon energy", "eV"), "pixel": Axis("pixel")}


def light_toggles() -> Toggles:
    """Return the buttons that choose one of `AXES`."""
    texts = {"nm": "nm", "ev": "eV", "pixel": "Pixel"}
    return Toggles(texts, "Show light by wavelength, by photon energy, or by pixel of the detector.")


def pixel_edges(kind: str, wavelength_nm: NDArray[Any] | None, pixels: int) -> tuple[str, NDArray[Any]]:
    """Return where each pixel begins, and the last one ends.

    Parameters
    ----------
    kind : str
        One of `AXES`.
    wavelength_nm : float array or None, shape (pixels,)
        Without it only pixels can be shown.
    pixels : int

    Returns
    -------
    kind : str
        What is shown.
    edges : float array, shape (pixels + 1,)
        In its unit; energies fall where wavelengths rise.
    """
    if kind == "pixel" or wavelength_nm is None or pixels < 2:
        return "pixel", np.arange(pixels + 1) - 0.5
    edges = np.asarray(edges_of(np.asarray(wavelength_nm, dtype=float)))
    return kind, HC_EV_NM / edges if kind == "ev" else edges
