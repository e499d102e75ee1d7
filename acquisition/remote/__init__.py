"""One session for several programs: a server that runs it, and a session that asks the server."""

from acquisition.remote.client import RemoteSession
from acquisition.remote.desk import SharedSession
from acquisition.remote.endpoint import Announcement, Endpoint, find_endpoint
from acquisition.remote.exceptions import ConnectionLostError, NotInControlError
from acquisition.remote.server import SessionServer

__all__ = [
    "Announcement",
    "ConnectionLostError",
    "Endpoint",
    "NotInControlError",
    "RemoteSession",
    "SessionServer",
    "SharedSession",
    "find_endpoint",
]
