"""Who may call a method of a session that several programs share: marks on the interface, read by the server."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

_MARK = "__access__"

_Method = TypeVar("_Method", bound=Callable[..., Any])


class Access(StrEnum):
    """Who may call a method."""

    READING = "reading"
    """Everybody: it changes nothing."""
    EVERYBODY = "everybody"
    """Everybody: it makes safe, and nobody has to ask before."""
    CONTROL = "control"
    """Who is in control; so is every method without a mark."""


def reading(method: _Method) -> _Method:
    """Mark a method that changes nothing."""
    setattr(method, _MARK, Access.READING)
    return method


def for_everybody(method: _Method) -> _Method:
    """Mark a method that everybody may call at any time, because it makes safe."""
    setattr(method, _MARK, Access.EVERYBODY)
    return method


def access_of(method: Callable[..., Any]) -> Access:
    """Return who may call a method."""
    found = getattr(method, _MARK, Access.CONTROL)
    return Access(found)
