"""The menus: files, what is shown and how, help."""

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QUrl
from qtpy.QtGui import QAction, QActionGroup, QDesktopServices, QKeySequence
from qtpy.QtWidgets import QMenu, QMenuBar

from acquisition.gui.dialogs import tell
from acquisition.gui.theme.style import DEFAULT_SIZE, SIZES, font_size
from acquisition.gui.theme.themes import THEMES

if TYPE_CHECKING:
    from acquisition.gui.window.main_window import MainWindow

_THEMES = {"dark": "Dark", "light": "Light", "red": "Red, for a dark room"}


def fill_menus(menus: QMenuBar, window: "MainWindow") -> None:
    """Add the menus of the window to its bar."""
    _fill_file(menus.addMenu("&File"), window)
    _fill_view(menus.addMenu("&View"), window)
    _fill_help(menus.addMenu("&Help"), window)


def _fill_file(menu: QMenu, window: "MainWindow") -> None:
    menu.setToolTipsVisible(True)
    runs = menu.addAction("Open the folder of the runs")
    runs.setToolTip(f"Runs go to {Path(window.desk.out).absolute()}.")
    runs.triggered.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(window.desk.out).absolute()))))
    menu.addSeparator()
    end = menu.addAction("Quit")
    end.setShortcut(QKeySequence("Ctrl+Q"))
    end.setToolTip("Close the window; a run that goes on is asked about.")
    end.triggered.connect(window.close)


def _fill_view(menu: QMenu, window: "MainWindow") -> None:
    menu.setToolTipsVisible(True)
    _fill_panels(menu.addMenu("Panels of the measurement"), [dock.toggleViewAction() for dock in window.live.docks])
    for dock in window.docks:
        action = dock.toggleViewAction()
        action.setToolTip(dock.holder.kind.tip)
        menu.addAction(action)
    reset = menu.addAction("Reset the layout")
    reset.setToolTip("Put all panels where they stood at first.")
    reset.triggered.connect(window.reset_layout)
    menu.addSeparator()
    _fill_themes(menu, window)
    menu.addSeparator()
    for text, keys, step in (("Larger font", "Ctrl++", 1), ("Smaller font", "Ctrl+-", -1), ("Usual font", "Ctrl+0", 0)):
        action = menu.addAction(text)
        action.setShortcuts([QKeySequence(keys), QKeySequence("Ctrl+=")] if step > 0 else [QKeySequence(keys)])
        action.triggered.connect(lambda _=False, step=step: _resize(window, step))


def _fill_panels(menu: QMenu, actions: list[QAction]) -> None:
    if not actions:
        menu.addAction("There are none").setEnabled(False)
    for action in actions:
        menu.addAction(action)


def _fill_themes(menu: QMenu, window: "MainWindow") -> None:
    group = QActionGroup(menu)
    for name in THEMES:
        action = menu.addAction(_THEMES.get(name, name))
        action.setCheckable(True)
        action.setChecked(name == window.desk.theme.name)
        action.triggered.connect(lambda _=False, name=name: _choose(window, name))
        group.addAction(action)


def _choose(window: "MainWindow", theme: str) -> None:
    window.desk.settings.setValue("theme", theme)
    window.restyle()


def _resize(window: "MainWindow", step: int) -> None:
    now = font_size(window.desk.settings)
    if step == 0:
        size = DEFAULT_SIZE
    else:
        nearest = min(range(len(SIZES)), key=lambda place: abs(SIZES[place] - now))
        size = SIZES[min(max(nearest + step, 0), len(SIZES) - 1)]
    window.desk.settings.setValue("font_size", size)
    window.restyle()


def _fill_help(menu: QMenu, window: "MainWindow") -> None:
    steps = menu.addAction("First steps")
    steps.triggered.connect(lambda: window.show_view("first_steps"))
    about = menu.addAction("About cascadescope")
    about.triggered.connect(lambda: _about(window))


def _about(window: "MainWindow") -> None:
    from importlib.metadata import version

    tell(
        window,
        "About cascadescope",
        f"cascadescope {version('cascadescope')}\n"
        "Cascade (heralded) spectroscopy of single nanocrystals.\n"
        f"Rig: {window.desk.rig}\nRuns: {Path(window.desk.out).absolute()}",
    )
