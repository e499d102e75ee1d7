"""Stops the heating of a VAHEAT from nothing."""

import json
import time
from collections.abc import Callable

from drivers.heater.vaheat_json import JsonObject, ObjectStream, parsed
from drivers.heater.vaheat_port import SerialPort, available, candidates, open_port, ports_of_this_computer
from drivers.interfaces.errors import CommunicationError

PATIENCE_S = 1.2
REPLY_S = 0.3

STOP, ASK = json.dumps({"stop_heating": True}).encode(), json.dumps({"get_status": True}).encode()


def rescue(device: str, port: str, baud_rate: int) -> None:
    """Tell a VAHEAT to stop, before anything else, and return when it says that its heating is off.

    With ``port = "auto"`` each port with its USB identity is told.

    Raises
    ------
    CommunicationError
        If it does not say so in time.
    OSError
        If the port cannot be opened.
    """
    found = candidates(device, ports_of_this_computer()) if port == "auto" else None
    for name in [port] if found is None else [one.name for one in found]:
        opened = open_port(name, baud_rate)
        try:
            _stop(device, name, opened)
        finally:
            opened.close()


def _stop(device: str, name: str, port: SerialPort) -> None:
    """Tell and ask in turn, each after the reply to the other: two requests in one breath might be taken for none."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        stopped = _said(port, STOP, lambda reply: reply.get("success") is True and _heating(reply) is None)
        if _said(port, ASK, lambda reply: _heating(reply) is False) and stopped:
            return
    raise CommunicationError(
        device, f"does not confirm at {name} that its heating is off; switch it off at the device at once"
    )


def _said(port: SerialPort, request: bytes, wanted: Callable[[JsonObject], bool]) -> bool:
    """Send a request; whether a reply comes soon that is the wanted one."""
    stream, end_s = ObjectStream(), time.monotonic() + REPLY_S
    port.write(request)
    while time.monotonic() < end_s:
        if any(wanted(_reply(text)) for text in stream.feed(available(port))):
            return True
    return False


def _reply(text: bytes) -> JsonObject:
    try:
        return parsed(text)
    except ValueError:
        return {}


def _heating(reply: JsonObject) -> object:
    """Return what a reply says of the heating; None if it is no state."""
    data = reply.get("data")
    return data.get("heating_active") if isinstance(data, dict) else None
