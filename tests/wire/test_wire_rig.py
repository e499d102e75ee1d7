"""The real drivers find the simulated instruments of the shipped rig `wire`, and measure with them."""

import numpy as np

from acquisition.rig import open_rig
from tests.simulators.worlds import shining, shipped_sample
from tests.wire.simulation import WireWorld


def test_all_instruments_of_the_rig_are_found_safe_and_say_that_they_are_simulated(wire_world: WireWorld) -> None:
    with open_rig(wire_world.rig) as rig:
        assert all(device.identity.simulated for device in rig.devices.values())
        state = wire_world.control.state()
        assert {"laser", "shutter", "heater", "spectrograph", "camera", "spad_array"} <= set(rig.devices)
        assert set(state) == {*rig.devices, "control"} - {"spectrograph", "camera"}  # whose libraries have no wire
        assert state["spad_array"]["clients"] == 1
        assert state["spad_array"]["bias"] is False
        assert state["control"]["emission"] is False
        assert state["control"]["shutter_open"] is False


def test_the_photons_over_the_wire_are_those_of_the_simulated_rig(wire_world: WireWorld) -> None:
    with open_rig(wire_world.rig) as rig:
        rig.arm()
        rig.laser.set_repetition_rate_hz(1e6)
        rig.laser.set_intensity_percent(20.0)
        rig.shutter.set_open(True)
        rig.laser.set_emission(True)
        rig.spad_array.set_bias(True)
        blocks = list(rig.spad_array.photons(2.0))
    assert not any(block.gaps for block in blocks)
    assert (blocks[0].first_pulse, blocks[-1].end_pulse) == (0, 2_000_000)
    expected = list(shining(shipped_sample(), wire_world.control.truth()["seed"]).array.photons(2.0))
    found, truth = (sorted_photons(part) for part in (blocks, expected))
    missing = len(truth) - len(found)
    assert 0 <= missing < 0.003 * len(truth)  # pixels that share a converter
    assert np.isin(found, truth).all()


def sorted_photons(blocks):
    fields = [("pulse", np.int64), ("delay_ps", np.int64), ("pixel", np.int64)]
    found = np.empty(sum(len(block) for block in blocks), fields)
    for name, _ in fields:
        found[name] = np.concatenate([getattr(block, name) for block in blocks])
    return np.sort(found)


def test_frames_are_exposures_of_the_simulated_world(wire_world: WireWorld) -> None:
    before = len(wire_world.control.truth()["points"])
    with open_rig(wire_world.rig) as rig:
        rig.arm()
        rig.camera.set_exposure_s(0.2)
        frames = list(rig.camera.frames(2))
    assert [frame.counts.shape for frame in frames] == [(200, 512)] * 2
    assert len(wire_world.control.truth()["points"]) == before + 1


def test_everything_is_safe_when_the_rig_is_closed(wire_world: WireWorld) -> None:
    with open_rig(wire_world.rig) as rig:
        rig.arm()
        rig.laser.set_intensity_percent(20.0)
        rig.shutter.set_open(True)
        rig.laser.set_emission(True)
        rig.spad_array.set_bias(True)
        rig.heater.heat_to_c(40.0)
        state = wire_world.control.state()
        assert (state["spad_array"]["bias"], state["control"]["emission"]) == (True, True)
    state = wire_world.control.state()
    assert (state["spad_array"]["bias"], state["control"]["emission"]) == (False, False)
    assert state["control"]["shutter_open"] is False
