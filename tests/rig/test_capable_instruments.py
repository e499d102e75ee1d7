"""What only some instruments can do, through the guards of a rig: simulated, at the wire, and on the twin."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from acquisition.preflight.foresee import foresee
from acquisition.rig.guards import GuardedPoweredHeater
from acquisition.rig.latch import SafetyLatch
from acquisition.rig.limits import RigLimits
from acquisition.rig.opening import open_rig
from acquisition.rig.twin import open_twin
from acquisition.sequence import Engine, HeatWithPower, RunStatus, Sequence, SequenceError
from drivers.heater.vaheat import Vaheat
from drivers.heater.vaheat_settings import PowerPermit, VaheatPermits, VaheatSettings
from drivers.interfaces.clock import WallClock
from drivers.interfaces.errors import DeviceTimeoutError, InterlockError, RangeError, StateError
from drivers.interfaces.heater import PoweredHeater
from drivers.interfaces.spad_array import CalibratingSpadArray
from simulators.bench import Bench
from simulators.plant import PlantSettings
from simulators.real_time import RealTimeClock
from simulators.spad_array import TDC_CALIBRATION_S
from simulators.wire.hosting import Hosting
from simulators.wire.vaheat import VaheatServer
from tests.contracts.conftest import bench
from tests.rig.test_spectrograph import rig_file
from tests.sequence.bench import FakeServices
from tests.sequence.fake_rig import FakeRig

PERMITS = "permits: {direct: {longest: 60 s, highest_power: 20 %}}"
HEATER = f"  heater: {{kind: simulated, {PERMITS}}}\n"
FREE = "{heater: none, objective: none, immersion: none, sample_mount: none}"
ON_HARDWARE = f"""  heater: {{kind: vaheat, port: COM3, {PERMITS}}}
  spectrograph: {{kind: andor_spectrograph, shared_with_spad_array: true}}
"""


def test_simulated_constant_power_warms_the_plate_as_its_plant_says_and_ends_in_time(tmp_path: Path) -> None:
    with open_rig(rig_file(tmp_path, HEATER, FREE)) as rig:
        assert isinstance(rig.heater, PoweredHeater)
        rig.arm()
        plant = PlantSettings()
        rig.heater.heat_with_power(20.0, 30.0)
        assert rig.heater.told_to_heat
        rig.clock.wait(threading.Event(), 29.0)
        rise_c = 0.2 * plant.full_power_rise_c * (1 - 2.718281828 ** (-29.0 / plant.plate_time_constant_s))
        during = rig.heater.status()
        assert during.heating
        assert during.temperature_c == pytest.approx(plant.ambient_c + rise_c, abs=0.2)
        rig.clock.wait(threading.Event(), 61.0)
        after = rig.heater.status()
        assert not after.heating
        assert after.temperature_c < plant.ambient_c + 1.0


def test_constant_power_is_refused_beyond_permit_limits_and_latch(tmp_path: Path) -> None:
    with open_rig(rig_file(tmp_path, HEATER, FREE.replace("objective: none", "objective: 15 degC"))) as rig:
        assert isinstance(rig.heater, PoweredHeater)
        rig.arm()
        with pytest.raises(InterlockError, match="shock"):
            rig.heater.shock(5.0, 1.0)
        with pytest.raises(RangeError, match="percent = 21"):
            rig.heater.heat_with_power(21.0, 1.0)
        with pytest.raises(RangeError, match="the objective stands at most 15 degC"):
            rig.heater.heat_with_power(20.0, 1.0)  # the room is warmer than that
        assert not rig.heater.told_to_heat
        assert not rig.heater.status().heating


def test_constant_power_stays_off_while_the_rig_is_latched(tmp_path: Path) -> None:
    with open_rig(rig_file(tmp_path, HEATER, FREE)) as rig:
        assert isinstance(rig.heater, PoweredHeater)
        rig.make_safe()
        with pytest.raises(StateError, match="made safe"):
            rig.heater.heat_with_power(5.0, 1.0)
        assert not rig.heater.status().heating


def test_making_safe_ends_constant_power(tmp_path: Path) -> None:
    with open_rig(rig_file(tmp_path, HEATER, FREE)) as rig:
        assert isinstance(rig.heater, PoweredHeater)
        rig.arm()
        rig.heater.heat_with_power(5.0, 30.0)
        rig.make_safe()
        assert not rig.heater.status().heating


def test_a_detector_is_calibrated_only_without_bias_and_in_the_time_that_is_allowed(tmp_path: Path) -> None:
    with open_rig(rig_file(tmp_path, "")) as rig:
        assert isinstance(rig.spad_array, CalibratingSpadArray)
        rig.arm()
        rig.spad_array.set_bias(True)
        with pytest.raises(InterlockError, match="bias may be on"):
            rig.spad_array.calibrate_tdc(900.0)
        rig.spad_array.set_bias(False)
        begin_s = rig.clock.now()
        rig.spad_array.calibrate_tdc(900.0)
        assert rig.clock.now() - begin_s == pytest.approx(TDC_CALIBRATION_S)
        with pytest.raises(DeviceTimeoutError, match="has not ended in 1 s"):
            rig.spad_array.calibrate_tdc(1.0)


def test_check_tries_the_steps_on_the_twin_with_the_permits_of_the_rig_and_counts_their_time(tmp_path: Path) -> None:
    steps = [
        {"kind": "heat_with_power", "power_percent": 10.0, "duration_s": 20.0},
        {"kind": "set_spectrograph", "grating": 3, "centre_nm": 650.0, "slit_um": 80.0},
        {"kind": "calibrate_detector"},
    ]
    with open_twin(rig_file(tmp_path, ON_HARDWARE, FREE)) as twin:
        forecast = foresee(twin, Sequence.model_validate({"name": "rare", "steps": steps}))
    assert forecast.problems == ()
    assert forecast.waiting_s == pytest.approx(20.0 + TDC_CALIBRATION_S, abs=1.0)
    steps[0]["power_percent"] = 30.0
    with (
        open_twin(rig_file(tmp_path, ON_HARDWARE, FREE)) as twin,
        pytest.raises(SequenceError, match=r"percent = 30 is outside 0\.1 \.\.\. 20"),
    ):
        foresee(twin, Sequence.model_validate({"name": "rare", "steps": steps}))


@pytest.fixture
def server() -> Iterator[VaheatServer]:
    server = VaheatServer("heater", Bench(bench().sample, seed=1, clock=RealTimeClock()))
    with Hosting([server]):
        yield server


def test_a_step_heats_a_vaheat_at_its_wire_and_leaves_it_off(server: VaheatServer) -> None:
    permits = VaheatPermits(direct=PowerPermit(longest_s=5.0, highest_power_percent=20.0))
    driver = Vaheat("heater", VaheatSettings(port=server.address, simulated=True, high_c=90.0, permits=permits))
    rig = FakeRig()
    rig.clock = WallClock()
    events: list[dict[str, object]] = []
    with GuardedPoweredHeater(driver, RigLimits(), SafetyLatch()) as heater:
        rig.heater = heater
        step = HeatWithPower(power_percent=20.0, duration_s=0.6)
        outcome = Engine(rig, FakeServices(), journal=events.append).run([step])
        assert outcome.status is RunStatus.COMPLETED, outcome.error
        assert [event["kind"] for event in events if event["event"] == "step_ended"] == ["heat_with_power"]
        assert not heater.status().heating
        assert heater.status().temperature_c > 20.5
