"""The serial port of a VAHEAT: how it is opened and, if nobody says where it is, found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import serial
from serial.tools import list_ports

from drivers.interfaces.errors import CommunicationError

VENDOR_ID, PRODUCT_ID = 0x0483, 0x5740
"""USB identity; that of any STM32 with a virtual port, so that it proves nothing."""

READ_TIMEOUT_S = 0.05
WRITE_TIMEOUT_S = 0.2
MOST_AT_ONCE = 4096


class SerialPort(Protocol):
    """What is used of a pyserial port."""

    @property
    def in_waiting(self) -> int:
        """Number of bytes that can be read at once."""

    def read(self, size: int = 1, /) -> bytes:
        """Return up to `size` bytes, fewer after a short time."""

    def write(self, data: bytes, /) -> int | None:
        """Send bytes."""

    def close(self) -> None:
        """Give the port free."""


@dataclass(frozen=True, slots=True)
class PortFound:
    """A serial port of this computer."""

    name: str
    description: str
    vendor_id: int | None
    product_id: int | None

    @property
    def may_be_vaheat(self) -> bool:
        """Whether it has the USB identity."""
        return (self.vendor_id, self.product_id) == (VENDOR_ID, PRODUCT_ID)


OpenPort: TypeAlias = Callable[[str, int], SerialPort]
ListPorts: TypeAlias = Callable[[], Iterable[PortFound]]


def open_port(port: str, baud_rate: int) -> SerialPort:
    """Open a port for nobody else: a name of the system or a URL of pyserial, such as ``socket://host:port``.

    Raises
    ------
    OSError
        If it cannot be opened.
    ValueError
        If it is no address.
    """
    return serial.serial_for_url(
        port, baudrate=baud_rate, timeout=READ_TIMEOUT_S, write_timeout=WRITE_TIMEOUT_S, exclusive=True
    )


def ports_of_this_computer() -> list[PortFound]:
    """Return the serial ports that the system lists; pseudo-terminals and sockets are not among them."""
    return [PortFound(port.device, port.description or "", port.vid, port.pid) for port in list_ports.comports()]


def available(port: SerialPort) -> bytes:
    """Return what has come, as soon as there is something; empty after `READ_TIMEOUT_S`."""
    data = port.read(1)
    while data and len(data) < MOST_AT_ONCE and (waiting := port.in_waiting):  # of a socket, it is never above 1
        data += port.read(waiting)
    return data


def candidates(device: str, ports: Iterable[PortFound]) -> list[PortFound]:
    """Return the ports with the USB identity of a VAHEAT.

    Raises
    ------
    CommunicationError
        If there is none, with those that there are.
    """
    there = list(ports)
    found = [port for port in there if port.may_be_vaheat]
    if not found:
        raise CommunicationError(
            device,
            f"no serial port has the USB identity {VENDOR_ID:04x}:{PRODUCT_ID:04x} of a VAHEAT; there {listed(there)}. "
            "Plug it in and switch it on, or write its port into the rig file",
        )
    return found


def listed(ports: list[PortFound]) -> str:
    """Return the ports in words."""
    if not ports:
        return "are no serial ports"
    names = ", ".join(f"{port.name} ({port.description})" for port in ports)
    return f"{'is' if len(ports) == 1 else 'are'} {names}"
