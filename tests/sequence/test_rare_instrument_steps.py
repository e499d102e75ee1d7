"""Steps for what only some instruments can do: heat with constant power, move a spectrograph, calibrate a detector."""

import pytest

from acquisition.sequence import (
    AcquirePhotons,
    CalibrateDetector,
    Engine,
    HeatWithPower,
    RunStatus,
    SetCameraLight,
    SetSpectrograph,
    SetTemperature,
    check_steps,
)
from acquisition.sequence.errors import SequenceError
from acquisition.sequence.setup import Setup
from acquisition.streaming import StreamSettings
from drivers.interfaces.camera import CameraLight
from drivers.interfaces.device import Limits
from drivers.interfaces.errors import InterlockError
from drivers.interfaces.heater import HeaterStatus, PoweredHeater, PowerLimits
from drivers.interfaces.spad_array import CalibratingSpadArray
from drivers.interfaces.spectrograph import Grating, Spectrograph, SpectrographStatus
from tests.sequence.bench import LIGHT, Bench
from tests.sequence.fake_rig import FakeHeater, FakeInstrument, FakeRig
from tests.streaming.fakes import FakeSpadArray

PERMITTED = PowerLimits(Limits(0.1, 20.0), Limits(0.1, 60.0))


class HotPlate(FakeHeater, PoweredHeater):
    """Gets warmer by 1 degC in each second with constant power."""

    def __init__(self, rig):
        super().__init__(rig.log)
        self.clock = rig.clock
        self.power, self.begun_s = 0.0, 0.0
        self.gives_up_s = 1e9

    def power_limits(self, *, shock):
        return None if shock else PERMITTED

    def heat_with_power(self, percent, duration_s):
        self.log.append(f"power {percent:g} % {duration_s:g} s")
        self.setpoint_c, self.power, self.begun_s = None, percent, self.clock.now()

    def shock(self, percent, duration_s):
        raise AssertionError("is not permitted")

    def stop_heating(self):
        if self.power:
            self.temperature_c += self.clock.now() - self.begun_s
            self.log.append("stop")
        self.power = 0.0
        super().stop_heating()

    make_safe = stop_heating

    def status(self):
        if not self.power:
            return super().status()
        on_s = self.clock.now() - self.begun_s
        return HeaterStatus(self.temperature_c + on_s, None, on_s < self.gives_up_s, self.alarm)


class Turret(FakeInstrument, Spectrograph):
    """Refuses to move while the bias of the SPAD array is on, as the guard of a rig does."""

    gratings = (Grating(1, 150.0, "500 nm"), Grating(2, 300.0, "500 nm"))

    def __init__(self, rig):
        super().__init__("spectrograph")
        self._connected = True
        self.rig = rig
        self.grating, self.centre_nm, self.slit_um = 1, 600.0, 100.0
        self.slips_nm = 0.0

    @property
    def limits(self):
        return {"centre_nm": Limits(1.0, 1500.0 if self.grating == 1 else 800.0), "slit_um": Limits(10.0, 2500.0)}

    def _move(self, what):
        if self.rig.spad_array.bias:
            raise InterlockError("spectrograph", "does not move: the bias is on")
        self.rig.log.append(what)

    def set_grating(self, number):
        self._move(f"grating {number}")
        self.grating = number

    def set_centre_nm(self, value):
        self._move(f"centre {value:g}")
        self.centre_nm = value + self.slips_nm

    def set_slit_um(self, value):
        self._move(f"slit {value:g}")
        self.slit_um = value

    def set_shutter(self, is_open):
        raise AssertionError("has none")

    def wavelength_nm(self, pixels, pixel_width_um):
        raise AssertionError("is not asked")

    def status(self):
        return SpectrographStatus(self.grating, self.centre_nm, self.slit_um, None)

    def make_safe(self):
        pass


class Converters(FakeSpadArray, CalibratingSpadArray):
    """Writes down how dark it was when it was calibrated."""

    def __init__(self, rig):
        super().__init__()
        self.rig, self.seen = rig, []

    def calibrate_tdc(self, timeout_s):
        self.seen.append((self.rig.laser.emission, self.rig.shutter.is_open_now, self.bias, timeout_s))
        self.rig.clock.time_s += 120.0


@pytest.fixture
def bench():
    rig = FakeRig()
    rig.heater, rig.spectrograph, rig.spad_array = HotPlate(rig), Turret(rig), Converters(rig)
    return Bench(rig)


def ended(bench, kind):
    return [event["values"] for event in bench.said("step_ended") if event["kind"] == kind]


def test_constant_power_heats_for_its_time_and_is_off_afterwards(bench):
    outcome = bench.engine.run([SetTemperature(temperature_c=20), HeatWithPower(power_percent=10, duration_s=20)])
    assert outcome.status is RunStatus.COMPLETED
    assert bench.rig.log[:3] == ["heat 20", "power 10 % 20 s", "stop"]
    [values] = ended(bench, "heat_with_power")
    assert values["peak_temperature_c"] == pytest.approx(40.0)
    assert not bench.rig.heater.status().heating


def test_constant_power_is_stopped_before_a_part_of_the_rig_gets_too_hot(bench):
    outcome = bench.engine.run([HeatWithPower(power_percent=20, duration_s=60)])
    assert outcome.status is RunStatus.FAILED
    assert "limit of the objective" in str(outcome.error)
    assert "heating with constant power was stopped at" in str(outcome.error)
    assert bench.rig.heater.temperature_c <= 60.0
    assert bench.rig.heater.power == 0


def test_constant_power_that_ends_by_itself_too_early_fails_the_step(bench):
    bench.rig.heater.gives_up_s = 5.0
    outcome = bench.engine.run([HeatWithPower(power_percent=10, duration_s=20)])
    assert outcome.status is RunStatus.FAILED
    assert "stopped heating by itself" in str(outcome.error)


def test_a_pause_stops_constant_power_and_the_rest_follows_without_the_temperature_before(bench):
    def pause_once():
        if bench.rig.clock.time_s >= 5.0 and not bench.said("paused"):
            bench.rig.clock.on_wait = lambda: None
            bench.engine.pause("a look")

    def resume_once_paused(event):
        bench.events.append(event)
        if event["event"] == "paused":
            assert rig.heater.power == 0
            bench.engine.resume()

    rig = bench.rig
    bench.engine = Engine(rig, bench.services, stream=StreamSettings(shed=False), journal=resume_once_paused)
    rig.clock.on_wait = pause_once
    outcome = bench.engine.run([SetTemperature(temperature_c=20), HeatWithPower(power_percent=10, duration_s=20)])
    assert outcome.status is RunStatus.COMPLETED
    first, second = [entry for entry in rig.log if entry.startswith("power")]
    assert first == "power 10 % 20 s"
    assert float(second.split()[3]) == pytest.approx(15.0, abs=0.51)
    assert rig.log.count("heat 20") == 1


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (HeatWithPower(power_percent=21, duration_s=1), r"percent = 21 is outside 0.1 \.\.\. 20"),
        (HeatWithPower(power_percent=5, duration_s=61), r"duration_s = 61 is outside"),
        (HeatWithPower(power_percent=5, duration_s=1, shock=True), r"permits: \{shock: "),
        (SetSpectrograph(grating=3), r"no grating 3; its gratings are 1 \.\.\. 2"),
        (SetSpectrograph(grating=1, centre_nm=1600), r"centre_nm = 1600 is outside"),
        (SetSpectrograph(slit_um=5), r"slit_um = 5 is outside"),
        (SetCameraLight(light=CameraLight.LAMP), r"has no camera"),
    ],
)
def test_what_an_instrument_does_not_permit_is_refused_before_the_run(bench, step, message):
    with pytest.raises(SequenceError, match=message):
        check_steps([step], bench.rig)
    assert bench.rig.log == []


def test_instruments_that_cannot_do_it_are_named():
    rig = FakeRig()
    with pytest.raises(SequenceError, match="heater does not heat with constant power"):
        check_steps([HeatWithPower(power_percent=5, duration_s=1)], rig)
    with pytest.raises(SequenceError, match="does not calibrate itself"):
        check_steps([CalibrateDetector()], rig)


def test_the_spectrograph_moves_with_the_bias_off_and_the_next_acquisition_switches_it_on(bench):
    move = SetSpectrograph(grating=2, centre_nm=650, slit_um=80)
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1), move, AcquirePhotons(duration_s=1)])
    assert outcome.status is RunStatus.COMPLETED
    assert [entry for entry in bench.rig.log if entry.split()[0] in ("grating", "centre", "slit")] == [
        "grating 2", "centre 650", "slit 80",
    ]  # fmt: skip
    [off] = bench.said("bias_off")
    assert "the bias is on" in off["reason"]
    assert ended(bench, "set_spectrograph") == [{"grating": 2, "centre_nm": 650, "slit_um": 80}]
    assert len(bench.services.ended) == 2


def test_a_spectrograph_that_does_not_stand_where_it_was_sent_fails_the_step(bench):
    bench.rig.spectrograph.slips_nm = 3.0
    outcome = bench.engine.run([SetSpectrograph(centre_nm=650)])
    assert outcome.status is RunStatus.FAILED
    assert "a centre of 650 nm was set, but 653 nm reads back" in str(outcome.error)


def test_the_detector_is_calibrated_in_the_dark_without_bias_and_stays_so(bench):
    outcome = bench.engine.run([*LIGHT, AcquirePhotons(duration_s=1), CalibrateDetector(timeout_s=600)])
    assert outcome.status is RunStatus.COMPLETED
    assert bench.rig.spad_array.seen == [(False, False, False, 600)]
    assert ended(bench, "calibrate_detector") == [{"calibrated_in_s": 120.0}]


def test_what_the_steps_have_set_is_set_again_after_a_break():
    setup = Setup(emission=True, shutter_open=True)
    for step in (
        SetSpectrograph(grating=2, centre_nm=650),
        SetSpectrograph(slit_um=80),
        SetCameraLight(light=CameraLight.LAMP),
        CalibrateDetector(),
    ):
        setup = setup.after(step, {})
    assert setup.spectrograph == SetSpectrograph(grating=2, centre_nm=650, slit_um=80)
    assert setup.camera_light is CameraLight.LAMP
    assert (setup.emission, setup.shutter_open) == (False, False)
    heated = Setup(heating=SetTemperature(temperature_c=50)).after(HeatWithPower(power_percent=5, duration_s=1), {})
    assert heated.heating is None
