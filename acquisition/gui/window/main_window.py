"""The window: every view at its place, told 25 times a second what the session says."""

import logging
import sys
from collections.abc import Iterator

from qtpy.QtCore import QByteArray, Qt, QTimer
from qtpy.QtGui import QCloseEvent
from qtpy.QtWidgets import QHBoxLayout, QMainWindow, QMenuBar, QSizePolicy, QTabWidget, QVBoxLayout, QWidget

from acquisition.gui.client.feed import Said, SessionFeed
from acquisition.gui.registry import load_views, views_at
from acquisition.gui.theme.style import dress, font_size
from acquisition.gui.theme.themes import THEMES
from acquisition.gui.view import Desk, Place
from acquisition.gui.window.closing import Farewell
from acquisition.gui.window.control import Control
from acquisition.gui.window.dock import Dock
from acquisition.gui.window.emergency import EmergencyView
from acquisition.gui.window.emergency_key import EmergencyKey
from acquisition.gui.window.holder import FirmHolder, Holder
from acquisition.gui.window.live_page import LivePage
from acquisition.gui.window.menus import fill_menus
from acquisition.gui.window.status_news import StatusNews
from acquisition.gui.window.top_bar import TopBar

TICK_MS = 40
REMEMBER_MS = 60_000
VERSION = 1
"""Of the places of docks that are remembered; a higher one forgets those of before."""

_LOG = logging.getLogger(__name__)


class MainWindow(QMainWindow):
    """Shows all views that have registered themselves.

    Parameters
    ----------
    desk : Desk
        What the views share.
    feed : SessionFeed
        Already asking; neither feed nor desk are closed here.
    watch : bool
        Whether it only looks on until somebody asks for control.
    of_a_window : bool
        Whether the last window may end the session server.
    """

    def __init__(self, desk: Desk, feed: SessionFeed, *, watch: bool = False, of_a_window: bool = False) -> None:
        super().__init__()
        emergency = FirmHolder(EmergencyView, desk)  # first: a window without it must not come up
        self._key = EmergencyKey(emergency.firm.stop, self)
        for module, problem in load_views().items():
            desk.diary.error(f"{module} cannot be shown: {problem}")
        self.desk, self._feed = desk, feed
        desk.show = self.show_view
        self.setObjectName("cascadescope")
        self.setDockNestingEnabled(True)
        for area in (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea):
            self.setTabPosition(area, QTabWidget.TabPosition.North)
        self.control, self._news = Control(desk, watch=watch), StatusNews(desk.diary)
        self.farewell = Farewell(self, of_a_window=of_a_window)
        self._always = [
            emergency if kind is EmergencyView else Holder(kind, desk)
            for kind in (*views_at(Place.HEAD), *views_at(Place.TOP), *views_at(Place.STRIP))
        ]
        self.live = LivePage(desk)
        self.pages = [Holder(kind, desk) for kind in views_at(Place.PAGE)]
        self.docks = [Dock(kind, desk) for kind in (*views_at(Place.SIDE), *views_at(Place.BOTTOM))]
        self.tabs, self.menu_bar = QTabWidget(), QMenuBar()
        self._assemble()
        self.said = Said()
        self.wanted: frozenset[str] | None = None
        self._dressed: tuple[str, float] | None = None
        self.restyle()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._timer.start(TICK_MS)
        self._remembering = QTimer(self)  # a window that is killed comes back where it was, too
        self._remembering.timeout.connect(self.remember)

    def tick(self) -> None:
        """Take the newest from the session and show it."""
        self.said = self._feed.said()
        self.desk.commands.deliver()
        self.desk.work.deliver()
        self.control.see(self.said)
        self._news.see(self.said)
        self.farewell.see(self.said)
        shown = [*self._always, *self._looked_at()]
        for holder in shown:
            holder.tell(self.said)
        wanted = frozenset().union(*(holder.wants() for holder in shown))
        if wanted != self.wanted:
            self.wanted = wanted
            self._feed.want(wanted)
        self.setWindowTitle(self.control.title(self.said))

    def holders(self) -> Iterator[Holder]:
        """Yield what holds the views, all of them."""
        yield from self._always
        yield from self.pages
        yield from (dock.holder for dock in (*self.docks, *self.live.docks))

    def show_view(self, name: str) -> None:
        """Bring the page, dock or strip of a name to the front; no effect if there is none."""
        if name == "measure":
            self.tabs.setCurrentWidget(self.live)
        for strip in self._always:
            if strip.kind.name == name and strip.view is not None:
                strip.view.show()
        for page in self.pages:
            if page.kind.name == name:
                self.tabs.setCurrentWidget(page)
        for dock in (*self.docks, *self.live.docks):
            if dock.holder.kind.name == name:
                if dock in self.live.docks:
                    self.tabs.setCurrentWidget(self.live)
                dock.show()
                dock.raise_()

    def restyle(self) -> None:
        """Take theme and size of the font from what is remembered."""
        size = font_size(self.desk.settings)
        self.desk.theme = THEMES.get(str(self.desk.settings.value("theme")), self.desk.theme)
        if self._dressed == (self.desk.theme.name, size):
            return
        self._dressed = (self.desk.theme.name, size)
        dress(self.desk.theme, size)
        for holder in self.holders():
            holder.restyle()

    def reset_layout(self) -> None:
        """Put all docks where they stand at first."""
        side = [dock for dock in self.docks if dock.holder.kind.place is Place.SIDE]
        bottom = [dock for dock in self.docks if dock.holder.kind.place is Place.BOTTOM]
        for docks, area in (
            (side, Qt.DockWidgetArea.LeftDockWidgetArea),
            (bottom, Qt.DockWidgetArea.BottomDockWidgetArea),
        ):
            for dock in docks:
                dock.setFloating(False)
                self.addDockWidget(area, dock)
                dock.show()
                if dock is not docks[0]:
                    self.tabifyDockWidget(docks[0], dock)
            if docks:
                docks[0].raise_()
        letter = self.fontMetrics().averageCharWidth()
        if side:
            self.resizeDocks(side[:1], [max(340, 46 * letter)], Qt.Orientation.Horizontal)
        if bottom:
            self.resizeDocks(bottom[:1], [self.height() // 10], Qt.Orientation.Vertical)
        self.live.arrange(self.width())

    def restore(self) -> None:
        """Put docks and the window itself where they were the last time."""
        settings = self.desk.settings
        if not isinstance(settings.value("window/geometry"), QByteArray):
            self._fill_screen()
        self.reset_layout()
        for key, restore in (
            ("window/geometry", self.restoreGeometry),
            ("window/docks", lambda state: self.restoreState(state, VERSION)),
            ("window/live", lambda state: self.live.restoreState(state, VERSION)),
        ):
            state = settings.value(key)
            if isinstance(state, QByteArray):
                restore(state)
        self._remembering.start(REMEMBER_MS)

    def _fill_screen(self) -> None:
        """Take the whole screen the first time: a measurement has more to show than fits into less."""
        if (screen := self.screen()) is not None:
            self.resize(screen.availableGeometry().size())  # what it has if the desktop does not maximise it
        self.setWindowState(Qt.WindowState.WindowMaximized)

    def remember(self) -> None:
        """Remember where docks and window are."""
        settings = self.desk.settings
        settings.setValue("window/geometry", self.saveGeometry())
        settings.setValue("window/docks", self.saveState(VERSION))
        settings.setValue("window/live", self.live.saveState(VERSION))
        settings.sync()

    def stop(self) -> None:
        """Take nothing more from the session, and close without asking anything."""
        self._timer.stop()
        self._remembering.stop()
        self._key.close()
        self.farewell.free = True

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask what becomes of what goes on, and close once all is as it is wanted."""
        if not self.farewell.may_close():
            event.ignore()
            return
        self.stop()
        self.remember()
        for dock in (*self.docks, *self.live.docks):
            if dock.isFloating():
                dock.close()
        event.accept()

    def _looked_at(self) -> Iterator[Holder]:
        if not self.isMinimized():
            yield from (page for page in self.pages if page.isVisible())
        yield from (dock.holder for dock in (*self.docks, *self.live.docks) if dock.looked_at())

    def _assemble(self) -> None:
        head = QWidget()
        head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        rows = QVBoxLayout(head)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        menus = QHBoxLayout()
        menus.addWidget(self.menu_bar, 1)
        for holder in self._always:
            if holder.kind.place is Place.HEAD:
                menus.addWidget(holder)
        rows.addLayout(menus)
        rows.addWidget(TopBar([holder for holder in self._always if holder.kind.place is Place.TOP]))
        for holder in self._always:
            if holder.kind.place is Place.STRIP:
                rows.addWidget(holder)
        self.setMenuWidget(head)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.live, "Measure")
        self.tabs.setTabToolTip(0, "What is being measured, while it is measured.")
        for page in self.pages:
            place = self.tabs.addTab(page, page.kind.title)
            self.tabs.setTabToolTip(place, page.kind.tip)
        self.setCentralWidget(self.tabs)
        fill_menus(self.menu_bar, self)
        self.tabs.setFocus()


def report_uncaught(window: MainWindow) -> None:
    """Let an error that nobody caught be a message of the window, and a line of its log file."""

    def hook(kind: type[BaseException], error: BaseException, trace: object) -> None:
        if isinstance(error, KeyboardInterrupt):
            window.farewell.leave()
            return
        _LOG.error("an error that nobody caught", exc_info=error)
        window.desk.diary.error(f"internal error of the window: {error!r}; the run is not touched by it")

    sys.excepthook = hook
