"""Which port of this computer an address of a generator or a shutter means, so that a simulator can answer there."""

import re
from urllib.parse import urlsplit

from simulators.wire.server import HOST

_HERE = {HOST, "localhost"}
_VISA = re.compile(r"TCPIP\d*::([^:]+)::(\d+)::SOCKET", re.IGNORECASE)


def visa_port(address: str) -> int:
    """Return the port of a VISA address such as ``TCPIP::127.0.0.1::5025::SOCKET``.

    Raises
    ------
    ValueError
        If it is no raw socket of this computer.
    """
    match = _VISA.fullmatch(address.strip())
    if match is None or match[1] not in _HERE:
        raise ValueError(f"nobody can be simulated at {address!r}; write TCPIP::{HOST}::PORT::SOCKET")
    return int(match[2])


def serial_port(address: str) -> int:
    """Return the port of an address such as ``socket://127.0.0.1:9010``.

    Raises
    ------
    ValueError
        If it is no socket of this computer.
    """
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme != "socket" or parts.hostname not in _HERE or port is None:
        raise ValueError(f"nobody can be simulated at {address!r}; write socket://{HOST}:PORT")
    return port
