"""Bench: time tags per second that the driver of the SPAD Lambda decodes, on one core."""

import statistics
import time

import numpy as np
from numpy.typing import NDArray

from acquisition.bench.registry import BenchResult, Say
from drivers.spad_array.device_calibration import load_device_calibration
from drivers.spad_array.record_kinds import COARSE_VALUES, MASTER, RECORD_BYTES, SLAVE, WRAP_ID
from drivers.spad_array.records import RecordDecoder, warm_up

RECORDS = 10_000_000
RATE_CPS = 20e6
PERIOD_PS = 1_000_000
PIECE_BYTES = 1 << 20
TIMES = 5
LEAST_PER_S = 20e6
"""The link to lSPAD holds about 20 million records per second."""


def bench_spad_decode(say: Say) -> BenchResult:
    """Decode half a second of photons at 20 Mcps, wraps and their defect included, five times."""
    say("time tags are made up")
    data = _made_up_stream()
    records = len(data) // RECORD_BYTES
    positions = load_device_calibration("spad_lambda_device.yaml").values.positions
    warm_up()
    rates, photons = list[float](), 0
    for number in range(TIMES):
        say(f"pass {number + 1} of {TIMES}")
        decoder = RecordDecoder(positions, PERIOD_PS)
        begin = time.process_time()
        for first in range(0, len(data), PIECE_BYTES):
            decoder.feed(data[first : first + PIECE_BYTES])
        decoder.feed(b"", at_end=True)
        rates.append(records / (time.process_time() - begin))
        photons = decoder.counters.photons
    begin = time.process_time()
    np.frombuffer(data, dtype=np.uint8).copy()
    copied_per_s = records / max(time.process_time() - begin, 1e-9)
    median = statistics.median(rates)
    numbers = {
        "records": records,
        "decoded, records/s of processor time (median)": round(median),
        "slowest": round(min(rates)),
        "fastest": round(max(rates)),
        "copied only, records/s": round(copied_per_s),
    }
    failures = [] if photons == RECORDS else [f"{RECORDS - photons} photons were not decoded"]
    if median < LEAST_PER_S:
        failures.append(f"the median is {median:.3g} records/s")
    promise = f"{LEAST_PER_S:.0e} time tags per second are decoded on one core"
    return BenchResult(not failures, promise, numbers, tuple(failures))


def _made_up_stream() -> memoryview:
    """Return records of both chips in order of time, wraps before the last tick of their epoch."""
    rng = np.random.default_rng(1)
    tick = np.sort(rng.integers(0, round(RECORDS / RATE_CPS * 1e12 / PERIOD_PS), RECORDS))
    coarse, fine = tick % COARSE_VALUES, rng.integers(0, PERIOD_PS, RECORDS)
    records = np.empty((RECORDS, RECORD_BYTES), dtype=np.uint8)
    records[:, 0], records[:, 1] = rng.integers(0, 2, RECORDS), rng.integers(0, 150, RECORDS)
    records[:, 2], records[:, 3] = coarse >> 8, coarse & 0xFF
    records[:, 4], records[:, 5], records[:, 6] = fine >> 16, (fine >> 8) & 0xFF, fine & 0xFF
    wraps = np.array([[chip, WRAP_ID, 0, 0, 0, 0, 0] for chip in (SLAVE, MASTER)], dtype=np.uint8)
    ends = np.arange(COARSE_VALUES, tick[-1], COARSE_VALUES)
    pieces: list[NDArray[np.uint8]] = []
    for piece in np.split(records, np.searchsorted(tick, ends - 1)):
        pieces += [wraps, piece]
    return memoryview(np.concatenate(pieces[1:]).tobytes())
