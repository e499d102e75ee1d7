"""A simulated laser that nobody controls."""

import threading

from simulators.bench import Bench
from simulators.real_time import RealTimeClock
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.wire.free_laser import FreeLaserServer
from simulators.wire.hosting import Hosting


def test_it_shines_from_start_to_stop_unless_it_breaks() -> None:
    emitter = Emitter(photophysics=MicrostatePhotophysics(kind="microstate"))
    bench = Bench(Sample(name="one", emitters=(emitter,)), seed=1, clock=RealTimeClock())
    laser = FreeLaserServer("laser", bench, intensity_percent=20.0, repetition_rate_hz=2.5e6)
    tick = threading.Event()
    with Hosting([laser]):
        assert laser.state() == {"emission": True, "intensity_percent": 20.0}
        assert bench.beam.repetition_rate_hz == 2.5e6
        bench.faults.begin("laser_stops")
        assert any(not bench.beam.emission or tick.wait(0.01) for _ in range(500))
        bench.faults.end("laser_stops")
        assert any(bench.beam.emission or tick.wait(0.01) for _ in range(500))
    assert not bench.beam.emission
