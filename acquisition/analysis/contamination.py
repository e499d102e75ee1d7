"""What bins of other charge states among those of one do to its numbers."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.estimate import Estimate
from acquisition.analysis.state_fits import StateFits


def with_contamination(fits: Mapping[str, StateFits], confusion: NDArray[np.float64]) -> dict[str, StateFits]:
    """Widen the errors of light and exciton lifetime by what misassigned bins would shift them.

    Parameters
    ----------
    fits : mapping of StateFits
        By charge state, in the order of `confusion`.
    confusion : float64 array, shape (states, states)
        Mean probability, over the bins assigned to the row, of the column.
    """
    widened = {}
    for i, (name, fit) in enumerate(fits.items()):
        others = [(confusion[i, j], other) for j, other in enumerate(fits.values()) if j != i]
        light = sum(share * (other.light_per_pulse.value - fit.light_per_pulse.value) for share, other in others)
        changed = replace(fit, light_per_pulse=_widened(fit.light_per_pulse, light))
        if fit.decay is not None:
            tau = fit.decay.lifetime_x_ns
            shift = sum(share * (o.decay.lifetime_x_ns.value - tau.value) for share, o in others if o.decay is not None)
            covariance = fit.decay.covariance.copy()
            covariance[0, 0] += shift**2
            decay = replace(fit.decay, lifetime_x_ns=_widened(tau, shift), covariance=covariance)
            changed = replace(changed, decay=decay)
        widened[name] = changed
    return widened


def _widened(estimate: Estimate, systematic: float) -> Estimate:
    return Estimate(estimate.value, float(np.hypot(estimate.error, systematic)))
