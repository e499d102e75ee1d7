"""Opening the port of a VAHEAT, and finding it among ports with the same USB identity."""

from drivers.heater.vaheat_link import VaheatLink
from drivers.heater.vaheat_port import ListPorts, OpenPort, PortFound, candidates, listed
from drivers.interfaces.errors import CommunicationError, DeviceError
from drivers.wire.address import SERIAL_FORMS
from drivers.wire.said import in_words


def opened(device: str, port: str, baud_rate: int, reply_timeout_s: float, open_port: OpenPort) -> VaheatLink:
    """Open a port.

    Raises
    ------
    CommunicationError
        If it cannot be opened.
    """
    try:
        return VaheatLink(device, open_port(port, baud_rate), reply_timeout_s)
    except (OSError, ValueError) as error:
        raise CommunicationError(
            device,
            f"its port {port} cannot be opened: {in_words(error)}. Check cable, power and the port in the rig file "
            f"({SERIAL_FORMS}), and that no other program uses it",
        ) from error


def find_port(device: str, baud_rate: int, reply_timeout_s: float, open_port: OpenPort, list_ports: ListPorts) -> str:
    """Return the one port at which a VAHEAT answers ``get_info``.

    Only ports with its USB identity are asked, and only if there are several.

    Raises
    ------
    CommunicationError
        If there is none or more than one, with what was found.
    """
    found = candidates(device, list_ports())
    if len(found) == 1:
        return found[0].name
    answering: list[PortFound] = []
    silent: list[str] = []
    for port in found:
        try:
            link = opened(device, port.name, baud_rate, reply_timeout_s, open_port)
            try:
                link.info()
                answering.append(port)
            finally:
                link.close()
        except DeviceError as error:
            silent.append(f"{port.name}: {error.message}")
    if len(answering) == 1:
        return answering[0].name
    if answering:
        raise CommunicationError(
            device, f"more than one VAHEAT answers: there {listed(answering)}. Write the port into the rig file"
        )
    raise CommunicationError(
        device, f"none of the ports with its USB identity answers as a VAHEAT: {'; '.join(silent)}. Switch it on"
    )
