"""What a program may ask of cascadescope: sessions that take and return plain data."""

from acquisition.session.base import ChangedError, SequenceSource, Session, SessionError
from acquisition.session.local import LocalSession

__all__ = ["ChangedError", "LocalSession", "SequenceSource", "Session", "SessionError"]
