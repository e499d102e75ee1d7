"""Bench: a display that pulls 20 times a second what a run shows costs the stream little, and no memory."""

import statistics
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from acquisition.analysis.recording import Calibration
from acquisition.bench.registry import BenchResult, Say
from acquisition.live_view import LiveDisplay
from acquisition.remote.wire import MAX_ANSWER_BYTES, encode
from acquisition.rig import open_rig
from acquisition.session.recording import PointRecorder
from acquisition.storage import Recorder, RecordingContext
from acquisition.storage.run_folder import PointFolder
from acquisition.streaming import StreamSettings, acquire
from acquisition.streaming.parts import shifted
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from drivers.interfaces.spad_array import SpadArray

PULLS_PER_S = 20.0
PULSES_PER_S = 1_000_000
BLOCK_S = 0.05
DETECTED_CPS = 1_000_000
LIGHT_SHARE = 0.1

SECONDS = 20.0
REPLAYS = 5
LEAST_RATIO = 0.8
LONGEST_PULL_MS = 20.0

HOUR_S = 3600
SETTLED_S = 900
DECIMATION = 100
LOOK_INTERVAL_S = 5
MOST_GROWTH_BYTES = 2_000_000

INFO = PhotonStreamInfo(1e12 / PULSES_PER_S, True, 20.0, 320)
CALIBRATION = Calibration(wavelength_nm=np.linspace(450.0, 1040.0, 320))


def bench_live_view(say: Say) -> BenchResult:
    """Look at a stream of 1 Mcps, at one that is as fast as it can be, and at one of an hour."""
    say("a stream of a million photons per second")
    alone_ms, looked_ms, pull_ms, pull_bytes = cost_of_looking()
    ratio, rate = throughput(say)
    say("an hour of stream, with a hundredth of the photons")
    growth = growth_in_an_hour()
    numbers = {
        f"a block of {BLOCK_S:g} s without a display, in ms": round(alone_ms, 2),
        "with a display, in ms": round(looked_ms, 2),
        "a pull that brings something new, in ms (median)": round(pull_ms, 2),
        "its answer, in bytes (longest)": pull_bytes,
        "photons/s without a display": round(rate),
        "share of that with a display": round(ratio, 3),
        "growth of memory in an hour, in bytes": growth,
    }
    failures = []
    if pull_ms > LONGEST_PULL_MS:
        failures.append(f"a pull takes {pull_ms:.3g} ms")
    if ratio < LEAST_RATIO:
        failures.append(f"with a display the stream has {100 * ratio:.3g} % of its photons per second")
    if growth > MOST_GROWTH_BYTES:
        failures.append(f"memory grows by {growth} bytes")
    promise = (
        f"a display that pulls {PULLS_PER_S:g} times a second leaves the stream {100 * LEAST_RATIO:g} % of its speed, "
        f"has its answer within {LONGEST_PULL_MS:g} ms, and memory is flat over an hour"
    )
    return BenchResult(not failures, promise, numbers, tuple(failures))


def blocks(seconds: float, block_s: float, rate_cps: float, seed: int = 1) -> Iterator[PhotonBlock]:
    """Yield made-up light on a few pixels above dark counts."""
    rng = np.random.default_rng(seed)
    photons, pulses = round(rate_cps * block_s), round(PULSES_PER_S * block_s)
    for number in range(round(seconds / block_s)):
        first = number * pulses
        lit = rng.random(photons) < LIGHT_SHARE
        delay_ns = np.where(lit, 20 + rng.exponential(50, photons), rng.uniform(0, 1000, photons))
        pixel = np.where(lit, np.clip(rng.normal(160, 8, photons), 0, 319), rng.integers(0, 320, photons))
        yield PhotonBlock(
            np.sort(rng.integers(first, first + pulses, photons)),
            pixel.astype(np.uint16),
            (1e3 * np.minimum(delay_ns, 999.0)).astype(np.uint32),
            first,
            first + pulses,
        )


def cost_of_looking(seconds: float = 15.0) -> tuple[float, float, float, int]:
    """Return the time of a block in ms without and with a display, that of a pull, and how long its answer is."""
    stream = list(blocks(seconds, BLOCK_S, DETECTED_CPS))
    display = LiveDisplay()
    for look in (False, False, True):  # first compiled
        view = display.new_stream(1, None, INFO, CALIBRATION)
        took_s: list[float] = []
        pulls_s: list[float] = []
        length, version = 0, None
        for block in stream:
            if look:
                begin = time.perf_counter()
                answer = display.live(version)
                text = encode(answer, MAX_ANSWER_BYTES)
                if "panels" in answer:
                    pulls_s.append(time.perf_counter() - begin)
                length, version = max(length, len(text)), answer["version"]
            begin = time.perf_counter()
            view.update(block)
            took_s.append(time.perf_counter() - begin)
        if not look:
            alone_ms = 1e3 * statistics.median(took_s)
    return alone_ms, 1e3 * statistics.median(took_s), 1e3 * statistics.median(pulls_s), length


def throughput(say: Say) -> tuple[float, float]:
    """Return which share of its photons per second a replay keeps with a display, and that number without."""
    with tempfile.TemporaryDirectory(prefix="cascadescope-bench-") as folder, open_rig("simulated", seed=1) as rig:
        from acquisition.replay import ReplaySpadArray
        from acquisition.storage import open_point

        points = Path(folder) / "points"
        say("photons are recorded")
        _record(points / "0001")
        rates: dict[bool, list[float]] = {False: [], True: []}
        for number in range(2 * REPLAYS + 1):
            say(f"replay {number + 1} of {2 * REPLAYS + 1}")
            with ReplaySpadArray("spad_array", open_point(PointFolder(points / "0001"))) as replayed:
                replayed.connect()
                replayed.set_bias(True)
                look = number % 2 == 1
                rate = _rate_per_s(replayed, points / f"{number + 2:04d}", rig.calibration, look=look)
                if number:  # the first one compiles
                    rates[look].append(rate)
    alone = statistics.median(rates[False])
    return statistics.median(rates[True]) / alone, alone


def _record(folder: Path) -> None:
    recorder = PointRecorder(Recorder(PointFolder(folder), INFO, RecordingContext(CALIBRATION, simulated=True)))
    for block in blocks(SECONDS, BLOCK_S, DETECTED_CPS):
        recorder.append(block)
    recorder.finish()


def _rate_per_s(array: SpadArray, folder: Path, calibration: Calibration, *, look: bool) -> float:
    """Record a point with live analysis, maybe looked at; return photons per second of wall time."""
    info, display = array.stream_info(), LiveDisplay()
    recorder = PointRecorder(Recorder(PointFolder(folder), info, RecordingContext(calibration, simulated=True)))
    live = display.new_stream(1, None, info, calibration)
    with _looked_at(display, look=look):
        begin = time.monotonic()
        settings = StreamSettings(shed=False)
        result = acquire(array, SECONDS, info, recorder, live, stop=threading.Event(), settings=settings)
        return result.photons / (time.monotonic() - begin)


@contextmanager
def _looked_at(display: LiveDisplay, *, look: bool) -> Iterator[None]:
    """Pull from a thread 20 times a second, as a session server does for a window."""
    stop = threading.Event()

    def pull() -> None:
        version = None
        while not stop.wait(1.0 / PULLS_PER_S):
            answer = display.live(version)
            encode(answer, MAX_ANSWER_BYTES)
            version = answer["version"]

    thread = threading.Thread(target=pull, name="display", daemon=True)
    if look:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if look:
            thread.join(10.0)


def growth_in_an_hour(hour_s: int = HOUR_S, settled_s: int = SETTLED_S) -> int:
    """Return by how many bytes memory grows from a quarter of an hour to an hour, looked at again and again."""
    minute = list(blocks(60.0, 1.0, DETECTED_CPS / DECIMATION))
    display = LiveDisplay()
    view, version, settled = display.new_stream(1, None, INFO, CALIBRATION), None, 0
    tracemalloc.start()
    try:
        for second in range(hour_s):
            round_, place = divmod(second, len(minute))
            view.update(shifted(minute[place], round_ * len(minute) * PULSES_PER_S))
            if second % LOOK_INTERVAL_S == 0:
                version = display.live(version)["version"]
            if second == settled_s:
                settled = tracemalloc.get_traced_memory()[0]
        return tracemalloc.get_traced_memory()[0] - settled
    finally:
        tracemalloc.stop()
