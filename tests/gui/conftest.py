"""What tests of the window share: no screen is needed, and nothing of the user's own settings is touched."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from qtpy.QtCore import QSettings

from acquisition.gui.client.commands import Commands
from acquisition.gui.client.local import LocalWork
from acquisition.gui.theme.themes import THEMES
from acquisition.gui.view import Desk
from tests.gui.fake_session import FakeSession


@pytest.fixture(autouse=True)
def undressed(qapp):
    """What a window does to all windows of the program, such as colours and letters, ends with its test."""
    font, palette = qapp.font(), qapp.palette()
    yield
    if qapp.styleSheet():
        qapp.setStyleSheet("")
        qapp.setPalette(palette)
        qapp.setFont(font)


@pytest.fixture
def session():
    """A session that notes what it is asked."""
    return FakeSession()


@pytest.fixture
def desk(session, tmp_path, qapp):
    """What views share, over the noted session; commands are carried out by threads, `settle` waits for them."""
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    with Commands(session) as commands, LocalWork() as work:
        yield Desk(commands, work, settings, THEMES["dark"], "simulated", str(tmp_path / "runs"))


@pytest.fixture
def settle(desk, qtbot):
    """Wait until all commands have ended and those who asked have been told; returns what ended."""

    def wait():
        found = []

        def all_done():
            idle = desk.commands.pending == 0 and desk.work.pending == 0
            found.extend(desk.commands.deliver())
            desk.work.deliver()
            return idle and desk.commands.pending == 0 and desk.work.pending == 0

        qtbot.waitUntil(all_done, timeout=10_000)
        return found

    return wait
