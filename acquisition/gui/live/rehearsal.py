"""Panels that are drawn without a person, to measure how fast and how evenly they follow a session."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qtpy.QtCore import QEventLoop, QSettings, QTimer
from qtpy.QtWidgets import QApplication, QGridLayout, QWidget

from acquisition.gui.client.commands import Commands
from acquisition.gui.client.feed import Said, SessionFeed
from acquisition.gui.client.local import LocalWork
from acquisition.gui.registry import VIEWS, load_views
from acquisition.gui.theme.themes import THEMES
from acquisition.gui.view import Desk, View
from acquisition.remote import RemoteSession

PANELS = ("count_trace", "flid", "spectrum", "delays", "pixel_delay_map", "g2")
SIZE = 1366, 768
COLUMNS = 3
TICK_MS = 40


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How panels have followed a stream.

    Attributes
    ----------
    frames : int
        Times that something new of the first panel was drawn.
    seconds : float
        From the first to the last of them; wall time.
    longest_pause_s : float
        Between two of them.
    processor_s : float
        Time of processors that the window took, its talk with the session included.
    """

    frames: int
    seconds: float
    longest_pause_s: float
    processor_s: float

    @property
    def frames_per_s(self) -> float:
        """How many were drawn in a second; 0 if there were fewer than two."""
        return (self.frames - 1) / self.seconds if self.frames > 1 else 0.0

    @property
    def processor_ms_per_frame(self) -> float:
        """Time of processors for a frame of all panels, which does not depend on what else the computer does."""
        return 1e3 * self.processor_s / max(1, self.frames)


class Rehearsal:
    """Panels side by side in a window that nobody sees.

    Parameters
    ----------
    desk : Desk
    names : sequence of str
        Of panels.
    """

    def __init__(self, desk: Desk, names: Sequence[str] = PANELS) -> None:
        load_views()
        self._window = QWidget()
        grid = QGridLayout(self._window)
        self.views: list[View] = [VIEWS[name](desk) for name in names]
        for place, each in enumerate(self.views):
            grid.addWidget(each, place // COLUMNS, place % COLUMNS)
        self._window.resize(*SIZE)
        self._window.show()
        self._drawn: list[float] = []
        self._version = 0

    @property
    def wants(self) -> frozenset[str]:
        """Panels of `Session.live` that are drawn."""
        return frozenset().union(*(each.wants() for each in self.views))

    def show(self, said: Said) -> None:
        """Draw what a session says, on the window as well."""
        for each in self.views:
            each.show_said(said)
        version = said.versions.get(next(iter(self.views[0].shows)), 0)
        if version != self._version:
            self._version = version
            self._drawn.append(time.monotonic())

    def paint(self) -> None:
        """Paint what has changed, at once."""
        QApplication.processEvents()

    def follow(self, feed: SessionFeed, going_on: Callable[[], bool]) -> Rehearsed:
        """Show what a feed says 25 times a second for as long as something goes on."""
        feed.want(self.wants)
        self._drawn = []
        loop, timer, begun_s = QEventLoop(), QTimer(), time.process_time()

        def tick() -> None:
            self.show(feed.said())
            if not going_on():
                loop.quit()

        timer.timeout.connect(tick)
        timer.start(TICK_MS)
        loop.exec()
        timer.stop()
        drawn = self._drawn
        pauses = [after - before for before, after in pairwise(drawn)]
        lasted_s = drawn[-1] - drawn[0] if drawn else 0.0
        return Rehearsed(len(drawn), lasted_s, max(pauses, default=0.0), time.process_time() - begun_s)

    def close(self) -> None:
        """Close the window that nobody sees."""
        self._window.close()
        self._window.deleteLater()


def quiet_desk(session: RemoteSession, folder: str) -> Desk:
    """Return a desk for a rehearsal, in a program without a screen; its settings go into a folder."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if QApplication.instance() is None:
        _KEPT.append(QApplication(["cascadescope"]))
    settings = QSettings(f"{folder}/window.ini", QSettings.Format.IniFormat)
    return Desk(Commands(session), LocalWork(), settings, THEMES["dark"], "simulated", folder)


_KEPT: list[QApplication] = []
"""Qt needs its program object for as long as the program runs."""
