"""The menu of a plot: export of what is shown, and how it is shown."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QMenu

from acquisition.gui.dialogs import tell
from acquisition.gui.file_dialogs import FileDialog, ask_new_file
from acquisition.gui.plots.export import copy_picture, save_csv, save_png, save_svg

if TYPE_CHECKING:
    from acquisition.gui.plots.canvas import Canvas

FOLDER = "plots/folder"
"""Where the settings remember the folder of the last file."""


def build_menu(canvas: "Canvas") -> QMenu:
    """Return the menu of a plot."""
    menu = QMenu(canvas)
    menu.setToolTipsVisible(True)
    savers: dict[str, Callable[[Canvas, Path], None]] = {"PNG": save_png, "SVG": save_svg, "CSV": save_csv}
    for kind, save in savers.items():
        action = menu.addAction(f"Save as {kind}…")
        action.triggered.connect(lambda _=False, kind=kind, save=save: ask_where(canvas, kind, save))
    menu.addAction("Copy picture").triggered.connect(lambda: copy_picture(canvas))
    menu.addSeparator()
    canvas.add_choices(menu)
    automatic = menu.addAction("Auto range")
    automatic.setToolTip("Let the axes follow the data again.")
    automatic.triggered.connect(canvas.follow)
    return menu


def show_menu(canvas: "Canvas", place: QPoint) -> None:
    """Show the menu of a plot at a place of the screen."""
    menu = build_menu(canvas)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(place)


def ask_where(canvas: "Canvas", kind: str, save: "Callable[[Canvas, Path], None]") -> FileDialog:
    """Ask for a file, without holding up the window, and save into it."""
    suffix = kind.lower()
    name = f"{canvas.title.lower().replace(' ', '_')}.{suffix}"
    start = str(Path(str(canvas.desk.settings.value(FOLDER, canvas.desk.out))) / name)
    return ask_new_file(
        canvas,
        f"Save as {kind}",
        start,
        f"{kind} (*.{suffix})",
        suffix,
        lambda path: save_or_tell(canvas, Path(path), save),
    )


def save_or_tell(canvas: "Canvas", path: Path, save: "Callable[[Canvas, Path], None]") -> bool:
    """Save into a file and remember its folder; if that fails, say why. Returns whether it is saved."""
    try:
        save(canvas, path)
    except OSError as error:
        words = f"{path} could not be written: {error.strerror or error}. Choose another folder or name."
        tell(canvas, "Not saved", words)
        return False
    canvas.desk.settings.setValue(FOLDER, str(path.parent))
    return True
