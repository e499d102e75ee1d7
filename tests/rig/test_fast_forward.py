"""A run that is resumed in a new process does not see the photons of its finished points again."""

import numpy as np
import pytest
from numpy.typing import NDArray

from acquisition.rig import Rig, open_rig
from tests.rig.fakes import fake_rig


def acquire(rig: Rig) -> NDArray[np.int64]:
    """Return the pulses of the photons of 0.2 s of light."""
    assert rig.shutter is not None
    rig.laser.set_intensity_percent(20.0)
    rig.laser.set_emission(True)
    rig.shutter.set_open(True)
    rig.spad_array.set_bias(True)
    return np.concatenate([block.pulse for block in rig.spad_array.photons(0.2)])


def test_a_resumed_rig_goes_on_with_the_photons_that_would_have_come() -> None:
    with open_rig("simulated", seed=3) as rig:
        first, second, third = (acquire(rig) for _ in range(3))
    with open_rig("simulated", seed=3, first_point=3) as resumed:
        np.testing.assert_array_equal(acquire(resumed), third)
    with open_rig("simulated", seed=3) as resumed:
        resumed.fast_forward_points(1)
        np.testing.assert_array_equal(acquire(resumed), second)
        assert not np.array_equal(second, first)


def test_the_truth_lists_the_new_points_only_with_their_numbers() -> None:
    with open_rig("simulated", first_point=5) as rig:
        assert (rig.truth() or {})["points"] == []
        acquire(rig)
        acquire(rig)
        truth = rig.truth()
    assert truth is not None
    assert [point["point"] for point in truth["points"]] == [5, 6]
    assert truth["excitations_per_pulse"] == pytest.approx(0.2)


def test_points_can_only_be_passed_over_forwards() -> None:
    with pytest.raises(ValueError, match="-1 acquisitions cannot be passed over"):
        open_rig("simulated", first_point=0)
    rig = fake_rig([])
    rig.fast_forward_points(2)
    assert rig.truth() is None
    with pytest.raises(ValueError, match="cannot be passed over"):
        rig.fast_forward_points(-2)
