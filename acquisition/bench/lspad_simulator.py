"""Bench: how fast the simulated lSPAD makes the records of a SPAD Lambda and gets them to a client."""

import socket
import statistics
import time

from acquisition.bench.registry import BenchResult, Say
from simulators.bench import Bench
from simulators.detector import DetectorSettings
from simulators.real_time import RealTimeClock
from simulators.sample import Background, Sample
from simulators.wire.hosting import Hosting
from simulators.wire.lspad import LspadServer
from simulators.wire.lspad_records import RECORD_BYTES
from simulators.wire.lspad_settings import LspadSettings
from simulators.wire.lspad_stream import LspadAcquisition, Wanted

PULSES_HZ = 50e6
BURST_CPS = 5e6
SECONDS = 1.0
SLICE_S = 0.05
TIMES = 3
LEAST_PER_S = 5e6
EXPERIMENT_CPS = 1e5
MOST_LATE_S = 0.5
TIMEOUT_S = 60.0
DETECTOR = DetectorSettings()


def bench_lspad_simulator(say: Say) -> BenchResult:
    """Turn bursts of 5 million photons into records, and stream the rate of the experiment to a client."""
    drawn: list[float] = []
    made: list[float] = []
    _acquisition(BURST_CPS / 100)  # compiles
    for number in range(TIMES):
        say(f"burst {number + 1} of {TIMES}")
        drawn_s, made_s, records = _acquisition(BURST_CPS)
        drawn.append(records / drawn_s)
        made.append(records / made_s)
    say("stream of 3 s")
    late_s, rate = _streamed(EXPERIMENT_CPS, 3.0)
    numbers = {
        "records of drawn photons/s (median)": round(statistics.median(made)),
        "photons drawn/s (median)": round(statistics.median(drawn)),
        "streamed, records/s": round(rate),
        "end of the stream after its time, s": round(late_s, 3),
    }
    failures = []
    if statistics.median(made) < LEAST_PER_S:
        failures.append(f"the median is {statistics.median(made):.3g} records/s")
    if late_s > MOST_LATE_S:
        failures.append(f"the stream ends {late_s:.2f} s late")
    promise = (
        f"a burst of photons becomes records at {LEAST_PER_S:.0e} per second, and {EXPERIMENT_CPS:.0e} counts per "
        f"second reach a client in real time, at most {MOST_LATE_S} s late"
    )
    return BenchResult(not failures, promise, numbers, tuple(failures))


def _bench(rate_cps: float) -> Bench:
    """Return a bench on which the background sends about `rate_cps` to the detector."""
    background = Background(photons_per_pulse_at_full_intensity=rate_cps / PULSES_HZ)
    bench = Bench(Sample(name="bright", emitters=(), background=background), 1, clock=RealTimeClock())
    bench.beam.emission, bench.beam.intensity_percent = True, 100.0
    bench.beam.repetition_rate_hz = PULSES_HZ
    return bench


def _acquisition(rate_cps: float) -> tuple[float, float, int]:
    """Make the records of one second; return the times for drawing and for making records, and their number."""
    acquisition = LspadAcquisition(_bench(rate_cps), LspadSettings(), DETECTOR, Wanted(SECONDS, dwell_markers=True))
    begin_s = time.perf_counter()
    records = len(acquisition.advance(1e-3, biased=True))  # draws the photons of the whole second
    drawn_s = time.perf_counter() - begin_s
    begin_s = time.perf_counter()
    for number in range(1, round(SECONDS / SLICE_S) + 1):
        records += len(acquisition.advance(number * SLICE_S, biased=True).tobytes()) // RECORD_BYTES
    records += len(acquisition.finish())
    return drawn_s, time.perf_counter() - begin_s, records


def _streamed(rate_cps: float, duration_s: float) -> tuple[float, float]:
    """Stream to a client; return how much later than its duration the stream ended, and records per second."""
    server = LspadServer("spad_array", _bench(rate_cps))
    with Hosting([server]), socket.create_connection(("127.0.0.1", server.port), TIMEOUT_S) as client:
        client.sendall(b"POW,1\n")
        said = b""
        while b"VDD on\n" not in said:
            said += client.recv(4096)
        client.sendall(f"SB,{round(1e3 * duration_s)}\n".encode())
        begin_s, count, tail = time.perf_counter(), 0, b""
        while not (tail == b"DONE" and count % RECORD_BYTES == len(tail)):
            data = client.recv(1 << 16)
            if not data:
                raise ConnectionError("the simulated lSPAD has hung up in the middle of a stream")
            count, tail = count + len(data), (tail + data)[-4:]
        passed_s = time.perf_counter() - begin_s
    return passed_s - duration_s, count / RECORD_BYTES / duration_s
