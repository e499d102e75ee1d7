"""Bench: photons per second that recorder and live analysis take, far more than any detector of the bench sends."""

import statistics
import tempfile
import threading
import time
from pathlib import Path

from acquisition.bench.registry import BenchResult, Say
from acquisition.replay import ReplaySpadArray
from acquisition.rig import open_rig
from acquisition.session.live import new_live_analysis, warm_up
from acquisition.session.recording import PointRecorder
from acquisition.storage import Recorder, RecordingContext, open_point
from acquisition.storage.run_folder import PointFolder
from acquisition.streaming import StreamSettings, acquire
from drivers.interfaces.spad_array import SpadArray

SECONDS = 20.0
TIMES = 5
LEAST_PER_S = 1e6
"""A nanocrystal at 1 MHz and the dark counts of the array make 0.1 million photons per second."""


def bench_stream(say: Say) -> BenchResult:
    """Simulate 20 s of photons, and read them from the recording through recorder and live analysis five times."""
    with tempfile.TemporaryDirectory(prefix="cascadescope-bench-") as folder, open_rig("simulated", seed=1) as rig:
        points = Path(folder) / "points"
        say("photons are simulated and recorded")
        rig.laser.set_repetition_rate_hz(1e6)
        rig.laser.set_intensity_percent(20.0)
        rig.laser.set_emission(True)
        if rig.shutter is not None:
            rig.shutter.set_open(True)
        rig.spad_array.set_bias(True)
        context = RecordingContext(rig.calibration, simulated=True)
        warm_up(rig.spad_array.pixel_count, rig.calibration)
        simulated, photons = _rate_per_s(rig.spad_array, points / "0001", context)
        rates: list[float] = []
        for number in range(TIMES):
            say(f"stream {number + 1} of {TIMES}")
            with ReplaySpadArray("spad_array", open_point(PointFolder(points / "0001"))) as replayed:
                replayed.connect()
                replayed.set_bias(True)
                rates.append(_rate_per_s(replayed, points / f"{number + 2:04d}", context)[0])
    median = statistics.median(rates)
    numbers = {
        "photons": photons,
        "simulated, photons/s": round(simulated),
        "from a recording, photons/s (median)": round(median),
        "slowest": round(min(rates)),
        "fastest": round(max(rates)),
    }
    failures = (f"the median is {median:.3g} photons/s",) if median < LEAST_PER_S else ()
    promise = f"recorder and live analysis together take {LEAST_PER_S:.0e} photons/s"
    return BenchResult(not failures, promise, numbers, failures)


def _rate_per_s(array: SpadArray, folder: Path, context: RecordingContext) -> tuple[float, int]:
    """Record a point with live analysis; return photons per second of wall time, and photons."""
    info = array.stream_info()
    recorder = PointRecorder(Recorder(PointFolder(folder), info, context))
    live = new_live_analysis(info, context.calibration)
    begin = time.monotonic()
    result = acquire(array, SECONDS, info, recorder, live, stop=threading.Event(), settings=StreamSettings(shed=False))
    return result.photons / (time.monotonic() - begin), result.photons
