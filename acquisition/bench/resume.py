"""Bench: sweeps that are killed again and again, and resumed, are as good as an unbroken one."""

import random
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from acquisition.bench.kill_plan import random_plan
from acquisition.bench.killed_runs import KilledRun
from acquisition.bench.registry import BenchResult, Say
from acquisition.bench.unbroken import differences

KILLS = 50
KILLS_PER_RUN = 5
LONGEST_RUN_S = 4.0
"""Wall time in which the sweep measures, about."""


def bench_resume(say: Say, kills: int = KILLS, seed: int = 1) -> BenchResult:
    """Kill and resume sweeps of 12 points until there were `kills` kills; each run is killed up to five times.

    Parameters
    ----------
    say : callable
        Is told what goes on.
    kills : int
        How many.
    seed : int
        Of the moments.
    """
    begin = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="cascadescope-bench-"))
    moments = random.Random(seed)
    unbroken = KilledRun(folder / "unbroken")
    say("a sweep that is not killed")
    unbroken.live()
    killed, failures, resumes, seen = 0, list[str](), 0, Counter[str]()
    while killed < kills:
        run = KilledRun(folder / f"run{len(list(folder.iterdir()))}")
        while not _is_over(run, moments, min(KILLS_PER_RUN, kills - killed)):
            say(f"kill {killed + len(run.deaths) + run.restarts} of {kills}")
        killed += len(run.deaths) + run.restarts
        resumes += len(run.deaths)
        seen.update(str(death.plan.moment) for death in run.deaths)
        found = _differences(unbroken, run)
        failures += found
        if not found:
            shutil.rmtree(folder / run.name)
    if not failures:
        shutil.rmtree(folder)
    where = {"kept in": str(folder)} if failures else {}
    numbers = {"kills": killed, "resumed": resumes, **dict(seen), "wall time in s": round(time.monotonic() - begin, 1)}
    promise = f"after each of {kills} kills a resumed sweep has all points, and their photons but the last second's"
    return BenchResult(not failures, promise, {**numbers, **where}, tuple(failures))


def _is_over(run: KilledRun, moments: random.Random, kills: int) -> bool:
    """Give a run its next life, the last one unharmed; return whether it is complete."""
    if len(run.deaths) + run.restarts < kills:
        return run.live(random_plan(moments, LONGEST_RUN_S))
    return run.live()


def _differences(unbroken: KilledRun, run: KilledRun) -> list[str]:
    if unbroken.run is None or run.run is None:
        return [f"{run.name}: has no run folder"]
    return [f"{run.name}: {text}" for text in differences(unbroken.run, run.run, run.deaths)]
