"""Settings of the photon analysis; None means: chosen from the data, and recorded."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """How a photon stream is analysed.

    Widths, windows and temperatures are positive, the largest lag at least 1, the threshold from 0.5
    to below 1.

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

    Raises
    ------
    ValueError
        If a value is not allowed; names all that are not.
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

    def __post_init__(self) -> None:
        checks = {
            "bin_width_s": self.bin_width_s > 0,
            "region": self.region is None or 0 <= self.region[0] < self.region[1],
            "window_ns": self.window_ns is None or self.window_ns > 0,
            "max_lag": self.max_lag >= 1,
            "crosstalk_pixels": self.crosstalk_pixels >= 0,
            "crosstalk_window_ns": self.crosstalk_window_ns >= 0,
            "posterior_threshold": 0.5 <= self.posterior_threshold < 1,
            "max_charge_states": self.max_charge_states >= 1,
            "temperature_k": self.temperature_k is None or self.temperature_k > 0,
        }
        wrong = [f"{name} = {getattr(self, name)}" for name, right in checks.items() if not right]
        if wrong:
            raise ValueError(f"not allowed: {', '.join(wrong)}; see the limits in the description of AnalysisSettings")
