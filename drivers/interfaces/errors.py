"""Errors of instruments, sorted by what the caller should do.

DeviceError
+-- CommunicationError   the wire failed: retry or reconnect
|   +-- DeviceTimeoutError   no answer in time
+-- StateError           not possible in the present state: mend the program or the order of steps
|   +-- InterlockError   an interlock forbids it: close the interlock
|   +-- OperatorNeeded   a person must do it by hand: ask, then confirm
+-- RangeError           outside the limits: mend the settings
+-- FaultError           the instrument reports a fault: stop and fetch a person
"""

from collections.abc import Callable


class DeviceError(Exception):
    """Something went wrong with an instrument; says which one and what to do.

    Parameters
    ----------
    device : str
        Name of the instrument in its rig, e.g. ``"laser"``.
    message : str
        What happened, what is allowed and what to do, in one or two sentences.
    """

    def __init__(self, device: str, message: str) -> None:
        super().__init__(f"{device}: {message}")
        self.device = device
        self.message = message


class CommunicationError(DeviceError):
    """The connection to the instrument failed; a retry or a reconnect may help."""


class DeviceTimeoutError(CommunicationError):
    """The instrument did not answer in time."""


class StateError(DeviceError):
    """The request is not possible in the present state of the instrument."""


class InterlockError(StateError):
    """An interlock forbids the request."""


class RangeError(DeviceError):
    """A value lies outside the limits of the instrument; nothing was sent."""


class FaultError(DeviceError):
    """The instrument reports a fault that needs a person."""


class OperatorNeeded(StateError):  # noqa: N818  # a request to a person, not a failure
    """A person must set something by hand, as no software can; nothing was changed.

    Whoever can ask a person does so, calls `confirm` when it is done, and may then go on; others let it
    end what they do.

    Parameters
    ----------
    device : str
        Name of the instrument in its rig.
    request : str
        What is to be done, e.g. ``"turn the intensity knob to 20 %"``.
    confirm : callable
        Declares that it was done; what is recorded says that it was declared.
    """

    def __init__(self, device: str, request: str, confirm: Callable[[], None]) -> None:
        super().__init__(device, f"{request}; no software can do it")
        self.request = request
        self.confirm = confirm
