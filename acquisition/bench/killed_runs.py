"""Runs that are killed and resumed until they are complete, and what is left of them after each kill."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acquisition.bench.kill_plan import KILLED, KillPlan, Moment
from acquisition.storage import Extent, RunFolder, open_point
from drivers.interfaces.photons import Gap

LIFE_TIMEOUT_S = 600.0
POLL_S = 0.02
SEED = 11
NEVER = KillPlan(Moment.STEP, 10**9)
POINTS = 12
POINT_S = 3.0

_STATUS_OF_KILLED = {Moment.TIME: 1 if os.name == "nt" else -9}

SWEEP = f"""name: sweep
steps:
  - {{kind: set_laser, repetition_rate: 1 MHz, intensity: 20 %}}
  - kind: repeat
    for: temperature
    values: [{", ".join(f"{20 + 2 * number} degC" for number in range(POINTS))}]
    steps:
      - {{kind: set_temperature, temperature: $temperature}}
      - {{kind: wait_until_stable, tolerance: 0.2 degC, window: 30 s, timeout: 20 min}}
      - {{kind: set_laser, emission: true}}
      - {{kind: set_shutter, open: true}}
      - {{kind: acquire_photons, duration: {POINT_S:g} s, label: $temperature}}
      - {{kind: set_shutter, open: false}}
      - {{kind: set_laser, emission: false}}
"""


class BenchError(Exception):
    """Something that the bench needs did not happen."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredPoint:
    """What can be read of a point.

    Attributes
    ----------
    pulse, pixel, delay_ps : integer arrays of the same length
        Its photons.
    extent : Extent
        How much it is.
    elapsed_s : float
        Time of the pulses in s.
    gaps : tuple of Gap
        Of all its blocks.
    file_hash : str
        SHA-256 of photons.h5; empty if it is not made.
    complete : bool
        Whether run.json says so.
    """

    pulse: NDArray[np.int64]
    pixel: NDArray[np.uint16]
    delay_ps: NDArray[np.uint32]
    extent: Extent
    elapsed_s: float
    gaps: tuple[Gap, ...]
    file_hash: str
    complete: bool

    def begins(self, later: "StoredPoint") -> bool:
        """Return whether a later state of the point begins with exactly these photons."""
        count = len(self.pulse)
        pairs = ((self.pulse, later.pulse), (self.pixel, later.pixel), (self.delay_ps, later.delay_ps))
        return all(np.array_equal(mine, theirs[:count]) for mine, theirs in pairs)


@dataclass(frozen=True, slots=True)
class Death:
    """A kill: its plan, what was there before the program started and after it died, what it said meanwhile.

    `said` holds wall time in s, point and seconds of its present part.
    """

    plan: KillPlan
    before: dict[int, StoredPoint]
    after: dict[int, StoredPoint]
    said: tuple[tuple[float, int, float], ...]


class KilledRun:
    """One sweep of 12 points on the simulated rig, in as many lives as it needs.

    Parameters
    ----------
    out : Path
        Empty folder for the run.
    analyse : bool
        Whether the last life analyses the points, or only counts their photons.

    Attributes
    ----------
    deaths : list of Death
        The kills so far.
    restarts : int
        Kills before there was anything to resume.
    """

    def __init__(self, out: Path, *, analyse: bool = False) -> None:
        self._out, self._analysis = out, "--analyse" if analyse else "--count-only"
        out.mkdir(parents=True, exist_ok=True)
        self._sequence = out / "sweep.yaml"
        self._sequence.write_text(SWEEP, encoding="utf-8")
        self._lives = 0
        self.deaths: list[Death] = []
        self.restarts = 0

    @property
    def name(self) -> str:
        """Name of the folder of the run."""
        return self._out.name

    @property
    def run(self) -> Path | None:
        """The run folder; None if there is none that could be resumed."""
        folders = [folder for folder in sorted(self._out.glob("*_sweep*")) if (folder / "sequence.yaml").exists()]
        return folders[-1] if folders else None

    def live(self, plan: KillPlan = NEVER) -> bool:
        """Start or resume the run, and kill it as planned; return whether it came to its end instead.

        Raises
        ------
        BenchError
            If the program ended in another way; says what it wrote.
        """
        run = self.run
        before = {} if run is None else stored_points(run)
        what = ["start", str(self._sequence), str(self._out), str(SEED)] if run is None else ["resume", str(run)]
        status, output, errors = self._process([*what, self._analysis, plan.to_text()], plan)
        if status == 0:
            return True
        if status != _STATUS_OF_KILLED.get(plan.moment, KILLED):
            raise BenchError(f"killed {plan}, the program ended with {status}: {errors.strip() or output[-200:]}")
        if self.run is None:
            self.restarts += 1
            return False
        rows = [line.split("\t") for line in output.splitlines() if line.count("\t") == 3]
        said = tuple((float(at_s), int(point), float(elapsed_s)) for _, at_s, point, elapsed_s in rows)
        self.deaths.append(Death(plan, before, stored_points(self.run), said))
        return False

    def _process(self, arguments: list[str], plan: KillPlan) -> tuple[int, str, str]:
        """Run the victim to its end, whatever that is; return exit status and both outputs."""
        self._lives += 1
        output, errors = (self._out / f"life{self._lives}.{name}" for name in ("out", "err"))
        with output.open("wb") as to_output, errors.open("wb") as to_errors:
            command = [sys.executable, "-m", "acquisition.bench.victim", *arguments]
            process = subprocess.Popen(command, stdout=to_output, stderr=to_errors, env=dict(os.environ))
            try:
                if plan.moment is Moment.TIME and _begins(process, output) and not _ends(process, plan.after_s):
                    process.kill()
                status = process.wait(LIFE_TIMEOUT_S)
            finally:
                process.kill()
                process.wait()
        return status, output.read_text(encoding="utf-8"), errors.read_text(encoding="utf-8")


def _begins(process: "subprocess.Popen[bytes]", output: Path) -> bool:
    """Wait until the program has something to say; return False if it has ended."""
    for _ in range(round(LIFE_TIMEOUT_S / POLL_S)):
        if output.stat().st_size:
            return True
        if _ends(process, POLL_S):
            return False
    raise BenchError(f"no run has begun within {LIFE_TIMEOUT_S:g} s")


def _ends(process: "subprocess.Popen[bytes]", within_s: float) -> bool:
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def stored_points(run: Path) -> dict[int, StoredPoint]:
    """Return what can be read of each point of a run that is not going on."""
    folder = RunFolder.open(run)
    points = folder.read_run_json()["points"] if folder.run_json.exists() else []
    complete = {point["number"] for point in points if point["complete"]}
    return {
        point.number: _stored_point(folder, point.number, complete=point.number in complete)
        for point in folder.points()
        if point.has_stream
    }


def _stored_point(folder: RunFolder, number: int, *, complete: bool) -> StoredPoint:
    point = folder.point(number)
    recording = open_point(point)
    extent, blocks = Extent(), []
    for block in recording.blocks():
        extent = extent.plus(block)
        blocks.append(block)
    return StoredPoint(
        np.concatenate([np.empty(0, np.int64), *(block.pulse for block in blocks)]),
        np.concatenate([np.empty(0, np.uint16), *(block.pixel for block in blocks)]),
        np.concatenate([np.empty(0, np.uint32), *(block.delay_ps for block in blocks)]),
        extent,
        extent.end_pulse * recording.info.period_ps * 1e-12,
        tuple(gap for block in blocks for gap in block.gaps),
        hashlib.sha256(point.photons_h5.read_bytes()).hexdigest() if point.photons_h5.exists() else "",
        complete,
    )
