"""Errors over the wire: those that callers know arrive as they were raised, by a list of names; no other class does."""

import dataclasses
from typing import Any

from acquisition.config import ConfigError, ConfigProblem
from acquisition.rig import NotSafeError
from acquisition.sequence import SequenceError
from acquisition.sequence.errors import StepError
from acquisition.session import ChangedError, SessionError
from acquisition.storage import RecordingError, StorageError
from drivers.interfaces.errors import (
    CommunicationError,
    DeviceError,
    DeviceTimeoutError,
    FaultError,
    InterlockError,
    RangeError,
    StateError,
)


class NotInControlError(SessionError):
    """Somebody else is in control of the session, or nobody; the text says who and what to do."""


class ConnectionLostError(SessionError):
    """The session server cannot be reached, or the connection broke; the text says what is known of the request."""


_KNOWN: tuple[type[Exception], ...] = (
    SessionError,
    ChangedError,
    NotInControlError,
    ConfigError,
    SequenceError,
    StepError,
    StorageError,
    RecordingError,
    NotSafeError,
    DeviceError,
    CommunicationError,
    DeviceTimeoutError,
    StateError,
    InterlockError,
    RangeError,
    FaultError,
)
KNOWN = {kind.__name__: kind for kind in _KNOWN}
"""The classes that cross, by name; a subclass crosses as the nearest of them."""


def is_known(error: Exception) -> bool:
    """Return whether an error crosses as what it is; any other is one of the program or of the system."""
    return isinstance(error, _KNOWN)


def to_wire(error: Exception) -> dict[str, Any]:
    """Return an error as plain data: its known class, its text and what that class says beside it."""
    kind = next((base.__name__ for base in type(error).__mro__ if KNOWN.get(base.__name__) is base), None)
    if kind is None:
        text = str(error) if isinstance(error, OSError) else f"internal error of the session server: {error!r}"
        return {"kind": SessionError.__name__, "message": text}
    found: dict[str, Any] = {"kind": kind, "message": str(error)}
    if isinstance(error, DeviceError):
        found |= {"device": error.device, "device_message": error.message}
    if isinstance(error, NotSafeError):
        found["errors"] = {name: str(each) for name, each in error.errors.items()}
    if isinstance(error, ConfigError):
        found |= {"source": error.source, "problems": [dataclasses.asdict(each) for each in error.problems]}
    return found


def from_wire(data: Any) -> Exception:
    """Return the error that `to_wire` described: the same class with the same text.

    What is not understood becomes a `SessionError` that shows it.
    """
    kind = KNOWN.get(str(data.get("kind"))) if isinstance(data, dict) else None
    if kind is None or not isinstance(data.get("message"), str):
        return SessionError(f"the session server answered with an error that is not understood: {data!r:.500}")
    error = kind.__new__(kind)
    Exception.__init__(error, data["message"])
    try:
        _complete(error, data)
    except (KeyError, TypeError, AttributeError):
        return SessionError(data["message"])
    return error


def _complete(error: Exception, data: dict[str, Any]) -> None:
    """Set what a class says beside its text."""
    if isinstance(error, DeviceError):
        error.device, error.message = str(data["device"]), str(data["device_message"])
    if isinstance(error, NotSafeError):
        error.errors = {str(name): SessionError(str(text)) for name, text in data["errors"].items()}
    if isinstance(error, ConfigError):
        error.source = str(data["source"])
        error.problems = tuple(ConfigProblem(**each) for each in data["problems"])
