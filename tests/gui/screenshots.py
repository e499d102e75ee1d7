"""Pictures of every page and panel of the window during a real simulated run: ``python tests/gui/screenshots.py OUT``.

To be looked at by a person: is anything cut off, do texts overlap, has every axis its unit? What a program can see
of that, texts that are cut, it lists.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from qtpy.QtCore import QSettings
from qtpy.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)

from acquisition.gui.client.commands import Commands
from acquisition.gui.client.feed import SessionFeed
from acquisition.gui.client.local import LocalWork
from acquisition.gui.theme.themes import THEMES
from acquisition.gui.view import Desk
from acquisition.gui.window.elided import ElidedLabel
from acquisition.gui.window.main_window import MainWindow
from acquisition.queue import SessionQueue
from acquisition.remote import Announcement, RemoteSession, SessionServer
from acquisition.session import LocalSession
from acquisition.user_folders import VARIABLE

SIZES = ((1366, 768), (2560, 1440))
"""Width and height of the smallest and the largest screen that the window is made for."""

TEXTS = (QLabel, QPushButton, QToolButton, QCheckBox, QRadioButton)
SLACK_PX = 1


def cut_texts(window: QWidget) -> list[str]:
    """Return what cannot be read as a whole: texts that are wider or higher than the room that they have."""
    return [
        f"{type(each).__name__} {each.text()!r}: {why} (in {_where(each)})"
        for kind in TEXTS
        for each in window.findChildren(kind)
        if each.isVisible() and not each.visibleRegion().isEmpty() and each.text() and (why := _cut(each))
    ]


def _cut(text: QLabel | QAbstractButton) -> str:
    if text.visibleRegion().boundingRect().width() < text.width() - SLACK_PX:
        return "is covered at a side"
    if isinstance(text, ElidedLabel):
        return "" if text.toolTip() else "is elided and has no tooltip"
    if isinstance(text, QLabel) and text.wordWrap():
        needed = text.heightForWidth(text.width())
        return f"needs a height of {needed} px, has {text.height()}" if needed > text.height() + SLACK_PX else ""
    needed = text.minimumSizeHint().width() if isinstance(text, QLabel) else text.sizeHint().width()
    return f"needs a width of {needed} px, has {text.width()}" if needed > text.width() + SLACK_PX else ""


def _where(widget: QWidget) -> str:
    names: list[str] = []
    parent: QWidget | None = widget
    while parent is not None and len(names) < 3:
        if type(parent).__module__.startswith("acquisition."):
            names.append(type(parent).__name__)
        parent = parent.parentWidget()
    return " of ".join(names) or "the window"


def pages(window: MainWindow) -> Iterator[str]:
    """Bring one page after the other to the front; yield the name of each."""
    for place in range(window.tabs.count()):
        window.tabs.setCurrentIndex(place)
        yield window.tabs.tabText(place)


def panels(window: MainWindow) -> Iterator[str]:
    """Bring one panel after the other to the front; yield the name of each."""
    window.tabs.setCurrentIndex(0)
    for dock in (*window.docks, *window.live.docks):
        window.show_view(dock.holder.kind.name)
        yield f"dock {dock.holder.kind.name}"


def settle(seconds: float) -> None:
    """Let the window live for a time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)


def picture_all(window: MainWindow, out: Path, wait_s: float) -> list[str]:
    """Write pictures of all pages in all themes and of all panels, in two sizes; return the texts that are cut."""
    cut: dict[str, None] = {}
    for width, height in SIZES:
        window.resize(width, height)
        for theme in THEMES:
            window.desk.settings.setValue("theme", theme)
            window.restyle()
            window.reset_layout()
            folder = out / f"{width}x{height}_{theme}"
            folder.mkdir(parents=True, exist_ok=True)
            for name in chain(pages(window), panels(window) if theme == "dark" else ()):
                settle(wait_s)
                window.grab().save(str(folder / f"{name.replace(' ', '_')}.png"))
                cut |= dict.fromkeys(f"{width}x{height} {name}: {each}" for each in cut_texts(window))
            if (window.width(), window.height()) != (width, height):
                cut[f"the window grew from {width}x{height} to {window.width()}x{window.height()}"] = None
    return list(cut)


@contextmanager
def served_window(folder: Path) -> Iterator[MainWindow]:
    """Yield a window of the simulated rig, whose session server is in this process."""
    os.environ[VARIABLE] = str(folder)
    runs = str(folder / "runs")
    with ExitStack() as closing:
        served = LocalSession("simulated", runs, seed=7)
        queue = SessionQueue(folder / "queue.sqlite", served, "simulated", runs)
        server = closing.enter_context(SessionServer(served, Announcement("simulated"), 0, queue))
        session = closing.enter_context(RemoteSession(server.endpoint))
        commands, work = closing.enter_context(Commands(session)), closing.enter_context(LocalWork())
        feed = closing.enter_context(SessionFeed(session))
        feed.start()
        settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        window = MainWindow(Desk(commands, work, settings, THEMES["dark"], "simulated", runs), feed)
        window.resize(*SIZES[0])
        window.show()
        window.reset_layout()
        try:
            yield window
        finally:
            window.stop()
            window.close()


def picture_run(out: Path, seconds: float, wait_s: float) -> list[str]:
    """Carry out a cascade of some simulated seconds and picture the window when it is analysed."""
    with tempfile.TemporaryDirectory() as folder, served_window(Path(folder)) as window:
        settle(3.0)
        window.grab().save(str(out / "before.png"))
        overrides = {"acquire_photons.duration_s": seconds, "metadata.sample": "dot 7"}
        window.desk.commands.do("start", "cascade", overrides)
        until(lambda: bool((window.said.status or {}).get("photons")))
        settle(4.0)
        window.grab().save(str(out / "during.png"))
        until(lambda: (window.said.status or {}).get("outcome") is not None)
        settle(2.0)
        window.grab().save(str(out / "after.png"))
        return picture_all(window, out, wait_s)


def until(come: Callable[[], bool], timeout_s: float = 300.0) -> None:
    """Let the window live until something has come; raises `TimeoutError` if it does not."""
    end = time.monotonic() + timeout_s
    while not come():
        if time.monotonic() > end:
            raise TimeoutError(f"it has not come within {timeout_s:g} s")
        settle(0.1)


def main() -> int:
    """Write the pictures and name the texts that are cut."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder of the pictures")
    parser.add_argument("--seconds", type=float, default=60.0, help="simulated time to measure")
    parser.add_argument("--wait", type=float, default=0.4, help="time that each page gets to draw itself, in s")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(["cascadescope"])
    cut = picture_run(options.out, options.seconds, options.wait)
    print("\n".join(cut) or "no text is cut")
    app.processEvents()
    return int(bool(cut))


if __name__ == "__main__":
    sys.exit(main())
