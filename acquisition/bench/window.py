"""Bench: the live panels of the window follow a stream of 1 Mcps, do not hold it up, and keep no memory."""

import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acquisition.bench import window_server
from acquisition.bench.live_view import (
    CALIBRATION,
    DECIMATION,
    DETECTED_CPS,
    HOUR_S,
    INFO,
    PULSES_PER_S,
    SETTLED_S,
    blocks,
)
from acquisition.bench.registry import BenchResult, Say
from acquisition.bench.window_server import FREE, PACED, READY, SECONDS
from acquisition.live_view import LiveDisplay
from acquisition.remote import RemoteSession
from acquisition.session import SessionError
from acquisition.streaming.parts import shifted
from acquisition.user_folders import VARIABLE

if TYPE_CHECKING:
    from acquisition.gui.live.rehearsal import Rehearsal, Rehearsed

LEAST_FRAMES_PER_S = 20.0
MOST_DELAY = 1.02
"""A stream of 1 Mcps may take so many times its own length."""

LEAST_RATIO = 0.5
"""Share of its speed that a stream keeps that is as fast as it can be; window and server have two cores together."""

FREE_RUNS = 3
DRAW_INTERVAL_S = 10
MOST_GROWTH_BYTES = 2_000_000
ANSWER_TIMEOUT_S = 240.0
END_TIMEOUT_S = 30.0


def bench_window(say: Say) -> BenchResult:
    """Show six panels of a stream that another process replays; then those of an hour, one drawing after the other."""
    with tempfile.TemporaryDirectory(prefix="cascadescope-bench-") as name:
        folder = Path(name)
        with _server(folder, say) as server, _panels(folder) as (rehearsal, follow):
            say("a stream of a million photons per second, looked at")
            looked_at, paced = follow(server, PACED)
            alone, together = [], []
            for number in range(FREE_RUNS):
                say(f"as fast as it can be: {number + 1} of {FREE_RUNS}")
                alone.append(_rate(server.replay(FREE)))
                together.append(_rate(follow(server, FREE)[1]))
            say("an hour of stream, with a hundredth of the photons")
            growth = growth_in_an_hour(rehearsal)
    return judge(looked_at, paced["wall_s"], statistics.median(alone), statistics.median(together), growth)


def judge(looked_at: "Rehearsed", wall_s: float, alone_cps: float, together_cps: float, growth: int) -> BenchResult:
    """Return whether what was measured keeps the promise."""
    ratio = together_cps / alone_cps
    numbers = {
        "frames/s of six panels at 1 Mcps": round(looked_at.frames_per_s, 1),
        "longest pause between two, in s": round(looked_at.longest_pause_s, 3),
        "processor time of a frame, in ms": round(looked_at.processor_ms_per_frame, 1),
        "time of that stream over its length": round(wall_s / SECONDS, 4),
        "photons/s without a window, as fast as it can be": round(alone_cps),
        "share of that with a window": round(ratio, 3),
        "growth of memory in an hour, in bytes": growth,
    }
    failures = []
    if looked_at.frames_per_s < LEAST_FRAMES_PER_S:
        failures.append(f"six panels are drawn {looked_at.frames_per_s:.3g} times a second")
    if wall_s > MOST_DELAY * SECONDS:
        failures.append(f"a stream of {SECONDS:g} s takes {wall_s:.4g} s when it is looked at")
    if ratio < LEAST_RATIO:
        failures.append(f"with a window the fastest stream has {100 * ratio:.3g} % of its photons per second")
    if growth > MOST_GROWTH_BYTES:
        failures.append(f"memory grows by {growth} bytes")
    promise = (
        f"six live panels are drawn {LEAST_FRAMES_PER_S:g} times a second at 1 Mcps and do not hold up the stream, "
        f"the fastest stream keeps {100 * LEAST_RATIO:g} % of its speed, and memory is flat over an hour"
    )
    return BenchResult(not failures, promise, numbers, tuple(failures))


def growth_in_an_hour(rehearsal: "Rehearsal", hour_s: int = HOUR_S, settled_s: int = SETTLED_S) -> int:
    """Return by how many bytes memory grows from a quarter of an hour to an hour, drawn again and again."""
    from acquisition.gui.client.feed import Said

    minute = list(blocks(60.0, 1.0, DETECTED_CPS / DECIMATION))
    display = LiveDisplay()
    view, settled = display.new_stream(1, None, INFO, CALIBRATION), 0
    wanted = sorted(rehearsal.wants)
    tracemalloc.start()
    try:
        for second in range(1, hour_s + 1):
            round_, place = divmod(second - 1, len(minute))
            display.live(None, wanted)
            view.update(shifted(minute[place], round_ * len(minute) * PULSES_PER_S))
            if second % DRAW_INTERVAL_S == 0:
                panels = display.live(None, wanted)["panels"]
                rehearsal.show(Said(live={"simulated": True}, panels=panels, versions=dict.fromkeys(panels, second)))
                rehearsal.paint()
            if second == settled_s:
                settled = tracemalloc.get_traced_memory()[0]
        return tracemalloc.get_traced_memory()[0] - settled
    finally:
        tracemalloc.stop()


class _Server:
    """The other process: it is told what to replay, and answers."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="bench: answers", daemon=True).start()

    def replay(self, how: str) -> dict[str, float]:
        """Replay, and wait for its end."""
        self.begin(how)
        found: dict[str, float] = self.answer()
        return found

    def begin(self, how: str) -> None:
        """Begin to replay."""
        assert self._process.stdin is not None  # noqa: S101 - it has a pipe
        self._process.stdin.write(f"{how}\n")
        self._process.stdin.flush()

    @property
    def answered(self) -> bool:
        """Whether an answer waits."""
        return not self._answers.empty()

    def answer(self) -> Any:
        """Return the next answer; raises `SessionError` if there is none in time."""
        try:
            found = self._answers.get(timeout=ANSWER_TIMEOUT_S)
        except queue.Empty:
            found = None
        if found is None:
            raise SessionError(
                "bench window: the process that replays ended or does not answer; its errors stand above"
            )
        return found

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it has a pipe
        for line in self._process.stdout:
            self._answers.put(json.loads(line))
        self._answers.put(None)


@contextmanager
def _server(folder: Path, say: Say) -> Iterator[_Server]:
    say("another process records and compiles")
    environment = {**os.environ, VARIABLE: str(folder / "home")}
    command = [sys.executable, "-m", window_server.__name__, str(folder)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    )
    try:
        server = _Server(process)
        if server.answer() != READY:
            raise SessionError("bench window: the process that replays said something else than that it is ready")
        yield server
    finally:
        with process:
            assert process.stdin is not None  # noqa: S101 - it has a pipe
            process.stdin.close()
            try:
                process.wait(END_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def _panels(folder: Path) -> Iterator[Any]:
    """Provide panels that are drawn, and a function that lets them follow what the server replays."""
    from acquisition.gui.client.feed import SessionFeed
    from acquisition.gui.live.rehearsal import Rehearsal, quiet_desk

    with _at_home(folder / "home"), RemoteSession.find("simulated", "bench window") as session:
        desk = quiet_desk(session, str(folder))
        rehearsal = Rehearsal(desk)

        def follow(server: _Server, how: str) -> "tuple[Rehearsed, dict[str, float]]":
            with SessionFeed(session) as feed:
                feed.start()
                server.begin(how)
                seen = rehearsal.follow(feed, lambda: not server.answered)
                return seen, server.answer()

        try:
            yield rehearsal, follow
        finally:
            rehearsal.close()
            desk.commands.close()
            desk.work.close()


@contextmanager
def _at_home(folder: Path) -> Iterator[None]:
    """Let this process find the server that has its announcement in a folder."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def _rate(replayed: dict[str, float]) -> float:
    """Return photons per second of wall time."""
    return replayed["photons"] / replayed["wall_s"]
