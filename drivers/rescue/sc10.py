"""Closes a Thorlabs SC10 shutter."""

import serial

from drivers.interfaces.errors import CommunicationError, FaultError


def rescue(address: str, timeout_s: float = 0.2) -> None:
    """Ask whether the shutter is open, toggle it if so, and ask again; there is no command that only closes it.

    Parameters
    ----------
    address : str
        Serial port, or a URL of pyserial.
    timeout_s : float
        Longest wait for an answer.

    Raises
    ------
    OSError
        If the port cannot be opened.
    CommunicationError
        If the controller does not answer.
    FaultError
        If it says that it stays open.
    """
    port = serial.serial_for_url(address, baudrate=9600, timeout=timeout_s, write_timeout=timeout_s, exclusive=True)
    try:
        if _is_open(port, address) and _toggled_is_open(port, address):
            message = f"the SC10 at {address} stays open; block the beam by hand"
            raise FaultError("shutter", message)
    finally:
        port.close()


def _toggled_is_open(port: serial.Serial, address: str) -> bool:
    _ask(port, "ens")
    return _is_open(port, address)


def _is_open(port: serial.Serial, address: str) -> bool:
    said = _ask(port, "ens?")
    if said not in {"0", "1"}:  # the first command on a line that was just opened may fail
        said = _ask(port, "ens?")
    if said not in {"0", "1"}:
        raise CommunicationError("shutter", f"the SC10 at {address} says {said!r} to 'ens?'; block the beam by hand")
    return said == "1"


def _ask(port: serial.Serial, command: str) -> str:
    port.reset_input_buffer()
    port.write(f"{command}\r".encode())
    said = bytes(port.read_until(b">", 256)).decode("ascii", "replace")
    lines = [line.strip() for line in said.rstrip(">").split("\r") if line.strip()]
    return " ".join(lines[1:]) if lines[:1] == [command] else said
