"""Choosing files: in the colours of the theme, and without holding up the window."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from qtpy.QtCore import QFileInfo, QSize
from qtpy.QtGui import QAbstractFileIconProvider, QAction, QColor, QIcon, QPainter, QPalette
from qtpy.QtWidgets import QFileDialog, QFileIconProvider, QToolButton, QWidget

from acquisition.gui.dialogs import Answer, ask, show_beside, tell

_ICON_PX = 32

Then = Callable[[str], object]


def ask_file(parent: QWidget, title: str, start: str, pattern: str, then: Then) -> "FileDialog":
    """Ask for a file that is there, and return at once.

    Parameters
    ----------
    parent : QWidget
        Over which the dialog stands.
    title : str
    start : str
        Folder or file that is shown first; empty: where the program runs.
    pattern : str
        Which files, e.g. ``Sequences (*.yaml *.yml)``.
    then : callable
        Called with the path, unless nothing was chosen.
    """
    dialog = FileDialog(parent, start, pattern, QFileDialog.FileMode.ExistingFile)
    return dialog.show_for(parent, title, then)


def ask_folder(parent: QWidget, title: str, start: str, then: Then) -> "FileDialog":
    """Ask for a folder that is there; parameters as of `ask_file`."""
    dialog = FileDialog(parent, start, "", QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog.show_for(parent, title, then)


def ask_new_file(parent: QWidget, title: str, start: str, pattern: str, suffix: str, then: Then) -> "FileDialog":
    """Ask where to save; one that is there is replaced only after a question.

    Parameters
    ----------
    parent, title, start, pattern, then
        As of `ask_file`.
    suffix : str
        Added to a name that has none, e.g. ``yaml``.
    """
    dialog = FileDialog(parent, start, pattern, QFileDialog.FileMode.AnyFile)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    return dialog.show_for(parent, title, then)


class FileDialog(QFileDialog):
    """Qt's own dialog: that of the system has its own colours, and takes the keys from the window.

    Parameters
    ----------
    parent : QWidget
    start, pattern : str
        As of `ask_file`.
    mode : QFileDialog.FileMode
        Whether a file, a new file or a folder is asked for.
    """

    def __init__(self, parent: QWidget, start: str, pattern: str, mode: QFileDialog.FileMode) -> None:
        super().__init__(parent)
        self.setOption(QFileDialog.Option.DontUseNativeDialog)
        self.setOption(QFileDialog.Option.DontConfirmOverwrite)  # that question of Qt's would hold up all windows
        self.setOption(QFileDialog.Option.DontUseCustomDirectoryIcons)
        self.setFileMode(mode)
        if pattern:
            self.setNameFilter(pattern)
        place = Path(start)
        is_folder = place.is_dir()
        self.setDirectory(str(place if is_folder else place.parent))
        if start and not is_folder:
            self.selectFile(place.name)
        self.setSizeGripEnabled(False)  # grey in every theme; the edge of the window does the same
        colour = self.palette().color(QPalette.ColorRole.Text)
        self._icons = PlainIcons(colour)  # kept: Qt does not own it
        self.setIconProvider(self._icons)
        for button in self.findChildren(QToolButton):
            button.setIcon(plain_icon(button.icon(), colour))
            if button.objectName() in ("listModeButton", "detailModeButton"):
                button.hide()  # pictures that cannot be told apart without their colours
        for action in self.findChildren(QAction, "qt_delete_action"):
            action.setVisible(False)  # its question, too, would hold up all windows

    def show_for(self, parent: QWidget, title: str, then: Then) -> "FileDialog":
        """Show it; `then` is called with the path that is chosen. Returns itself."""
        self.fileSelected.connect(then)
        show_beside(parent, self, title)
        return self

    def accept(self) -> None:
        """Take the choice if it can be: Qt's own messages about it would hold up all windows."""
        chosen = [Path(path) for path in self.selectedFiles()]
        if self.acceptMode() == QFileDialog.AcceptMode.AcceptSave:
            present = [path for path in chosen if path.is_file()]
            if present:
                replace = Answer("Replace", partial(super().accept), "What the file holds now is lost.")
                ask(self, "Replace the file", f"{present[0]} is there already. Replace it?", [replace])
                return
        elif missing := [path for path in chosen if not path.exists()]:
            tell(self, "Not there", f"{missing[0]} is not there. Choose another one.")
            return
        super().accept()


class PlainIcons(QFileIconProvider):
    """Outlines of files and folders in one colour: those of the system are yellow and blue.

    Parameters
    ----------
    colour : QColor
    """

    def __init__(self, colour: QColor) -> None:
        super().__init__()
        self._colour = colour
        self._made: dict[bool, QIcon] = {}

    def icon(self, what: QAbstractFileIconProvider.IconType | QFileInfo) -> QIcon:
        """Return the outline of a file or folder."""
        kinds = QAbstractFileIconProvider.IconType
        folder = what.isDir() if isinstance(what, QFileInfo) else what != kinds.File
        if folder not in self._made:
            self._made[folder] = plain_icon(super().icon(kinds.Folder if folder else kinds.File), self._colour)
        return self._made[folder]


def plain_icon(icon: QIcon, colour: QColor) -> QIcon:
    """Return the shape of an icon, filled with one colour."""
    found, pale = QIcon(), QColor(colour)
    pale.setAlphaF(0.4)
    for mode, fill in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, pale)):
        picture = icon.pixmap(QSize(_ICON_PX, _ICON_PX))
        if picture.isNull():
            return icon
        painter = QPainter(picture)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(picture.rect(), fill)
        painter.end()
        found.addPixmap(picture, mode)
    return found
