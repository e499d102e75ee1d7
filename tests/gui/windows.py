"""A window over a noted session, for tests."""

from contextlib import contextmanager

from acquisition.gui.client.feed import SessionFeed
from acquisition.gui.registry import VIEWS, load_views, view
from acquisition.gui.theme.style import dress, font_size
from acquisition.gui.view import Place, View
from acquisition.gui.window import main_window
from acquisition.gui.window.main_window import MainWindow


@contextmanager
def few_views(monkeypatch, also=()):
    """Leave the window its own views and two plain panels, which makes it quicker to make; the others come back."""
    load_views()
    before = dict(VIEWS)
    for name, kind in before.items():
        if not kind.__module__.startswith("acquisition.gui.window.") and name not in also:
            del VIEWS[name]
    for name in ("one", "other"):
        view(name, name.capitalize(), Place.LIVE, shows=[name])(type(name, (View,), {}))
    monkeypatch.setattr(main_window, "load_views", dict)
    try:
        yield
    finally:
        VIEWS.clear()
        VIEWS.update(before)


@contextmanager
def shown(desk, session, qtbot, **options):
    """Yield a window that shows what a session says; it is gone afterwards."""
    dress(desk.theme, font_size(desk.settings))  # as the program does before it makes its window
    with SessionFeed(session) as feed:
        feed.start()
        window = MainWindow(desk, feed, **options)
        window.resize(1366, 768)
        window.reset_layout()
        window.show()
        try:
            qtbot.waitUntil(lambda: window.said.queue is not None and window.said.status is not None, timeout=10_000)
            yield window
        finally:
            window.stop()
            window.close()
            window.deleteLater()


def view_of(window, name):
    """Return the view of a name."""
    return next(holder.view for holder in window.holders() if holder.kind.name == name)
