"""VISA connections on which the answer to one question is never taken for that to another.

Imported only where a connection is opened, as pymeasure takes most of a second to import.
"""

import socket
from contextlib import suppress
from typing import Any

from pymeasure.adapters import VISAAdapter
from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError


class UnaskedError(ValueError):
    """The instrument said something that nobody asked for, so that its next reply may belong to another question."""


class CarefulAdapter(VISAAdapter):
    """A raw socket: before each question, nothing must be waiting."""

    def _write(self, command: str, **kwargs: Any) -> None:
        if "?" in command:
            self._refuse_waiting()
        super()._write(command, **kwargs)

    def _refuse_waiting(self) -> None:
        connection: Any = self.connection
        timeout_ms = connection.timeout
        connection.timeout = 0
        try:
            waiting = connection.read_raw()
        except VisaIOError as error:
            if error.error_code != StatusCode.error_timeout:
                raise
            return
        finally:
            connection.timeout = timeout_ms
        raise UnaskedError(f"{waiting!r} came unasked")


def open_visa(address: str, library: str, timeout_s: float) -> VISAAdapter:
    """Open a VISA resource that ends lines with a line feed, which is what all generators of the table speak.

    Raises
    ------
    OSError, ValueError, pyvisa.errors.Error
        If the address is none, or nobody is there.
    """
    timeout_ms = round(timeout_s * 1e3)
    raw_socket = address.upper().endswith("::SOCKET")
    kind = CarefulAdapter if raw_socket else VISAAdapter
    # pyvisa would end lines with \r\n, which some instruments take for a part of the last word
    adapter = kind(
        address,
        visa_library=library,
        read_termination="\n",
        write_termination="\n",
        timeout=timeout_ms,
        open_timeout=timeout_ms,
    )
    if raw_socket:
        _send_at_once(adapter)
    return adapter


def _send_at_once(adapter: VISAAdapter) -> None:
    """Let small commands go out one after the other; otherwise each waits 40 ms for word of the one before.

    pyvisa-py has the attribute but cannot set it, and other libraries see to it themselves.
    """
    connection: Any = adapter.connection
    with suppress(AttributeError, KeyError, OSError):
        found = connection.visalib.sessions[connection.session].interface
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
