"""Showing files and folders with the programs of the computer."""

from pathlib import Path

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices


def open_path(path: Path) -> bool:
    """Show a file or folder as the desktop would; return whether it knows how."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
