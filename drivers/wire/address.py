"""Forms that the address of an instrument may have, checked when a rig file is read."""

import re
from typing import Annotated, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator

FILL_IN: Final = "fill in"
"""Stands for an address that only the laboratory knows; the rig refuses it before anything is opened."""
AUTO: Final = "auto"
"""A port that is searched for, where a driver can do that."""

SERIAL_FORMS: Final = "COM4, /dev/ttyUSB0, socket://host:port"
VISA_FORMS: Final = (
    "TCPIP::host::port::SOCKET, TCPIP::host::INSTR, USB0::...::INSTR, GPIB0::10::INSTR, ASRL/dev/ttyUSB0"
)

_COM = re.compile(r"(\\\\\.\\)?COM\w+", re.IGNORECASE)
_URL = re.compile(r"(rfc2217|hwgrep|spy|alt|loop|cp2110)://.*", re.IGNORECASE)
_RAW_SOCKET = re.compile(r"TCPIP\d*::(?:\[[^]]+\]|[^:]+)::([^:]*)::SOCKET", re.IGNORECASE)
_VISA = re.compile(r"(TCPIP|USB|GPIB|PXI|VXI|VICP|PRLGX-TCPIP|GPIB-VXI)\d*(::[^:]+)+|ASRL\S+", re.IGNORECASE)
_ALIAS = re.compile(r"[\w.-]+")
HIGHEST_PORT = 65_535


def serial_address(address: str) -> str:
    """Return the address of a serial port as it was written. Raises `ValueError` if it has no form of one."""
    text = address.strip()
    if text in (FILL_IN, AUTO) or _COM.fullmatch(text) or _URL.fullmatch(text) or text.startswith("/"):
        return address
    if text.lower().startswith("socket://"):
        if _host_and_port(text) is None:
            raise ValueError(f"{address!r} names no host and port from 1 to {HIGHEST_PORT}; write socket://host:port")
        return address
    raise ValueError(f"{address!r} is no address of a serial port; allowed: {SERIAL_FORMS}")


def visa_address(address: str) -> str:
    """Return a VISA address, or the alias of one, as it was written. Raises `ValueError` if it has no such form."""
    text = address.strip()
    if text == FILL_IN or _ALIAS.fullmatch(text):
        return address
    socket = _RAW_SOCKET.fullmatch(text)
    wrong_port = socket is not None and not (socket[1].isdigit() and 1 <= int(socket[1]) <= HIGHEST_PORT)
    if wrong_port:
        raise ValueError(f"{address!r} has no port from 1 to {HIGHEST_PORT}; write TCPIP::host::port::SOCKET")
    if _VISA.fullmatch(text) is None:
        raise ValueError(f"{address!r} is no VISA address; allowed: {VISA_FORMS}")
    return address


def tcp_address(address: str) -> tuple[str, int] | None:
    """Return host and port of ``socket://host:port`` or ``TCPIP::host::port::SOCKET``; None for anything else."""
    text = address.strip()
    if text.lower().startswith("socket://"):
        return _host_and_port(text)
    match = re.fullmatch(r"TCPIP\d*::([^:]+)::(\d+)::SOCKET", text, re.IGNORECASE)
    return None if match is None else (match[1], int(match[2]))


def _host_and_port(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return None if not host or not port else (host, port)


SerialAddress: TypeAlias = Annotated[str, AfterValidator(serial_address)]
VisaAddress: TypeAlias = Annotated[str, AfterValidator(visa_address)]
