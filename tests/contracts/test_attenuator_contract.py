import math

import pytest

from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.errors import OperatorNeeded, RangeError, StateError


def set_transmission(attenuator: Attenuator, value: float) -> None:
    """As the engine does: what only a person can do is asked for, and set again when it was done."""
    try:
        attenuator.set_transmission(value)
    except OperatorNeeded as needed:
        needed.confirm()
        attenuator.set_transmission(value)


def test_passes_the_share_that_was_set(attenuator: Attenuator) -> None:
    for value in (attenuator.limits["transmission"].high, attenuator.limits["transmission"].low):
        set_transmission(attenuator, value)
        assert attenuator.transmission() == pytest.approx(value)


def test_stays_as_it_was_when_made_safe(attenuator: Attenuator) -> None:
    set_transmission(attenuator, attenuator.limits["transmission"].high)
    attenuator.make_safe()
    assert attenuator.transmission() == pytest.approx(attenuator.limits["transmission"].high)


def test_refuses_values_outside_its_limits_and_stays(attenuator: Attenuator) -> None:
    limits = attenuator.limits["transmission"]
    assert limits.low >= 0
    assert limits.high <= 1
    set_transmission(attenuator, limits.high)
    for value in (limits.low - 0.1, limits.high + 0.1, math.nan, math.inf):
        with pytest.raises(RangeError, match="transmission"):
            attenuator.set_transmission(value)
    assert attenuator.transmission() == pytest.approx(limits.high)


def test_does_nothing_while_not_connected(attenuator: Attenuator) -> None:
    attenuator.close()
    for call in (lambda: attenuator.set_transmission(1.0), attenuator.transmission):
        with pytest.raises(StateError, match="not connected"):
            call()
