"""What a program may ask of cascadescope: sessions that take and return plain data."""

from acquisition.session.base import SequenceSource, Session, SessionError
from acquisition.session.local import LocalSession

__all__ = ["LocalSession", "SequenceSource", "Session", "SessionError"]
