"""Whether anybody plays the simulated instruments of a rig file: asked before minutes are lost with silence."""

import socket
from collections.abc import Iterator, Mapping
from typing import Any

from acquisition.rig.roles import Roles
from drivers.interfaces.errors import CommunicationError
from drivers.wire.address import tcp_address

PATIENCE_S = 1.0
"""Longest wait for a simulator of this computer to take the connection."""


def refuse_missing_simulators(rig: str, roles: Roles) -> None:
    """Make sure that a simulator listens, if one is to answer; one is asked for all, as they are started together.

    Parameters
    ----------
    rig : str
        Path or name, as it was given to open the rig.
    roles : Roles
        Of the rig file.

    Raises
    ------
    CommunicationError
        If the connection is refused; says how simulators are started.
    """
    for name, host, port in _simulated(roles):
        try:
            socket.create_connection((host, port), PATIENCE_S).close()
        except ConnectionRefusedError as error:
            raise CommunicationError(
                name,
                f"nobody listens at {host}:{port}, and its role says `simulated: true`: start "
                f"`cascadescope simulate {rig}` in another terminal first",
            ) from error
        except OSError:  # told by the driver, with what it knows of the instrument
            return
        return


def _simulated(roles: Roles) -> Iterator[tuple[str, str, int]]:
    """Yield role, host and port of each simulated instrument on a plain socket."""
    for name, role in roles.present().items():
        if getattr(role, "simulated", False) is True:
            for host, port in _sockets(role.model_dump(mode="json")):
                yield name, host, port


def _sockets(settings: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _sockets(value)
        elif key in ("address", "port") and isinstance(value, str) and (found := tcp_address(value)) is not None:
            yield found
