"""Which simulated VAHEAT answers at an address of a rig file: a TCP port of this computer, or a pseudo-terminal."""

from pathlib import Path
from urllib.parse import urlsplit

from simulators.bench import Bench
from simulators.wire.server import HOST
from simulators.wire.vaheat import VaheatServer
from simulators.wire.vaheat_terminal import VaheatTerminal

SOCKET = "socket"


def vaheat_at(address: str, role: str, bench: Bench) -> VaheatServer:
    """Return the simulator for an address: ``socket://127.0.0.1:port``, or the path that a terminal shall have.

    Raises
    ------
    ValueError
        If nobody can be simulated there.
    """
    parts = urlsplit(address)
    if parts.scheme == SOCKET:
        if parts.hostname not in (HOST, "localhost") or parts.port is None:
            raise ValueError(f"{address} is not on this computer; simulators answer at {SOCKET}://{HOST}:PORT")
        return VaheatServer(role, bench, parts.port)
    path = Path(address)
    if not path.is_absolute() or (path.exists() and not path.is_symlink()):
        raise ValueError(
            f"nothing can be simulated at {address!r}; write {SOCKET}://{HOST}:PORT, or the absolute path of a "
            "symbolic link that the simulator shall make"
        )
    return VaheatTerminal(role, bench, path)
