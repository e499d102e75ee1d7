"""Names of the values that steps give, so that a condition on one that never comes is refused at once."""

import difflib
import re
from typing import Any

from acquisition.sequence.steps.variables import without_variables

VALUES = {
    "photons": "photons of the newest point",
    "elapsed_s": "time of the newest point",
    "count_rate_cps": "mean count rate of the newest point",
    "cascades": "pulses with exactly two photons in the newest point, by the live analysis",
    "temperature_c": "temperature when a wait_until_stable ended",
    "settled_after_s": "how long it took",
    "stable": "whether the temperature became stable",
    "x_um": "place of the stage",
    "y_um": "place of the stage",
    "answer": "answer to the newest prompt",
    "emitters.verdict": "one, several or undecided, after analyze",
    "emitters.g2_gated": "time-gated g2(0), after analyze",
    "emitters.g2_gated.error": "its standard error",
}
"""Name and meaning; names carry the unit."""

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
