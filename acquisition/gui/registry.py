"""The parts of the window by name: a class that registers itself appears in it."""

import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterable
from typing import TypeVar

import acquisition.gui
from acquisition.gui.view import Place, View

VIEWS: dict[str, type[View]] = {}
"""All that have registered themselves."""

_LOG = logging.getLogger(__name__)

ViewT = TypeVar("ViewT", bound=type[View])


def view(
    name: str, title: str, place: Place, *, order: int = 100, shows: Iterable[str] = (), tip: str = ""
) -> Callable[[ViewT], ViewT]:
    """Register a class as a part of the window.

    Parameters
    ----------
    name, title, place, order, shows, tip
        As of `View`.

    Raises
    ------
    ValueError
        If there is another of that name.
    """

    def register(registered: ViewT) -> ViewT:
        if name in VIEWS:
            raise ValueError(f"view {name!r}: there is one of that name already; choose another")
        registered.name, registered.title, registered.place = name, title, place
        registered.order, registered.tip, registered.shows = order, tip, frozenset(shows)
        VIEWS[name] = registered
        return registered

    return register


def load_views() -> dict[str, str]:
    """Import every module below `acquisition.gui`, so that what stands there registers itself.

    Returns
    -------
    dict of str
        Why a module could not be imported, by its name; the others are there all the same.
    """
    problems: dict[str, str] = {}
    for module in pkgutil.walk_packages(acquisition.gui.__path__, "acquisition.gui.", lambda name: None):
        try:
            importlib.import_module(module.name)
        except Exception as error:  # of whatever kind: a part that is broken does not keep the window shut
            _LOG.exception("%s cannot be imported", module.name)
            problems[module.name] = f"{type(error).__name__}: {error}"
    return problems


def views_at(place: Place) -> list[type[View]]:
    """Return the views of a place, in their order."""
    return sorted((each for each in VIEWS.values() if each.place is place), key=lambda each: (each.order, each.name))
