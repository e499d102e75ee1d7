"""Doing something to every instrument whatever happens: one that fails or hangs does not stop the others."""

import threading
from collections.abc import Callable, Iterable

from drivers.interfaces.device import Device
from drivers.interfaces.errors import FaultError

DEVICE_TIMEOUT_S = 10.0
"""Longest that one instrument is waited for, in wall time."""


class NotSafeError(FaultError):
    """At least one instrument could not be made safe or closed; needs a person.

    Attributes
    ----------
    errors : dict
        What went wrong, by the name of the instrument.
    """

    def __init__(self, what: str, errors: dict[str, BaseException], others: list[str]) -> None:
        reasons = "; ".join(f"{name} ({error})" for name, error in errors.items())
        good = f"; done: {', '.join(others)}" if others else ""
        super().__init__(
            "rig", f"could not {what} {reasons}{good}. Look at these instruments and switch them off by hand"
        )
        self.errors = errors


def for_each(what: str, devices: Iterable[Device], action: Callable[[Device], None], timeout_s: float) -> None:
    """Do `action` to every device, one after the other, each for at most `timeout_s`.

    An interrupt from the keyboard waits until all are done.

    Raises
    ------
    NotSafeError
        After all were tried, if one failed or did not finish in time.
    """
    errors: dict[str, BaseException] = {}
    done: list[str] = []
    interrupt: KeyboardInterrupt | None = None
    for device in devices:
        finished = threading.Event()
        failed: list[BaseException] = []
        worker = threading.Thread(
            target=_attempt, args=(action, device, failed, finished), name=f"{what} {device.name}", daemon=True
        )
        worker.start()
        try:
            in_time = finished.wait(timeout_s)
        except KeyboardInterrupt as error:
            interrupt = error
            in_time = finished.wait(timeout_s)
        if not in_time:
            errors[device.name] = TimeoutError(f"not finished after {timeout_s:g} s")
        elif failed:
            errors[device.name] = failed[0]
        else:
            done.append(device.name)
    if errors:
        raise NotSafeError(what, errors, done) from next(iter(errors.values()))
    if interrupt is not None:
        raise interrupt


def _attempt(
    action: Callable[[Device], None], device: Device, failed: list[BaseException], finished: threading.Event
) -> None:
    try:
        action(device)
    except BaseException as error:
        failed.append(error)
    finally:
        finished.set()
