import math
import threading

import pytest

from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.stage import XYStage

NEAR_UM = 0.2
"""How near to its target a stage must come."""


def test_is_at_rest_when_connected(stage: XYStage) -> None:
    assert not stage.is_moving()


def test_is_where_it_was_sent_when_the_call_returns(stage: XYStage) -> None:
    for target in ((5.0, -3.0), (-2.5, 0.0)):
        assert stage.move_to_um(*target)
        assert stage.position_um() == pytest.approx(target, abs=NEAR_UM)
        assert not stage.is_moving()


def test_rests_until_it_is_moved_again(stage: XYStage) -> None:
    stage.move_to_um(5.0, 5.0)
    before = stage.position_um()
    stage.stop()
    stage.make_safe()
    assert stage.position_um() == pytest.approx(before, abs=NEAR_UM)


@pytest.mark.parametrize("axis", ["x_um", "y_um"])
def test_refuses_places_outside_its_limits_and_stays(stage: XYStage, axis: str) -> None:
    limits = stage.limits[axis]
    before = stage.position_um()
    for value in (limits.low - 0.1, limits.high + 0.1, math.nan, math.inf):
        with pytest.raises(RangeError, match=axis):
            stage.move_to_um(**{"x_um": 0.0, "y_um": 0.0, axis: value})
    assert stage.position_um() == pytest.approx(before, abs=NEAR_UM)


def test_a_move_that_is_interrupted_says_so_and_ends_where_it_is(stage: XYStage) -> None:
    interrupt = threading.Event()
    interrupt.set()
    assert not stage.move_to_um(stage.limits["x_um"].high, 0.0, interrupt)
    assert not stage.is_moving()
    assert stage.position_um()[0] < stage.limits["x_um"].high
    assert stage.move_to_um(1.0, 1.0)


def test_does_not_move_while_not_connected(stage: XYStage) -> None:
    stage.close()
    for call in (lambda: stage.move_to_um(0.0, 0.0), stage.position_um, stage.is_moving):
        with pytest.raises(StateError, match="not connected"):
            call()
