"""The simulated power meter speaks as a PM100 does, byte by byte."""

import socket
from contextlib import closing

import pytest

from simulators.bench import Bench
from simulators.power_meter import PowerMeterSettings
from simulators.real_time import RealTimeClock
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.wire.hosting import Hosting
from simulators.wire.pm100 import Pm100Server


@pytest.fixture
def bench():
    emitter = Emitter(photophysics=MicrostatePhotophysics(kind="microstate"))
    return Bench(Sample(name="one", emitters=(emitter,)), seed=1, clock=RealTimeClock())


@pytest.fixture
def ask(bench):
    exact = PowerMeterSettings(pulse_energy_pj=5.0, noise_percent=0.0, zero_noise_nw=0.0)
    server = Pm100Server("power_meter", bench, settings=exact)
    with Hosting([server]), closing(socket.create_connection(("127.0.0.1", server.port), 5.0)) as wire:
        file = wire.makefile("rwb")

        def say(*lines):
            for line in lines:
                file.write(line)
            file.flush()
            return file.readline()

        yield say


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (b"*IDN?\n", b"Thorlabs,cascadescope simulator PM100USB,P0000001,1.7.0\n"),
        (b"SYST:SENSOR:IDN?\n", b"S130C,2601010,01-Jan-2026,1,18,33\n"),
        (b"system:sens:idn?\n", b"S130C,2601010,01-Jan-2026,1,18,33\n"),
        (b"SENS:CORR:WAV? MIN\n", b"4.000000E+02\n"),
        (b"SENSE:CORR:WAV? MAX\n", b"1.100000E+03\n"),
        (b"SENSE:CORR:WAV?\n", b"6.350000E+02\n"),
        (b"MEAS:POW?\n", b"0.00000000E+00\n"),
        (b"SYST:ERR?\n", b'+0,"No error"\n'),
    ],
)
def test_each_question_has_its_answer(ask, question, answer):
    assert ask(question) == answer


def test_it_measures_what_reaches_the_sample(ask, bench):
    bench.beam.emission, bench.beam.intensity_percent, bench.beam.transmission = True, 40.0, 0.5
    assert float(ask(b"MEAS:POW?\n")) == pytest.approx(5e-12 * 1e6 * 0.4 * 0.5)


def test_a_wavelength_is_clipped_to_what_the_sensor_can(ask):
    assert ask(b"SENSE:CORR:WAV 532\n", b"SENSE:CORR:WAV?\n") == b"5.320000E+02\n"
    assert ask(b"SENSE:CORR:WAV 200\n", b"SENSE:CORR:WAV?\n") == b"4.000000E+02\n"


def test_what_it_does_not_know_it_does_not_answer(ask):
    assert (
        ask(b"MEAS:ENER?\n", b"!!\n", b"SENS:CORR:WAV? DEF\n", b"SENS:CORR:WAV x\n", b"SENSE:CORR:WAV?\n")
        == b"6.350000E+02\n"
    )
