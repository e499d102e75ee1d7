"""What every part of the window is: a widget that is told, many times a second, what the session says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from qtpy.QtCore import QSettings
from qtpy.QtWidgets import QWidget

from acquisition.gui.client.commands import Commands
from acquisition.gui.client.diary import Diary
from acquisition.gui.client.feed import Said
from acquisition.gui.client.local import LocalWork
from acquisition.gui.theme.themes import Theme


@dataclass(slots=True)
class Desk:
    """What the parts of the window share.

    Attributes
    ----------
    commands : Commands
        By which a click reaches the session.
    work : LocalWork
        For what takes time and needs no session, such as reading files.
    settings : QSettings
        What the window remembers.
    theme : Theme
        Colours; a view that paints for itself asks for them whenever it paints.
    rig : str
        Name or path of the rig file.
    out : str
        Folder of the runs.
    in_control : bool
        Whether what changes something may be asked for; else the window only looks on, and such controls are greyed.
    show : callable
        Brings the page or dock of a name to the front, e.g. ``desk.show("sequence")``.
    """

    commands: Commands
    work: LocalWork
    settings: QSettings
    theme: Theme
    rig: str
    out: str
    in_control: bool = field(default=True)
    show: Callable[[str], None] = field(default=lambda name: None)

    @property
    def diary(self) -> Diary:
        """Where a view writes what a person should know, beside the errors of commands, which stand there already."""
        return self.commands.diary


class Place(StrEnum):
    """Where in the window a view stands."""

    HEAD = "head"
    """At the right of the menus, on one line: what must always be in sight and is not pressed."""
    TOP = "top"
    """In the bar that is always visible."""
    STRIP = "strip"
    """Across the window below that bar; shows and hides itself as there is something to say."""
    SIDE = "side"
    """One of the docks at the left."""
    BOTTOM = "bottom"
    """One of the docks at the bottom."""
    PAGE = "page"
    """A page of the middle."""
    LIVE = "live"
    """One of the docks of the page that shows a measurement."""


class View(QWidget):
    """A part of the window; a class takes its place by `acquisition.gui.registry.view`.

    Parameters
    ----------
    desk : Desk
        Shared with the others.

    Attributes
    ----------
    name : str
        By which the window remembers it.
    title : str
        For people.
    place : Place
    order : int
        Among those of the same place, lowest first.
    tip : str
        What it shows, in words of physics.
    shows : frozenset of str
        Panels of `Session.live` that it draws.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    place: ClassVar[Place]
    order: ClassVar[int]
    tip: ClassVar[str]
    shows: ClassVar[frozenset[str]]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def wants(self) -> frozenset[str]:
        """Return which panels of `Session.live` it needs now; asked often, of visible views only."""
        return self.shows

    def show_said(self, said: Said) -> None:
        """Show what the session says; called up to 25 times a second, for a page or dock only while it is visible."""

    def restyle(self) -> None:
        """Take the colours of `Desk.theme`, which has changed."""

    def busy_because(self) -> str:
        """Return what would be lost if the window closed now, such as changes that are not saved; empty if nothing."""
        return ""


class LivePanel(View):
    """A view that is drawn anew only when one of its panels has something new."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._drawn: dict[str, int] = {}

    def show_said(self, said: Said) -> None:
        """Draw if there is something new."""
        versions = {name: said.versions.get(name, 0) for name in self.wants()}
        if versions != self._drawn:
            self._drawn = versions
            self.draw(said)

    def draw(self, said: Said) -> None:
        """Draw the newest; ``said.panels`` holds None, or nothing, for what is not there yet."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Take new colours with the next drawing."""
        self._drawn = {}
