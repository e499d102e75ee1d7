"""Forms of addresses that a rig file may hold."""

from pathlib import Path

import pytest

from acquisition.config import ConfigError
from acquisition.config.shipped import CONFIGS
from acquisition.rig import open_rig
from drivers.wire.address import serial_address, tcp_address, visa_address

WIRE = (CONFIGS / "rigs" / "wire.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "address",
    ["COM4", r"\\.\COM12", "/dev/ttyUSB0", "socket://127.0.0.1:9101", "socket://[::1]:9", "rfc2217://h:1", "fill in"],
)
def test_addresses_of_serial_ports_are_taken_as_they_are(address: str) -> None:
    assert serial_address(address) == address


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1:99999", r"no address of a serial port; allowed: COM4, /dev/ttyUSB0, socket://host:port"),
        ("socket://127.0.0.1:99999", "port from 1 to 65535"),
        ("socket://127.0.0.1", "port from 1 to 65535"),
        ("socket://:80", "port from 1 to 65535"),
        ("ttyUSB0", "no address of a serial port"),
        ("TCPIP::127.0.0.1::1::SOCKET", "no address of a serial port"),
    ],
)
def test_other_addresses_of_serial_ports_are_refused_with_those_that_are_allowed(address: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        serial_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "TCPIP::127.0.0.1::5025::SOCKET",
        "tcpip0::generator.lab::5025::socket",
        "TCPIP0::192.168.0.7::inst0::INSTR",
        "USB0::0x1313::0x8078::P0012345::INSTR",
        "GPIB0::10::INSTR",
        "ASRL/dev/ttyUSB0::INSTR",
        "ASRL3",
        "my_generator",
        "fill in",
    ],
)
def test_visa_addresses_and_aliases_are_taken_as_they_are(address: str) -> None:
    assert visa_address(address) == address


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("TCPIP:127.0.0.1:23192", r"no VISA address; allowed: TCPIP::host::port::SOCKET"),
        ("127.0.0.1:5025", "no VISA address"),
        ("socket://127.0.0.1:5025", "no VISA address"),
        ("TCPIP::127.0.0.1::99999::SOCKET", "no port from 1 to 65535"),
        ("TCPIP::127.0.0.1::port::SOCKET", "no port from 1 to 65535"),
    ],
)
def test_other_visa_addresses_are_refused_with_those_that_are_allowed(address: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        visa_address(address)


def test_host_and_port_of_a_socket_are_found() -> None:
    assert tcp_address("socket://127.0.0.1:9101") == ("127.0.0.1", 9101)
    assert tcp_address("TCPIP::127.0.0.1::9102::SOCKET") == ("127.0.0.1", 9102)
    assert tcp_address("COM4") is None


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ("TCPIP::127.0.0.1::9102::SOCKET", "TCPIP:127.0.0.1:9102", "roles.laser.*generator.address"),
        ("socket://127.0.0.1:9101", "127.0.0.1:9101", "roles.shutter.*address"),
        ("TCPIP::127.0.0.1::9104::SOCKET", "127.0.0.1:9104", "roles.power_meter.*address"),
        ("socket://127.0.0.1:9103", "socket://127.0.0.1:99999", "roles.heater.*port"),
    ],
)
def test_a_rig_file_with_a_wrong_address_is_refused_with_line_and_key(
    tmp_path: Path, right: str, wrong: str, key: str
) -> None:
    path = tmp_path / "rig.yaml"
    assert right in WIRE
    path.write_text(WIRE.replace(right, wrong), encoding="utf-8")
    line = next(number for number, text in enumerate(WIRE.splitlines(), 1) if right in text)
    with pytest.raises(ConfigError, match=rf"{line}.*{key}") as refused:
        open_rig(path)
    assert wrong in str(refused.value)
