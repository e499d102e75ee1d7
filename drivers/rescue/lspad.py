"""Switches the bias of a SPAD array off through lSPAD, from nothing: STOP and POW,0 on a new connection."""

import socket
import time

CONNECT_S = 0.7
READ_S = 0.3
SAFE = b"STOP\nPOW,0\n"


def rescue(host: str, port: int) -> None:
    """Send the safe commands, then see that lSPAD takes them.

    lSPAD tells no state of the bias, so the check is only that it answers anything on this connection: banner,
    confirmation, or the bytes of a stream that was running.

    Raises
    ------
    OSError
        If lSPAD cannot be reached, hangs up, or says nothing.
    """
    with socket.create_connection((host, port), timeout=CONNECT_S) as connection:
        connection.sendall(SAFE)
        deadline, heard = time.monotonic() + READ_S, 0
        while (left_s := deadline - time.monotonic()) > 0:
            connection.settimeout(left_s)
            try:
                data = connection.recv(65_536)
            except TimeoutError:
                break
            if not data:
                if not heard:
                    raise ConnectionError(f"lSPAD at {host}:{port} hung up before it took STOP and POW,0")
                break
            heard += len(data)
    if not heard:
        raise TimeoutError(f"lSPAD at {host}:{port} says nothing to STOP and POW,0; switch the SPAD array off by hand")
