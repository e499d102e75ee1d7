"""Holds a view, so that one that fails does not take the others, or the window, with it."""

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QLabel, QLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from acquisition.gui.client.feed import Said
from acquisition.gui.view import Desk, Place, View

_LOG = logging.getLogger(__name__)

FirmT = TypeVar("FirmT", bound=View)


class Holder(QWidget):
    """Makes a view and passes on to it what the session says; shows why if it fails, and tries it anew when asked.

    Parameters
    ----------
    kind : type of View
        What it holds.
    desk : Desk
        Of the window.
    """

    def __init__(self, kind: type[View], desk: Desk) -> None:
        super().__init__()
        self.kind, self._desk = kind, desk
        self.view: View | None = None
        self.problem = ""
        self._failure: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        if kind.place in (Place.HEAD, Place.STRIP, Place.TOP):
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if kind.place is Place.LIVE:
            self._layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.retry()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the smallest size; panels give way, so that the window always fits on its screen."""
        hint = super().minimumSizeHint()
        if self.kind.place is not Place.LIVE:
            return hint
        return self._layout.minimumSize().boundedTo(QSize(240, 160))

    def tell(self, said: Said) -> None:
        """Show what the session says."""
        if self.view is not None and not self.problem:
            self._guarded(lambda view: view.show_said(said))

    def wants(self) -> frozenset[str]:
        """Return which panels of `Session.live` the view needs."""
        found: list[frozenset[str]] = []
        if self.view is not None and not self.problem:
            self._guarded(lambda view: found.append(view.wants()))
        return found[0] if found else frozenset()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        if self.view is not None and not self.problem:
            self._guarded(lambda view: view.restyle())

    def busy_because(self) -> str:
        """Return what would be lost if the window closed now."""
        found: list[str] = []
        if self.view is not None and not self.problem:
            self._guarded(lambda view: found.append(view.busy_because()))
        return found[0] if found else ""

    def retry(self) -> None:
        """Make the view anew."""
        for old in (self.view, self._failure):
            if old is not None:
                self._layout.removeWidget(old)
                old.hide()
                old.deleteLater()
        self.view, self._failure, self.problem = None, None, ""
        try:
            view = self.kind(self._desk)
        except Exception as error:
            self._fail(error)
            return
        self.view = view
        self._layout.addWidget(view)

    def _guarded(self, act: Callable[[View], object]) -> None:
        if self.view is None:
            return
        try:
            act(self.view)
        except Exception as error:  # of one view: it says so, the window goes on
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.problem = str(error) or repr(error)
        _LOG.error("the view %s failed", self.kind.name, exc_info=error)
        self._desk.diary.error(f"panel {self.kind.title}: {self.problem}")
        if self.view is not None:
            self.view.hide()
        self._failure = _failure(self.kind.title, f"{type(error).__name__}: {self.problem}", self.retry)
        self._layout.addWidget(self._failure)


class FirmHolder(Holder, Generic[FirmT]):
    """Holds a view that is never taken away, whatever fails in it: the emergency stop.

    Parameters
    ----------
    kind : type of View
    desk : Desk

    Attributes
    ----------
    firm : View
        What it holds.

    Raises
    ------
    Exception
        What the view raises if it cannot be made.
    """

    def __init__(self, kind: type[FirmT], desk: Desk) -> None:
        self._firm_kind, self._told = kind, ""
        super().__init__(kind, desk)

    def retry(self) -> None:
        """Make the view."""
        self.view = self.firm = self._firm_kind(self._desk)
        self._layout.addWidget(self.firm)

    def _fail(self, error: Exception) -> None:
        told = f"{type(error).__name__}: {error}"
        if told != self._told:  # it fails 25 times a second
            self._told = told
            _LOG.error("the view %s failed and stays", self.kind.name, exc_info=error)
            self._desk.diary.error(f"{self.kind.title}: {told}; the button and the key still work")


def _failure(title: str, problem: str, retry: Callable[[], None]) -> QWidget:
    """Return what is shown instead of a view that failed."""
    box = QWidget()
    text = QLabel(f"{title} failed: {problem}")
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.setWordWrap(True)
    text.setToolTip("The measurement is not touched by this; the log file of the window has the details.")
    button = QPushButton("Try again")
    button.setToolTip("Make this panel anew.")
    button.clicked.connect(retry)
    layout = QVBoxLayout(box)
    layout.addWidget(text)
    layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
    layout.addStretch(1)
    return box
