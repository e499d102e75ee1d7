"""Stage, focus and filter wheel through Micro-Manager: bounded moves, bounded calls, and no number that is wrong."""

import importlib.util
import math
import threading
import time

import pytest
from pydantic import ValidationError

from drivers.interfaces.errors import (
    CommunicationError,
    DeviceError,
    DeviceTimeoutError,
    FaultError,
    RangeError,
    StateError,
)
from drivers.stage.micro_manager import MicroManagerStage, MicroManagerStageSettings
from drivers.wire.micro_manager import Cores
from drivers.wire.micro_manager_core import MicroManagerSettings, load_core
from tests.drivers.micro_manager.fake_core import (
    POSITIONS,
    TRAVEL,
    FakeCore,
    attenuator_on,
    cores_with,
    focus_on,
    stage_on,
)

BOUND_S = 2.0


@pytest.fixture
def core():
    core = FakeCore()
    yield core
    if core.hang is not None:
        core.hang[1].set()


def hang(core, *names):
    core.hang = names, threading.Event()


def test_devices_of_one_file_share_a_core_that_goes_with_the_last_of_them(core):
    made = []
    cores = Cores(lambda settings: made.append(settings.config) or core)
    devices = [stage_on(core, cores), focus_on(core, cores), attenuator_on(core, cores)]
    for device in devices:
        device.connect()
    assert made == ["rig.cfg"]
    for device in devices[:2]:
        device.close()
    assert not core.unloaded.is_set()
    assert devices[2].connected
    devices[2].close()
    assert core.unloaded.is_set()
    devices[0].connect()
    assert made == ["rig.cfg"] * 2


def test_says_who_it_is(core):
    with stage_on(core) as stage:
        identity = stage.identity
    assert (identity.manufacturer, identity.model, identity.serial) == ("NikonTi2", "XY of a microscope", "XY")
    assert not identity.simulated


def test_a_label_that_is_not_there_is_told_with_those_that_are(core):
    stage = stage_on(core, device="Stage")
    with pytest.raises(CommunicationError, match=r"stage: rig.cfg has no device 'Stage'; it has XY, Z, Wheel, Core"):
        stage.connect()
    assert core.unloaded.is_set()
    assert not stage.connected


def test_a_file_that_cannot_be_loaded_is_told():
    def fail(settings):
        raise FileNotFoundError("Path does not exist: rig.cfg")

    with pytest.raises(CommunicationError, match=r"stage: Micro-Manager cannot load rig.cfg \(Path does not exist"):
        stage_on(None, Cores(fail)).connect()


@pytest.mark.parametrize(("library", "simulated"), [("DemoCamera", False), ("NikonTi2", True)])
def test_a_demonstration_and_hardware_are_not_mixed_up(library, simulated):
    core = FakeCore(library)
    with pytest.raises(StateError, match="demonstration"):
        stage_on(core, simulated=simulated).connect()
    assert core.unloaded.is_set()


def test_limits_must_be_given_and_leave_room():
    with pytest.raises(ValidationError, match="Field required"):
        MicroManagerStageSettings(config="rig.cfg", device="XY")
    with pytest.raises(ValidationError, match=r"x_low .* must lie below x_high"):
        MicroManagerStageSettings(config="rig.cfg", device="XY", **{**TRAVEL, "x_low_um": 2000.0})
    with pytest.raises(ValidationError, match=r"z_low .* must lie below z_high"):
        focus_on(None, z_low_um=600.0)


def test_an_inverted_axis_counts_the_other_way(core):
    with stage_on(core, inverted_x=True) as stage:
        assert stage.move_to_um(10.0, 5.0)
        assert stage.position_um() == pytest.approx((10.0, 5.0), abs=0.5)
        assert core.axes["XY"][0].now_um() == pytest.approx(-10.0, abs=0.5)


def test_a_move_is_stopped_from_another_thread_and_says_that_it_did_not_arrive(core):
    with stage_on(core) as stage:
        arrived = []
        mover = threading.Thread(target=lambda: arrived.append(stage.move_to_um(1000.0, 0.0)))
        mover.start()
        wait_for(lambda: core.axes["XY"][0].busy)
        begin = time.monotonic()
        stage.make_safe()
        assert time.monotonic() - begin < BOUND_S
        mover.join(BOUND_S)
        assert arrived == [False]
        x_um, _ = stage.position_um()
        assert x_um < 1000.0
        assert not stage.is_moving()


def test_only_one_move_goes_on_at_a_time(core):
    with stage_on(core) as stage:
        mover = threading.Thread(target=lambda: stage.move_to_um(1000.0, 0.0))
        mover.start()
        wait_for(lambda: core.axes["XY"][0].busy)
        with pytest.raises(StateError, match="is moving already"):
            stage.move_to_um(0.0, 0.0)
        stage.stop()
        mover.join(BOUND_S)


def test_a_stage_that_is_stuck_is_stopped_and_told_with_where_it_is(core):
    core.axes["XY"][0].stuck = True
    with stage_on(core, move_timeout_s=0.1) as stage:
        with pytest.raises(
            DeviceTimeoutError, match=r"stage: is not at \(10.00, 0.00\) um after 0.1 s, but at \(0.00, 0.00\)"
        ):
            stage.move_to_um(10.0, 0.0)
        assert "stop" in core.calls


def test_a_call_that_hangs_is_left_and_the_device_can_be_connected_again(core):
    stage = stage_on(core, timeout_s=0.1)
    stage.connect()
    hang(core, "getXYPosition")
    with pytest.raises(DeviceTimeoutError, match=r"has not come back from getXYPosition within 0.1 s"):
        stage.position_um()
    assert not stage.connected
    begin = time.monotonic()
    stage.make_safe()
    stage.close()
    assert time.monotonic() - begin < BOUND_S
    core.hang[1].set()
    core.hang = None
    stage.connect()
    assert stage.position_um() == pytest.approx((0.0, 0.0))
    stage.close()


def test_make_safe_does_not_wait_for_a_call_that_hangs_in_another_thread(core):
    stage = stage_on(core, timeout_s=5.0)
    stage.connect()
    hang(core, "getXYPosition")
    asking = threading.Thread(target=stage.position_um)
    asking.start()
    wait_for(lambda: "getXYPosition" in core.calls)
    begin = time.monotonic()
    stage.make_safe()
    assert time.monotonic() - begin < BOUND_S
    core.hang[1].set()
    core.hang = None
    asking.join(BOUND_S)


def test_what_micro_manager_raises_names_the_device(core):
    with stage_on(core) as stage:
        core.broken = "setXYPosition"
        with pytest.raises(CommunicationError, match=r"^stage: Micro-Manager refuses setXYPosition \(Error in device"):
            stage.move_to_um(1.0, 1.0)
        core.broken = ""
        assert stage.move_to_um(1.0, 1.0)


@pytest.mark.parametrize("said", [(math.nan, 0.0), (math.inf, 0.0), (1.0,), ("here", 0.0), None.__class__, ()])
def test_nonsense_is_no_place(core, said):
    with stage_on(core) as stage:
        core.answers["getXYPosition"] = said
        with pytest.raises(DeviceError, match=r"^stage: "):
            stage.position_um()


def test_the_wheel_turns_to_what_passes(core):
    with attenuator_on(core) as attenuator:
        attenuator.set_transmission(0.093)
        assert core.label == "ND1"
        assert attenuator.readings() == {"position": "ND1", "transmission": pytest.approx(0.093)}
        with pytest.raises(RangeError, match=r"no position with a transmission of 50 %; it has 1.1 %, 9.3 %, 100 %"):
            attenuator.set_transmission(0.5)
        assert core.label == "ND1"


def test_a_position_that_the_table_does_not_know_is_no_number(core):
    with attenuator_on(core) as attenuator:
        core.label = "ND7"
        with pytest.raises(FaultError, match="stands at 'ND7', and the rig file knows 'open', 'ND1', 'ND2' only"):
            attenuator.transmission()
        assert attenuator.readings()["transmission"] is None


def test_a_wheel_that_does_not_turn_is_told(core):
    with attenuator_on(core, move_timeout_s=0.1) as attenuator:
        core.answers["getProperty"] = "open"
        with pytest.raises(DeviceTimeoutError, match=r"attenuator: is not at 'ND2' after 0.1 s"):
            attenuator.set_transmission(0.011)


def test_a_table_that_does_not_say_which_is_meant_is_refused():
    same = (POSITIONS[0], POSITIONS[1].model_copy(update={"transmission_percent": 100.0}))
    with pytest.raises(ValidationError, match="two positions have the same transmission"):
        attenuator_on(None, positions=same)


@pytest.mark.skipif(importlib.util.find_spec("pymmcore_plus") is not None, reason="pymmcore-plus is installed")
def test_without_the_extra_it_is_told_what_to_install():
    with pytest.raises(CommunicationError, match="install cascadescope with its extra micro-manager"):
        stage_on(None, Cores(load_core)).connect()


@pytest.mark.skipif(importlib.util.find_spec("pymmcore_plus") is None, reason="pymmcore-plus is not installed")
def test_the_demonstration_of_micro_manager_moves(tmp_path):
    from pymmcore_plus import find_micromanager

    if find_micromanager() is None:
        pytest.skip("there are no adapters of Micro-Manager; `mmcore install` gets them")
    config = tmp_path / "demo.cfg"
    config.write_text(
        "Property,Core,Initialize,0\nDevice,XY,DemoCamera,DXYStage\nDevice,Z,DemoCamera,DStage\n"
        "Device,Wheel,DemoCamera,DWheel\nProperty,Core,Initialize,1\n"
    )
    cores = Cores()
    where = {"config": str(config), "simulated": True}
    with (
        stage_on(None, cores, **where) as stage,
        focus_on(None, cores, **where) as focus,
        attenuator_on(
            None,
            cores,
            **where,
            positions=tuple(each.model_copy(update={"position": f"State-{n}"}) for n, each in enumerate(POSITIONS)),
        ) as attenuator,
    ):
        assert stage.identity.simulated
        assert stage.move_to_um(20.0, -10.0)
        assert stage.position_um() == pytest.approx((20.0, -10.0), abs=0.5)
        assert focus.move_to_um(5.0)
        assert focus.position_um() == pytest.approx(5.0, abs=0.1)
        attenuator.set_transmission(0.011)
        assert attenuator.transmission() == pytest.approx(0.011)


def test_a_rig_file_names_the_device_and_the_file():
    settings = MicroManagerSettings(config="fill in", device="XY")
    assert settings.timeout_s == 5.0
    assert MicroManagerStage("stage", MicroManagerStageSettings(config="fill in", device="XY", **TRAVEL)).limits


def wait_for(holds):
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        threading.Event().wait(0.001)


def test_the_core_is_not_loaded_twice_at_a_time(core):
    loading, go_on = threading.Event(), threading.Event()
    made = []

    def load(settings):
        made.append(settings)
        loading.set()
        assert go_on.wait(10)
        return core

    cores = Cores(load)
    devices = [stage_on(core, cores), focus_on(core, cores)]
    threads = [threading.Thread(target=device.connect) for device in devices]
    for thread in threads:
        thread.start()
    assert loading.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(made) == 1
    assert all(device.connected for device in devices)
    for device in devices:
        device.close()


def test_the_core_of_another_file_is_another_one(core):
    others = {"rig.cfg": core, "other.cfg": FakeCore()}
    cores = Cores(lambda settings: others[settings.config])
    with stage_on(core, cores) as stage, stage_on(core, cores, config="other.cfg") as other:
        stage.move_to_um(5.0, 5.0)
        assert other.position_um() == pytest.approx((0.0, 0.0))


def test_closing_stops_what_moves(core):
    cores = cores_with(core)
    with focus_on(core, cores) as focus:
        mover = threading.Thread(target=lambda: focus.move_to_um(500.0))
        mover.start()
        wait_for(lambda: core.axes["Z"][0].busy)
        focus.close()
        mover.join(BOUND_S)
    assert core.axes["Z"][0].now_um() < 500.0
