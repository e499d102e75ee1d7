import pytest

from drivers.attenuator.positions import AttenuatorPosition
from drivers.interfaces.errors import RangeError
from simulators.attenuator import AttenuatorSettings, SimulatedAttenuator
from simulators.bench import Bench
from simulators.focus import FocusSettings, SimulatedFocus
from simulators.laser import SimulatedLaser
from simulators.power_meter import PowerMeterSettings, SimulatedPowerMeter
from simulators.sample import Emitter, MicrostatePhotophysics, Sample


@pytest.fixture
def bench():
    emitter = Emitter(photophysics=MicrostatePhotophysics(kind="microstate"))
    return Bench(Sample(name="one", emitters=(emitter,)), seed=1)


@pytest.fixture
def laser(bench):
    laser = SimulatedLaser("laser", bench)
    laser.connect()
    laser.set_intensity_percent(20.0)
    laser.set_emission(True)
    return laser


def test_what_passes_the_attenuator_excites_the_sample(bench, laser):
    attenuator = SimulatedAttenuator("attenuator", bench)
    attenuator.connect()
    before = bench.excitations_per_pulse
    attenuator.set_transmission(0.25)
    assert bench.excitations_per_pulse == pytest.approx(0.25 * before)


def test_an_attenuator_with_positions_has_no_others(bench):
    positions = [AttenuatorPosition(position=str(n), transmission_percent=t) for n, t in enumerate((100, 10, 1))]
    attenuator = SimulatedAttenuator("attenuator", bench, AttenuatorSettings(positions=positions))
    attenuator.connect()
    attenuator.set_transmission(0.1)
    with pytest.raises(RangeError, match="no position with a transmission of 50 %; it has 1 %, 10 %, 100 %"):
        attenuator.set_transmission(0.5)
    assert attenuator.transmission() == 0.1


def test_the_power_is_that_of_pulses_that_reach_the_sample(bench, laser):
    exact = PowerMeterSettings(pulse_energy_pj=5.0, noise_percent=0.0, zero_noise_nw=0.0)
    meter = SimulatedPowerMeter("power_meter", bench, exact)
    meter.connect()
    laser.set_repetition_rate_hz(2e6)
    bench.beam.transmission = 0.5
    assert meter.power_w() == pytest.approx(5e-12 * 2e6 * 0.2 * 0.5)
    laser.set_emission(False)
    assert meter.power_w() == 0.0


def test_the_noise_of_the_power_is_as_large_as_said_and_repeats_with_the_seed(bench, laser):
    meters = [SimulatedPowerMeter("power_meter", bench, PowerMeterSettings(noise_percent=1.0)) for _ in range(2)]
    read = []
    for meter in meters:
        meter.connect()
        read.append([meter.power_w() / 1e-6 for _ in range(400)])
    assert read[0] == read[1]
    mean = sum(read[0]) / 400
    spread = (sum((value - mean) ** 2 for value in read[0]) / 399) ** 0.5
    assert mean == pytest.approx(1.0, abs=4 * 0.01 / 20)
    assert spread == pytest.approx(0.01, rel=4 / (2 * 399) ** 0.5)


def test_the_focus_takes_its_time_and_stops_on_the_way(bench):
    focus = SimulatedFocus("focus", bench, FocusSettings(speed_um_per_s=100.0, settling_s=0.5))
    focus.connect()
    begin_s = bench.clock.now()
    assert focus.move_to_um(-50.0)
    assert bench.clock.now() - begin_s == pytest.approx(1.0)
    assert focus.position_um() == -50.0
