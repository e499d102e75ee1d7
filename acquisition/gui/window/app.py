"""Starts the window: its session, then everything that it shows."""

import logging
import os
import sys
from contextlib import ExitStack
from logging.handlers import RotatingFileHandler
from threading import Event

from qtpy.QtCore import QSettings
from qtpy.QtWidgets import QApplication, QDialog

from acquisition.gui.client.commands import Commands
from acquisition.gui.client.feed import SessionFeed
from acquisition.gui.client.local import LocalWork
from acquisition.gui.theme.style import DEFAULT_SIZE, dress
from acquisition.gui.theme.themes import THEMES
from acquisition.gui.view import Desk
from acquisition.gui.window.main_window import MainWindow, report_uncaught
from acquisition.gui.window.server import Attached, attach
from acquisition.gui.window.starting import StartingWindow
from acquisition.session.run_record import operator
from acquisition.user_folders import settings_folder, state_folder

_LOG_BYTES = 1_000_000


def run_window(rig: str, out: str, *, watch: bool) -> int:
    """Show the window until it is closed; return 0, or 1 if the session could not be reached.

    Parameters
    ----------
    rig : str
        Path of a rig file or name of a shipped one.
    out : str
        Folder of the runs, for a session that is started.
    watch : bool
        Whether the window only looks on.
    """
    app = QApplication.instance() or QApplication(["cascadescope"])
    app.setApplicationName("cascadescope")
    with ExitStack() as closing:
        closing.callback(_log_to_file().close)
        settings = window_settings()
        theme = THEMES.get(str(settings.value("theme")), THEMES["dark"])
        dress(theme, float(str(settings.value("font_size", DEFAULT_SIZE))))
        attached = _attach(rig, out)
        if attached is None:
            return 1
        closing.callback(attached.session.close)
        commands, work = closing.enter_context(Commands(attached.session)), closing.enter_context(LocalWork())
        feed = closing.enter_context(SessionFeed(attached.session))
        feed.start()
        desk = Desk(commands, work, settings, theme, rig, out)
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


def _attach(rig: str, out: str) -> Attached | None:
    name = f"{operator({})}, window (process {os.getpid()})"
    cancelled = Event()
    starting = StartingWindow(lambda cancelled, say: attach(rig, out, name, cancelled, say))
    try:
        accepted = starting.exec() == QDialog.DialogCode.Accepted
    finally:
        cancelled.set()
    if starting.error is not None:
        print(f"cascadescope: {starting.error}", file=sys.stderr)
    found = starting.result_of_work
    return found if accepted and isinstance(found, Attached) else None


def _log_to_file() -> logging.Handler:
    """Let errors of the window go to a file; returns what writes it."""
    folder = state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "window.log", maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger("acquisition").addHandler(handler)
    return handler
