"""Settings of the photon analysis; None means: chosen from the data, and recorded."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """How a photon stream is analysed.

    Attributes
    ----------
    bin_width_s : float
        Width of a bin of the count trace in s; a quarter of it is used where charge states switch too
        fast for it.
    region : tuple of int or None
        Region of interest in pixels, [first, end); None: the one with most information on pairs.
    window_ns : float or None
        Length of the delay window after time zero in ns; None: chosen together with the region.
    max_lag : int
        Largest pulse lag of g2.
    crosstalk_pixels : int
        Pairs of pixels at most so far apart are cut around zero delay.
    crosstalk_window_ns : float
        Half width of that cut in ns.
    posterior_threshold : float
        A bin belongs to a charge state if the other bins say so with at least this probability.
    max_charge_states : int
        Number of charge states that are looked for.
    multiexciton : {"cascade", "cap2"}
        Whether pulses with three and more excitons are part of the model.
    temperature_k : float or None
        Temperature of the sample in K; None: as recorded, else 293 K with a warning.
    common_linewidth : bool
        Whether the SS and PP lines of a spectrum share one width.
    """

    bin_width_s: float = 0.04
    region: tuple[int, int] | None = None
    window_ns: float | None = None
    max_lag: int = 20
    crosstalk_pixels: int = 2
    crosstalk_window_ns: float = 2.0
    posterior_threshold: float = 0.99
    max_charge_states: int = 3
    multiexciton: Literal["cascade", "cap2"] = "cascade"
    temperature_k: float | None = None
    common_linewidth: bool = True
