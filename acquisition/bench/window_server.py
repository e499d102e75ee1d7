"""A session server that replays made-up light at 1 Mcps when it is told to; started by `acquisition.bench.window`."""

import json
import sys
import threading
import time
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

from acquisition.bench.live_view import CALIBRATION, DETECTED_CPS, INFO, blocks
from acquisition.live_view import LiveDisplay
from acquisition.remote import Announcement, SessionServer
from acquisition.replay import ReplaySpadArray
from acquisition.session import LocalSession
from acquisition.session.recording import PointRecorder
from acquisition.storage import Recorder, RecordingContext, open_point
from acquisition.storage.run_folder import PointFolder
from acquisition.streaming import StreamSettings, acquire
from drivers.interfaces.photons import PhotonBlock

SECONDS = 15.0
BLOCK_S = 0.02
PACED, FREE = "paced", "free"
READY = "ready"


class ReplayingSession(LocalSession):
    """Shows what its display holds of the last replay."""

    def __init__(self, folder: Path) -> None:
        super().__init__("simulated", str(folder / "runs"))
        self.display = LiveDisplay()

    def live(self, since: int | None = None, panels: list[str] | None = None) -> dict[str, Any]:
        """Return what displays show of the replay."""
        return {"run": None, "simulated": True, **self.display.live(since, panels)}


class PacedReplay(ReplaySpadArray):
    """Brings its photons when they would come."""

    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        """Yield each block at its time, or at once if that has gone by."""
        begin_s, period_s = time.monotonic(), self.stream_info().period_ps * 1e-12
        for block in super().photons(duration_s):
            time.sleep(max(0.0, begin_s + block.end_pulse * period_s - time.monotonic()))
            yield block


def record(folder: Path) -> None:
    """Record `SECONDS` of made-up light."""
    recorder = PointRecorder(Recorder(PointFolder(folder), INFO, RecordingContext(CALIBRATION, simulated=True)))
    for block in blocks(SECONDS, BLOCK_S, DETECTED_CPS):
        recorder.append(block)
    recorder.finish()


def replay(display: LiveDisplay, source: Path, to: Path, how: str) -> dict[str, float]:
    """Replay a recording into a new one with live analysis, and return what came of it.

    Returns
    -------
    dict
        ``wall_s``, how long it took; ``photons``.
    """
    kind = PacedReplay if how == PACED else ReplaySpadArray
    with kind("spad_array", open_point(PointFolder(source))) as array:
        array.connect()
        array.set_bias(True)
        info = array.stream_info()
        recorder = PointRecorder(Recorder(PointFolder(to), info, RecordingContext(CALIBRATION, simulated=True)))
        live = display.new_stream(1, None, info, CALIBRATION)
        begin_s = time.monotonic()
        result = acquire(
            array, SECONDS, info, recorder, live, stop=threading.Event(), settings=StreamSettings(shed=False)
        )
        return {"wall_s": time.monotonic() - begin_s, "photons": result.photons}


def main(folder: Path, orders: Iterable[str]) -> None:
    """Record, serve, and replay at each order (a line of text: ``paced`` or ``free``); answer in lines of JSON."""
    points = folder / "points"
    record(points / "0001")
    session = ReplayingSession(folder)
    with Announcement("simulated") as announcement, session, SessionServer(session, announcement):
        replay(session.display, points / "0001", points / "0002", FREE)  # compiles
        print(json.dumps(READY), flush=True)
        for number, order in enumerate(orders, start=3):
            found = replay(session.display, points / "0001", points / f"{number:04d}", order.strip())
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.stdin)
