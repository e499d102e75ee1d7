"""Draws a plot anew with the things that it had before, as far as they are the same: that takes half of the time."""

from collections.abc import Callable
from typing import TypeVar

from acquisition.gui.plots import Plot
from acquisition.gui.plots.artists import Artist, ErrorBars, Line, Points
from acquisition.gui.plots.words import Words

ArtistT = TypeVar("ArtistT", bound=Artist)
Key = tuple[object, ...]


class Sheet:
    """Has the methods of `Plot` by which something is added, and gives back what it gave before.

    Between `begin` and `end` each method gives what it gave last time for the same arguments; what is not asked for
    again is taken away.

    Parameters
    ----------
    plot : Plot
        Nothing else is to be drawn in it.
    """

    def __init__(self, plot: Plot) -> None:
        self.plot = plot
        self._made: dict[Key, list[Artist]] = {}
        self._used: dict[Key, int] = {}

    def begin(self) -> None:
        """Begin a new drawing."""
        self._used = {}

    def end(self) -> None:
        """Take away what the new drawing does not have."""
        for key, artists in list(self._made.items()):
            used = self._used.get(key, 0)
            for artist in artists[used:]:
                self.plot.remove(artist)
            del artists[used:]
            if not artists:
                del self._made[key]

    def line(
        self, name: str, shade: str, *, width: float = 1.0, dashed: bool = False, column: str | None = None
    ) -> Line:
        """Add a line, as of `Plot`."""
        key = ("line", name, shade, width, dashed, column)
        return self._take(key, lambda: self.plot.line(name, shade, width=width, dashed=dashed, column=column))

    def points(
        self, name: str, shade: str, *, symbol: str = "o", size: float = 4.0, column: str | None = None
    ) -> Points:
        """Add points, as of `Plot`."""
        key = ("points", name, shade, symbol, size, column)
        return self._take(key, lambda: self.plot.points(name, shade, symbol=symbol, size=size, column=column))

    def errors(self, name: str, shade: str, *, column: str | None = None) -> ErrorBars:
        """Add error bars, as of `Plot`."""
        return self._take(("errors", name, shade, column), lambda: self.plot.errors(name, shade, column=column))

    def words(self, text: str, shade: str, *, anchor: tuple[float, float] = (0.5, 1.0), bold: bool = False) -> Words:
        """Add words, as of `Plot`; other words at the same turn are written over."""
        key = ("words", shade, anchor, bold)
        words = self._take(key, lambda: self.plot.words(text, shade, anchor=anchor, bold=bold))
        if words.item.toPlainText() != text:
            words.item.setText(text)
        return words

    def _take(self, key: Key, make: Callable[[], ArtistT]) -> ArtistT:
        place = self._used.get(key, 0)
        self._used[key] = place + 1
        made = self._made.setdefault(key, [])
        if place == len(made):
            made.append(make())
        found: ArtistT = made[place]  # type: ignore[assignment]  # the kind is part of the key
        return found
