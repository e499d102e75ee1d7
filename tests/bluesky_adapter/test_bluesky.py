"""A Bluesky user drives the rig with an ordinary RunEngine, and the rig stays as safe as ever."""

import threading

import numpy as np
import pytest
from bluesky import RunEngine
from bluesky import plan_stubs as bps
from bluesky import plans as bp
from bluesky import preprocessors as bpp
from bluesky.protocols import (
    Checkable,
    Configurable,
    Locatable,
    Movable,
    Pausable,
    Readable,
    Stageable,
    Stoppable,
    Triggerable,
)
from bluesky.utils import FailedStatus, RunEngineInterrupted

from acquisition.bluesky_adapter import Stability, Status, WorkInterruptedError, bluesky_devices, ending_safely
from acquisition.bluesky_adapter.status import Background
from acquisition.rig import open_rig
from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, RangeError

PATIENCE_S = 30.0


@pytest.fixture
def rig():
    with open_rig("simulated", seed=3) as rig:
        yield rig


@pytest.fixture
def engine():
    return RunEngine({}, context_managers=[])


@pytest.fixture
def documents(engine):
    seen = []
    engine.subscribe(lambda name, document: seen.append((name, document)))
    return seen


def of_kind(documents, kind):
    return [document for name, document in documents if name == kind]


def light_on(devices, percent=20.0):
    yield from bps.mv(devices.laser_intensity, percent, devices.laser_rate, 1e6)
    yield from bps.mv(devices.shutter, True, devices.laser_emission, True)


def test_devices_follow_the_protocols_that_they_claim(rig):
    devices = bluesky_devices(rig)
    settings = (devices.laser_rate, devices.laser_intensity, devices.laser_emission, devices.shutter)
    for device in (*settings, devices.temperature, devices.stage_x, devices.stage_y):
        for protocol in (Movable, Readable, Locatable, Checkable, Stoppable, Configurable, Pausable):
            assert isinstance(device, protocol), (device.name, protocol)
        assert device.describe().keys() == device.read().keys()
    for protocol in (Triggerable, Readable, Stageable, Stoppable, Configurable, Pausable):
        assert isinstance(devices.spad_array, protocol)


def test_count_gives_photons_rate_and_cascades_with_units_and_says_that_they_are_simulated(rig, engine, documents):
    devices = bluesky_devices(rig, exposure_s=4.0)
    engine(bpp.pchain(light_on(devices), bp.count([devices.spad_array], num=2)))
    [descriptor] = of_kind(documents, "descriptor")
    units = {key: description["units"] for key, description in descriptor["data_keys"].items()}
    assert units == {
        "spad_array_count_rate_cps": "counts/s",
        "spad_array_photons": "photons",
        "spad_array_elapsed_s": "s",
        "spad_array_cascades": "cascades",
    }
    configuration = descriptor["configuration"]["spad_array"]["data"]
    assert configuration["spad_array_simulated"] is True
    assert configuration["spad_array_exposure_s"] == 4.0
    assert configuration["spad_array_pulsed"] is True
    data = [event["data"] for event in of_kind(documents, "event")]
    assert [one["spad_array_elapsed_s"] for one in data] == [4.0, 4.0]
    for one in data:
        assert one["spad_array_photons"] > 4 * 80_000  # more than the dark counts
        assert one["spad_array_count_rate_cps"] == pytest.approx(one["spad_array_photons"] / 4.0)
        assert one["spad_array_cascades"] > 10  # about 30 in the 2 s after region and window are chosen
    assert of_kind(documents, "stop")[0]["exit_status"] == "success"
    assert not rig.spad_array.settings()["bias"]  # as before the plan


def test_a_short_exposure_claims_no_cascades(rig, engine, documents):
    engine(bp.count([bluesky_devices(rig, exposure_s=0.5).spad_array]))
    [event] = of_kind(documents, "event")
    assert "spad_array_cascades" not in event["data"]
    # no light: the dark counts of 320 pixels, 5 sigma of chance and the spread of their rates
    assert 0 < event["data"]["spad_array_photons"] < 0.5 * 320 * 2_000


def test_photons_of_an_exposure_go_to_a_recorder_that_is_given(rig, engine, documents):
    kept = []

    class Kept:
        def __init__(self, info):
            self.finished = False
            kept.append((self, []))

        def append(self, block):
            kept[-1][1].append(len(block))

        def finish(self):
            self.finished = True

        def abandon(self):
            raise AssertionError("nothing failed")

    engine(bp.count([bluesky_devices(rig, exposure_s=1.5, recorder_factory=Kept).spad_array]))
    [(recorder, lengths)] = kept
    assert recorder.finished
    assert sum(lengths) == of_kind(documents, "event")[0]["data"]["spad_array_photons"]


def test_scan_over_temperature_waits_until_each_is_stable(rig, engine, documents):
    stability = Stability(tolerance_c=0.3, window_s=20.0, timeout_s=600.0)
    devices = bluesky_devices(rig, exposure_s=1.0, stability=stability)
    engine(bpp.pchain(light_on(devices), bp.scan([devices.spad_array], devices.temperature, 30, 50, 3)))
    [descriptor] = of_kind(documents, "descriptor")
    assert descriptor["data_keys"]["temperature_c"]["units"] == "degC"
    assert descriptor["data_keys"]["temperature_heating"]["dtype"] == "boolean"
    assert descriptor["configuration"]["temperature"]["data"]["temperature_simulated"] is True
    assert descriptor["configuration"]["temperature"]["data"]["temperature_window_s"] == 20.0
    reached = [event["data"]["temperature_c"] for event in of_kind(documents, "event")]
    np.testing.assert_allclose(reached, [30, 40, 50], atol=0.3)
    assert rig.clock.now() >= 3 * 20.0
    assert rig.heater.status().heating  # the plan has not said that it is to end


def test_a_temperature_that_is_not_stable_in_time_fails_the_plan(rig, engine):
    devices = bluesky_devices(rig, stability=Stability(window_s=5.0, timeout_s=6.0))
    with pytest.raises(FailedStatus) as caught:
        engine(ending_safely(rig, bps.mv(devices.temperature, 60.0)))
    assert "after 6 s" in str(caught.value.__cause__)
    assert not rig.heater.status().heating


def test_a_value_beyond_the_limits_of_the_rig_is_refused_before_anything_is_set(rig, engine):
    devices = bluesky_devices(rig)
    with pytest.raises(RangeError, match="objective"):
        engine(bps.mv(devices.temperature, 90.0))
    with pytest.raises(RangeError):
        engine(bps.mv(devices.laser_intensity, 120.0))
    with pytest.raises(RangeError, match="not a number"):
        devices.laser_rate.set("1 MHz")
    with pytest.raises(RangeError, match="True or False"):
        devices.laser_emission.set(1)
    assert not rig.heater.status().heating
    assert rig.laser.status().intensity_percent == 0.0


def test_a_pause_takes_the_light_off_and_a_resume_brings_it_back(rig, engine, documents):
    devices = bluesky_devices(rig)

    def plan():
        yield from light_on(devices)
        yield from bps.mv(devices.temperature, 30.0)
        yield from bps.checkpoint()
        yield from bps.pause()
        yield from bp.count([devices.spad_array])

    with pytest.raises(RunEngineInterrupted):
        engine(ending_safely(rig, plan()))
    assert not rig.laser.status().emission
    assert not rig.shutter.is_open()
    assert rig.heater.status().heating
    engine.resume()
    assert of_kind(documents, "event")[0]["data"]["spad_array_photons"] > 80_000
    assert not rig.laser.status().emission
    assert not rig.heater.status().heating


@pytest.mark.parametrize("verb", ["stop", "abort", "halt"])
def test_a_plan_that_is_ended_in_a_pause_leaves_the_rig_safe_and_dark_for_good(verb, rig, engine):
    devices = bluesky_devices(rig)

    def plan():
        yield from light_on(devices)
        yield from bps.mv(devices.temperature, 30.0)
        yield from bps.pause()

    with pytest.raises(RunEngineInterrupted):
        engine(ending_safely(rig, plan()))
    getattr(engine, verb)()
    assert not rig.laser.status().emission
    assert not rig.shutter.is_open()
    assert not rig.heater.status().heating
    devices.laser_emission.resume()
    assert not rig.laser.status().emission
    with pytest.raises(FailedStatus):
        engine(bps.mv(devices.laser_emission, True))
    rig.arm()
    engine(ending_safely(rig, light_on(devices)))


def test_a_pause_in_the_middle_of_an_exposure_ends_it_and_it_is_repeated_afterwards(rig, engine, documents):
    started, blocks = threading.Event(), []

    class Slow:
        def __init__(self, info):
            blocks.append(0)

        def append(self, block):
            blocks[-1] += 1
            if len(blocks) == 1:
                started.set()
                held.wait(PATIENCE_S)

        def finish(self):
            pass

        def abandon(self):
            pass

    held = threading.Event()
    devices = bluesky_devices(rig, exposure_s=200.0, recorder_factory=Slow)

    def pause_it():
        started.wait(PATIENCE_S)
        engine.request_pause()
        held.set()

    helper = threading.Thread(target=pause_it)
    helper.start()
    with pytest.raises(RunEngineInterrupted):
        engine(ending_safely(rig, bpp.pchain(light_on(devices, 1.0), bp.count([devices.spad_array]))))
    helper.join(PATIENCE_S)
    assert not rig.laser.status().emission
    assert rig.spad_array.settings()["bias"]
    assert blocks[0] < 200
    engine.resume()
    assert blocks[1] == 200
    [event] = of_kind(documents, "event")
    assert event["data"]["spad_array_elapsed_s"] == 200.0
    assert not rig.laser.status().emission


def test_a_map_moves_both_axes_of_the_stage(rig, engine, documents):
    devices = bluesky_devices(rig, exposure_s=0.5)
    engine(bps.mv(devices.stage_x, -5.0, devices.stage_y, 7.0))
    np.testing.assert_allclose(rig.stage.position_um(), [-5.0, 7.0], atol=0.2)  # 20 nm, 10 sigma
    engine(bp.grid_scan([devices.spad_array], devices.stage_y, 0, 4, 2, devices.stage_x, 1, 3, 3))
    reached = [(event["data"]["stage_y_um"], event["data"]["stage_x_um"]) for event in of_kind(documents, "event")]
    np.testing.assert_allclose(reached, [(0, 1), (0, 2), (0, 3), (4, 1), (4, 2), (4, 3)], atol=0.2)
    assert of_kind(documents, "descriptor")[0]["data_keys"]["stage_x_um"]["units"] == "um"
    with pytest.raises(RangeError):
        devices.stage_x.set(1e6)
    assert devices.stage_y.locate()["setpoint"] == 4.0


def test_a_stage_that_is_stopped_rests_on_its_way(rig):
    axis = bluesky_devices(rig).stage_x
    with rig.clock.participant():  # time stands still, so that it does not arrive
        status = axis.set(900.0)
        axis.stop(success=False)
        assert isinstance(status.exception(PATIENCE_S), WorkInterruptedError)
    assert rig.stage.position_um()[0] < 900.0
    assert not rig.stage.is_moving()


def test_stopping_a_temperature_ends_the_waiting_and_leaves_the_heater_on(rig):
    with rig.clock.participant():  # time stands still, so that nothing becomes stable
        temperature = bluesky_devices(rig).temperature
        status = temperature.set(40.0)
        temperature.stop(success=False)
        assert isinstance(status.exception(PATIENCE_S), WorkInterruptedError)
        status = temperature.set(41.0)
        temperature.stop()
        assert status.exception(PATIENCE_S) is None
    assert status.success


def test_a_device_that_hangs_fails_its_status_in_bounded_time():
    released = threading.Event()
    work = Background("laser_intensity")
    status = work.start(lambda interrupt: released.wait(PATIENCE_S), timeout_s=0.05)
    assert isinstance(status.exception(PATIENCE_S), DeviceTimeoutError)
    released.set()
    assert work.end()
    assert not status.success


def test_a_status_tells_late_listeners_too_and_does_not_wait_for_ever():
    status, told = Status(), []
    with pytest.raises(TimeoutError):
        status.exception(0.01)
    status.add_callback(told.append)
    status.finish()
    status.finish(ValueError("too late"))
    status.add_callback(told.append)
    assert told == [status, status]
    assert status.success


def test_a_pause_takes_the_light_off_even_if_the_laser_does_not_say_how_it_is(rig, monkeypatch):
    devices = bluesky_devices(rig)
    rig.laser.set_emission(True)
    rig.shutter.set_open(True)
    real = rig.laser.status

    def silent():
        raise CommunicationError("laser", "no answer")

    monkeypatch.setattr(rig.laser, "status", silent)
    with pytest.raises(CommunicationError):
        devices.laser_rate.pause()
    monkeypatch.setattr(rig.laser, "status", real)
    assert (rig.laser.status().emission, rig.shutter.is_open()) == (False, False)
    devices.laser_rate.resume()
    assert (rig.laser.status().emission, rig.shutter.is_open()) == (False, False)


@pytest.mark.parametrize("verb", ["stop", "abort", "halt"])
@pytest.mark.parametrize("second", ["laser_rate", "temperature"])
def test_a_pause_whose_plan_was_ended_brings_no_light_into_another_plan(verb, second, rig, engine):
    devices = bluesky_devices(rig)

    def reading(name):
        yield from bps.checkpoint()
        yield from bps.rd(getattr(devices, name))
        yield from bps.pause()

    rig.laser.set_emission(True)
    rig.shutter.set_open(True)
    with pytest.raises(RunEngineInterrupted):
        engine(reading("laser_rate"))
    getattr(engine, verb)()
    with pytest.raises(RunEngineInterrupted):
        engine(reading(second))
    engine.resume()
    assert (rig.laser.status().emission, rig.shutter.is_open()) == (False, False)


def test_somebody_who_reads_an_instrument_in_a_pause_does_not_keep_the_light_from_coming_back(rig, engine):
    devices = bluesky_devices(rig)

    def plan():
        yield from light_on(devices)
        yield from bps.checkpoint()
        yield from bps.pause()

    with pytest.raises(RunEngineInterrupted):
        engine(plan())
    assert not devices.laser_emission.read()["laser_emission"]["value"]
    engine.resume()
    assert rig.laser.status().emission
    assert rig.shutter.is_open()
