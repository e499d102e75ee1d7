"""Bench: a night of measurements is looked through before it begins, within a minute."""

from acquisition.bench.registry import BenchResult, Say
from acquisition.preflight.night import check_a_night

LONGEST_S = 60.0
NIGHT_S = 8 * 3600.0


def bench_check(say: Say) -> BenchResult:
    """Check a temperature sweep that takes 8 h, on the twin of the simulated rig."""
    say("a night of 8 h on the twin of the simulated rig")
    found = check_a_night()
    failures = []
    if found.night_s < NIGHT_S:
        failures.append(f"the sequence takes {found.night_s:.0f} s only, which is no night")
    if found.wall_s > LONGEST_S:
        failures.append(f"it took {found.wall_s:.1f} s")
    numbers = {
        "expected duration in h": round(found.night_s / 3600, 2),
        "points": found.points,
        "wall time in s": round(found.wall_s, 2),
        "wall time per point in s": round(found.wall_s / max(found.points, 1), 2),
    }
    promise = f"a night of 8 h is checked in under {LONGEST_S:g} s"
    return BenchResult(not failures, promise, numbers, tuple(failures))
