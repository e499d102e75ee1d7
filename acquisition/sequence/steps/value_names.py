"""Names of the values that steps give, so that a condition on one that never comes is refused at once."""

import difflib
import re
from typing import Any

from acquisition.sequence.steps.variables import without_variables

VALUES = {
    "photons": "photons of the newest point",
    "elapsed_s": "time of the newest point",
    "goal_reached": "whether the newest point ended because its goal (`until`) was reached",
    "count_rate_cps": "mean count rate of the newest point or count",
    "count_rate_error_cps": "its Poisson error, after a count",
    "counts": "photons of the newest count",
    "exposed_s": "time of the newest count",
    "time_s": "when the newest count began, in the time of the rig",
    "pixel_mean": "mean pixel of the newest count",
    "table": "path of the newest table in the run folder",
    "intensity_percent": "intensity of the laser, after set_laser",
    "emission": "whether the laser emits, after set_laser",
    "shutter_open": "whether the shutter is open, after set_shutter",
    "cascades": "pulses with exactly two photons in the newest point, by the live analysis",
    "transmission_percent": "what passes the attenuator, after set_attenuator",
    "power_uw": "mean laser power, after measure_power",
    "power_error_uw": "its standard error, from the scatter of the readings",
    "temperature_c": "temperature when a wait_until_stable or a count ended",
    "peak_temperature_c": "highest temperature during heat_with_power",
    "grating": "number of the grating, after set_spectrograph",
    "centre_nm": "wavelength in the middle, after set_spectrograph",
    "slit_um": "width of the entrance slit, after set_spectrograph",
    "calibrated_in_s": "how long calibrate_detector took",
    "settled_after_s": "how long it took",
    "stable": "whether the temperature became stable",
    "x_um": "place of the stage",
    "y_um": "place of the stage",
    "z_um": "height of the focus, after set_focus",
    "emitters_found": "emitters that the newest raster_scan has found",
    "centred": "whether the newest centre_on_emitter has brought an emitter into the middle",
    "emitter_x_um": "place of the emitter, after centre_on_emitter",
    "emitter_y_um": "place of the emitter, after centre_on_emitter",
    "emitter_x_error_um": "its standard error",
    "emitter_y_error_um": "its standard error",
    "emitter_rate_cps": "brightness of the emitter, after centre_on_emitter",
    "emitter_rate_error_cps": "its standard error",
    "offset_um": "distance of the emitter from the middle of the spot, after centre_on_emitter",
    "verdict": "one, several or undecided, after confirm_single_emitter",
    "g2_gated": "time-gated g2(0), after confirm_single_emitter",
    "g2_gated_error": "its standard error",
    "excitations_per_pulse": "mean number of excitations per pulse, after power_series",
    "excitations_per_pulse_error": "its standard error",
    "excitations_per_pulse_per_percent": "the same per percent of laser intensity",
    "excitations_per_pulse_per_percent_error": "its standard error",
    "late_counts_per_exciton": "late counts of a pulse that makes one excitation, after power_series",
    "late_counts_per_exciton_error": "its standard error",
    "scatter": "relative scatter of a power_series beyond counting",
    "chi2_per_degree": "goodness of fit of a power_series",
    "background": "dark or off_dot, after acquire_background",
    "background_cps": "count rate of the newest background",
    "background_error_cps": "its error",
    "readings": "readings of the newest acquire_intensity_series",
    "interrupted": "whether the run was broken off during it",
    "remaining_share": "its last count rate over its first",
    "rounds": "rounds of the newest repeat_until",
    "frames": "frames of the newest acquire_spectra",
    "saturated_frames": "how many of them have a saturated pixel",
    "frame_signal_counts": "mean sum of a frame above its median, after acquire_spectra",
    "frame_signal_error_counts": "its standard error, from the scatter of the frames",
    "answer": "answer to the newest prompt",
    "emitters.verdict": "one, several or undecided, after analyze",
    "emitters.g2_gated": "time-gated g2(0), after analyze",
    "emitters.g2_gated.error": "its standard error",
}
"""Name and meaning; names carry the unit."""

_TEXTS: dict[str, tuple[str, ...]] = {
    "verdict": ("one", "several", "undecided"),
    "emitters.verdict": ("one", "several", "undecided"),
    "background": ("dark", "off_dot"),
    "answer": (),
    "table": (),
}
"""Names whose values are texts, and which ones are possible; empty where that is not known here."""

_TRUTHS = frozenset({"goal_reached", "emission", "shutter_open", "stable", "centred", "interrupted"})
_NUMBERS = frozenset(VALUES) - frozenset(_TEXTS) - _TRUTHS

_STATE_VALUES = (
    "lifetime_ns",
    "quantum_efficiency",
    "energy_ss_ev",
    "energy_pp_ev",
    "pp_fraction",
    "k_rad_per_us",
    "k_nonrad_per_us",
)
_RESULT = re.compile(
    rf"(X|X-|X2-|BX|BX-|BX2-)\.({'|'.join(_STATE_VALUES)})(\.error)?"
    r"|g2\.(neutral|minus1|minus2)\.center_over_side(\.error)?|model\.(B|C_minus|C_plus)_per_us(\.error)?"
)


def declare(**meanings: str) -> None:
    """Add names of values, with their meaning."""
    VALUES.update(meanings)


def known_name(value: Any) -> Any:
    """Return the name of a value; raises `ValueError`, with a suggestion, if no step gives one of this name."""
    name = without_variables(value)
    if name is None or not isinstance(name, str) or name in VALUES or _RESULT.fullmatch(name):
        return name
    close = difflib.get_close_matches(name, VALUES, n=1)
    hint = f"did you mean {close[0]!r}? Known" if close else "known"
    examples = "BX-.lifetime_ns and BX-.lifetime_ns.error (any state and result), g2.neutral.center_over_side"
    raise ValueError(f"no step gives {name!r}; {hint} are {', '.join(VALUES)}; after analyze also {examples}")


def check_comparison(name: str, equals: str | bool | float | None) -> None:
    """Make sure that a value of this name can be what a condition compares it with.

    Parameters
    ----------
    name : str
        As `known_name` lets pass.
    equals : str, bool, float or None
        What it is to be equal to; None if it is to be above or below something.

    Raises
    ------
    ValueError
        If it can never be, with what is possible.
    """
    if name in _TEXTS:
        allowed = _TEXTS[name]
        if equals is None:
            raise ValueError(f"{name} is a text, which is not above or below anything; use equals")
        if not isinstance(equals, str) or (allowed and equals not in allowed):
            what = f"one of {', '.join(allowed)}" if allowed else "a text (in quotes)"
            raise ValueError(f"{name} is never {_written(equals)}; it is {what}")
    elif name in _TRUTHS:
        if equals is None or isinstance(equals, str) or equals not in (True, False):
            compared = "above or below anything" if equals is None else _written(equals)
            raise ValueError(f"{name} is never {compared}; it is true or false, without quotes: equals: true")
    elif (name in _NUMBERS or _RESULT.fullmatch(name)) and isinstance(equals, str | bool):
        raise ValueError(f"{name} is never {_written(equals)}; it is a number")


def _written(value: str | bool | float) -> str:
    """Return a value as files write it."""
    return str(value).lower() if isinstance(value, bool) else repr(value)
