"""Starts the window: its session, then everything that it shows."""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from logging.handlers import RotatingFileHandler

from qtpy.QtCore import QSettings
from qtpy.QtWidgets import QApplication, QDialog

from acquisition.gui.client.commands import Commands
from acquisition.gui.client.feed import SessionFeed
from acquisition.gui.client.local import LocalWork
from acquisition.gui.theme.style import dress, font_size
from acquisition.gui.theme.themes import THEMES
from acquisition.gui.view import Desk
from acquisition.gui.window.main_window import MainWindow, report_uncaught
from acquisition.gui.window.server import Attached, attach
from acquisition.gui.window.starting import StartingWindow
from acquisition.session.run_record import operator
from acquisition.user_folders import settings_folder, state_folder

_LOG_BYTES = 1_000_000


def run_window(rig: str, out: str, *, watch: bool, sample: str | None = None, seed: int | None = None) -> int:
    """Show the window until it is closed; return 0, or 1 if the session could not be reached.

    Parameters
    ----------
    rig : str
        Path of a rig file or name of a shipped one.
    out : str
        Folder of the runs, for a session that is started.
    watch : bool
        Whether the window only looks on.
    sample, seed : str, int, optional
        Of the simulated world, for a session that is started; see `attach`.
    """
    app = QApplication.instance() or QApplication(["cascadescope"])
    app.setApplicationName("cascadescope")
    with ExitStack() as closing:
        closing.callback(_log_to_file())
        settings = window_settings()
        theme = THEMES.get(str(settings.value("theme")), THEMES["dark"])
        dress(theme, font_size(settings))
        attached = _attach(rig, out, sample, seed)
        if attached is None:
            return 1
        closing.callback(attached.session.close)
        commands, work = closing.enter_context(Commands(attached.session)), closing.enter_context(LocalWork())
        feed = closing.enter_context(SessionFeed(attached.session))
        closing.callback(attached.session.close)  # first, so that nothing waits for an answer any more
        feed.start()
        desk = Desk(commands, work, settings, theme, rig, out)
        if attached.remark:
            desk.diary.warn(attached.remark)
        window = MainWindow(desk, feed, watch=watch, of_a_window=attached.of_a_window)
        before = sys.excepthook
        closing.callback(setattr, sys, "excepthook", before)
        report_uncaught(window)
        window.restore()
        window.show()
        app.exec()
        if window.farewell.server_ends:
            attached.forget()
    return 0


def window_settings() -> QSettings:
    """Return what the window remembers, in a file that a person can read."""
    return QSettings(str(settings_folder() / "window.ini"), QSettings.Format.IniFormat)


def _attach(rig: str, out: str, sample: str | None, seed: int | None) -> Attached | None:
    name = f"{operator({})}, window (process {os.getpid()})"
    starting = StartingWindow(lambda cancelled, say: attach(rig, out, name, cancelled, say))
    accepted = starting.exec() == QDialog.DialogCode.Accepted
    if starting.error is not None:
        print(f"cascadescope: {starting.error}", file=sys.stderr)
    found = starting.result_of_work
    return found if accepted and isinstance(found, Attached) else None


def _log_to_file() -> Callable[[], None]:
    """Let errors of the window go to a file; returns what ends that."""
    path = state_folder() / "window.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError as error:
        print(f"cascadescope: {path} cannot be written: {error.strerror or error}; no log is kept", file=sys.stderr)
        return lambda: None
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("acquisition")
    logger.addHandler(handler)

    def end() -> None:
        logger.removeHandler(handler)
        handler.close()

    return end
