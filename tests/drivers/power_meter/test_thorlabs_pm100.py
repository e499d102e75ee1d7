"""A Thorlabs PM100, byte by byte and at its simulator: never a wrong number, never a hang."""

import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymeasure.adapters import ProtocolAdapter

from drivers.interfaces.errors import (
    CommunicationError,
    DeviceError,
    DeviceTimeoutError,
    FaultError,
    RangeError,
    StateError,
)
from drivers.power_meter.thorlabs_pm100 import ThorlabsPM100, ThorlabsPM100Settings
from simulators.bench import Bench
from simulators.power_meter import PowerMeterSettings
from simulators.real_time import RealTimeClock
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.wire.hosting import Hosting
from simulators.wire.lines import LineServer
from simulators.wire.pm100 import Pm100Server

SENSOR = ("SYST:SENSOR:IDN?", "S130C,2601010,01-Jan-2026,1,18,33")
IDENTITY = ("*IDN?", "Thorlabs,PM100D,P0012345,2.4.0")
RANGE = [("SENS:CORR:WAV? MIN", "4.00E+02"), ("SENS:CORR:WAV? MAX", "1.10E+03")]
SET = [*RANGE, ("SENSE:CORR:WAV 405.0", None), ("SENSE:CORR:WAV?", "4.05E+02")]
CONNECT = [SENSOR, IDENTITY, *RANGE, *SET]


class Scripted(ProtocolAdapter):
    """A wire that knows what is said on it, and can be closed."""

    def __init__(self, pairs):
        super().__init__([tuple(None if said is None else f"{said}".encode() for said in pair) for pair in pairs])

    def close(self):
        self.closed = True


def meter_on(pairs, **more):
    wire = Scripted(pairs)
    return ThorlabsPM100("power_meter", ThorlabsPM100Settings(address="nowhere", **more), lambda settings: wire), wire


def connected(*pairs):
    meter, wire = meter_on([*CONNECT, *pairs])
    meter.connect()
    return meter, wire


def test_connects_byte_by_byte():
    meter, wire = connected()
    assert meter.identity.model == "PM100D"
    assert (meter.identity.serial, meter.identity.simulated) == ("P0012345", False)
    assert (meter.limits["wavelength_nm"].low, meter.limits["wavelength_nm"].high) == (400.0, 1100.0)
    assert meter.settings() == {"wavelength_nm": 405.0, "sensor": "S130C"}
    assert wire._index == len(wire.comm_pairs)


def test_reads_the_power():
    meter, _ = connected(("MEAS:POW?", "1.234E-06"))
    assert meter.power_w() == 1.234e-6


def test_sets_the_wavelength_and_reads_it_back():
    meter, _ = connected(("SENSE:CORR:WAV 532.0", None), ("SENSE:CORR:WAV?", "5.32E+02"))
    meter.set_wavelength_nm(532.0)
    assert meter.settings()["wavelength_nm"] == 532.0


def test_a_wavelength_that_was_not_taken_is_told():
    meter, _ = connected(("SENSE:CORR:WAV 532.0", None), ("SENSE:CORR:WAV?", "6.35E+02"))
    with pytest.raises(FaultError, match="power_meter: was set to 532 nm but says 635 nm"):
        meter.set_wavelength_nm(532.0)
    assert meter.settings()["wavelength_nm"] == 405.0


def test_a_meter_without_sensor_says_so():
    meter, wire = meter_on([("SYST:SENSOR:IDN?", "no sensor")])
    with pytest.raises(FaultError, match="has no sensor; plug one in"):
        meter.connect()
    assert wire.closed
    assert not meter.connected


def test_an_energy_sensor_is_refused():
    meter, _ = meter_on([("SYST:SENSOR:IDN?", "ES111C,1,2,3,4,2"), IDENTITY])
    with pytest.raises(FaultError, match="ES111C measures no power"):
        meter.connect()


def test_a_sensor_for_other_light_is_refused():
    infrared = [("SENS:CORR:WAV? MIN", "9.0E+02"), ("SENS:CORR:WAV? MAX", "1.7E+03")]
    meter, _ = meter_on([SENSOR, IDENTITY, *infrared])
    with pytest.raises(RangeError, match=r"wavelength_nm = 405 is outside 900 \.\.\. 1700"):
        meter.connect()


def test_a_simulator_is_not_taken_for_hardware_nor_hardware_for_one():
    for said, simulated in (("Thorlabs,cascadescope simulator PM100USB,P1,1.0", False), (IDENTITY[1], True)):
        meter, _ = meter_on([SENSOR, ("*IDN?", said)], simulated=simulated)
        with pytest.raises(StateError, match="power_meter"):
            meter.connect()
        assert not meter.connected


@pytest.mark.parametrize("said", ["9.91E+37", "-9.9E+37"])
def test_what_cannot_be_measured_is_no_power(said):
    meter, _ = connected(("MEAS:POW?", said))
    with pytest.raises(FaultError, match="beyond its range"):
        meter.power_w()


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30))
def test_a_malformed_power_is_an_error_and_never_a_wrong_number(said):
    meter, _ = connected(("MEAS:POW?", said))
    try:
        expected = float(said)
    except ValueError:
        expected = math.nan
    if abs(expected) <= 1e3:
        assert meter.power_w() == expected
    else:
        with pytest.raises(DeviceError, match=r"^power_meter: "):
            meter.power_w()


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40), st.integers(0, 7))
def test_a_malformed_greeting_is_an_error_that_names_the_meter(said, number):
    pairs = list(CONNECT)
    if pairs[number][1] is None:
        return
    pairs[number] = (pairs[number][0], said)
    meter, _ = meter_on(pairs)
    with suppress(DeviceError):
        meter.connect()
        assert meter.limits["wavelength_nm"].low < 405 < meter.limits["wavelength_nm"].high
        return
    assert not meter.connected


class Silent(LineServer):
    """Accepts, and says nothing."""

    def answer(self, line):
        return b""

    def state(self):
        return {}


class Hoarse(Pm100Server):
    """Answers a power only when it is asked the next time."""

    late = b""

    def answer(self, line):
        said = super().answer(line)
        if b"POW" in line:
            said, self.late = self.late, said
        return said


def world():
    emitter = Emitter(photophysics=MicrostatePhotophysics(kind="microstate"))
    return Bench(Sample(name="one", emitters=(emitter,)), seed=1, clock=RealTimeClock())


def driver_at(port, timeout_s=2.0):
    address = f"TCPIP::127.0.0.1::{port}::SOCKET"
    return ThorlabsPM100("power_meter", ThorlabsPM100Settings(address=address, timeout_s=timeout_s, simulated=True))


def test_the_simulator_measures_the_light_of_the_bench():
    bench = world()
    bench.beam.emission, bench.beam.intensity_percent, bench.beam.transmission = True, 50.0, 0.1
    exact = PowerMeterSettings(pulse_energy_pj=5.0, noise_percent=0.0, zero_noise_nw=0.0)
    server = Pm100Server("power_meter", bench, settings=exact)
    with Hosting([server]), driver_at(server.port) as meter:
        assert meter.identity.simulated
        assert meter.power_w() == pytest.approx(5e-12 * 1e6 * 0.5 * 0.1)
        meter.set_wavelength_nm(532.0)
        assert server.state()["wavelength_nm"] == 532.0


def test_nobody_at_the_address_is_told_with_what_to_do():
    with pytest.raises(CommunicationError, match=r"power_meter: .* cannot be reached .*check cable and address"):
        driver_at(1, timeout_s=0.3).connect()


def test_a_silent_meter_is_an_error_in_time():
    server = Silent("power_meter", world())
    with Hosting([server]), pytest.raises(CommunicationError, match="cannot be reached"):
        driver_at(server.port, timeout_s=0.3).connect()


def test_a_late_answer_is_not_taken_for_that_to_the_next_question():
    server = Hoarse("power_meter", world())
    with Hosting([server]):
        meter = driver_at(server.port, timeout_s=0.3)
        meter.connect()
        with pytest.raises(DeviceTimeoutError, match=r"did not answer within 0\.3 s"):
            meter.power_w()
        assert not meter.connected
        with pytest.raises(CommunicationError, match="not connected any more"):
            meter.power_w()
        meter.close()
        meter.connect()
        assert meter.connected
        meter.close()
