"""Whether a VAHEAT may be heating, and how it is stopped when the connection that told it to is lost."""

import threading

from drivers.heater.vaheat_answers import VaheatInfo
from drivers.heater.vaheat_link import VaheatLink
from drivers.heater.vaheat_opening import find_port, opened
from drivers.heater.vaheat_port import ListPorts, OpenPort
from drivers.heater.vaheat_settings import AUTO, VaheatSettings
from drivers.interfaces.errors import CommunicationError

TURN_S = 1.8
"""Longest wait for another thread that stops the heating over a new connection."""


class Stopping:
    """Remembers since when nobody has confirmed that the heating is off, and stops it.

    Parameters
    ----------
    device : str
        Name of the instrument, for messages.
    settings : VaheatSettings
        Port and patience.
    open_port, list_ports : callable
        As of the driver.
    """

    def __init__(self, device: str, settings: VaheatSettings, open_port: OpenPort, list_ports: ListPorts) -> None:
        self._device, self._settings = device, settings
        self._open_port, self._list_ports = open_port, list_ports
        self._turn = threading.Lock()
        self._starts = self._ended = 0

    @property
    def may_heat(self) -> bool:
        """Whether it was told to heat and has not confirmed since that it is off."""
        return self._starts > self._ended

    def heating_begins(self) -> None:
        """Take note, before it is told to heat."""
        self._starts += 1

    def confirmed(self) -> None:
        """Take note that the device says that it is off."""
        self._ended = self._starts

    def stop(self, link: VaheatLink) -> None:
        """Stop the heating. Raises `CommunicationError` if the device does not confirm it."""
        starts = self._starts
        link.stop()
        self._ended = max(starts, self._ended)

    def stop_anew(self, known: VaheatInfo) -> None:
        """Stop a heating that may be on over a connection of its own; no effect if none is.

        Parameters
        ----------
        known : VaheatInfo
            What the device has said of itself; it may have come back at another port.

        Raises
        ------
        CommunicationError
            If it is not found, or does not confirm that it is off.
        """
        if not self._turn.acquire(timeout=TURN_S):
            raise CommunicationError(self._device, "another thread still tries to stop it; switch it off at the device")
        try:
            if self.may_heat:
                self._stop_elsewhere(known)
                self.confirmed()
        except CommunicationError as error:
            message = f"was heating and may still be: {error.message}. Switch it off at the device"
            raise CommunicationError(self._device, message) from error
        finally:
            self._turn.release()

    def _stop_elsewhere(self, known: VaheatInfo) -> None:
        settings, port = self._settings, self._settings.port
        if port == AUTO:
            port = find_port(
                self._device, settings.baud_rate, settings.reply_timeout_s, self._open_port, self._list_ports
            )
        link = opened(self._device, port, settings.baud_rate, settings.reply_timeout_s, self._open_port)
        try:
            link.stop()
            found = link.info().serial_number
        finally:
            link.close()
        if found != known.serial_number:
            message = f"at {port} answers the VAHEAT {found}, where {known.serial_number} was"
            raise CommunicationError(self._device, message)
