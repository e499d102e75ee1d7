import math
import threading

import pytest

from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.focus import FocusDrive

NEAR_UM = 0.2
"""How near to its target a drive must come."""


def test_is_where_it_was_sent_when_the_call_returns(focus: FocusDrive) -> None:
    for target in (3.0, -1.5):
        assert focus.move_to_um(target)
        assert focus.position_um() == pytest.approx(target, abs=NEAR_UM)


def test_rests_until_it_is_moved_again(focus: FocusDrive) -> None:
    focus.move_to_um(2.0)
    focus.stop()
    focus.make_safe()
    assert focus.position_um() == pytest.approx(2.0, abs=NEAR_UM)


def test_refuses_places_outside_its_limits_and_stays(focus: FocusDrive) -> None:
    limits = focus.limits["z_um"]
    before = focus.position_um()
    for value in (limits.low - 0.1, limits.high + 0.1, math.nan, math.inf):
        with pytest.raises(RangeError, match="z_um"):
            focus.move_to_um(value)
    assert focus.position_um() == pytest.approx(before, abs=NEAR_UM)


def test_a_move_that_is_interrupted_says_so_and_ends_where_it_is(focus: FocusDrive) -> None:
    interrupt = threading.Event()
    interrupt.set()
    assert not focus.move_to_um(focus.limits["z_um"].high, interrupt)
    assert focus.position_um() < focus.limits["z_um"].high
    assert focus.move_to_um(1.0)


def test_does_not_move_while_not_connected(focus: FocusDrive) -> None:
    focus.close()
    for call in (lambda: focus.move_to_um(0.0), focus.position_um):
        with pytest.raises(StateError, match="not connected"):
            call()
