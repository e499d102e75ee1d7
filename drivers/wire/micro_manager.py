"""Micro-Manager's core: one for all devices of a configuration file, and no call that is waited for without end."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, StateError
from drivers.wire.micro_manager_core import Core, MicroManagerSettings, NewCore, load_core

LOAD_TIMEOUT_S = 60.0
"""Longest that a configuration may take to load; motors may home."""

UNLOAD_TIMEOUT_S = 2.0

DEMO_LIBRARIES = ("DemoCamera", "SequenceTester")
"""Adapters of Micro-Manager behind which there is no hardware."""


@dataclass
class _Shared:
    core: Core
    users: int = 0


class Cores:
    """The loaded configurations: devices of the same file share one core, which is let go of with the last of them.

    Parameters
    ----------
    new : callable
        Loads a configuration.
    """

    def __init__(self, new: NewCore = load_core) -> None:
        self._new = new
        self._lock = threading.Lock()
        self._loaded: dict[str, _Shared] = {}

    def take(self, device: str, settings: MicroManagerSettings) -> Core:
        """Return the core of a configuration file; give it back with `give_back`.

        Raises
        ------
        CommunicationError
            If it cannot be loaded, for `device`.
        """
        key = _key(settings)
        with self._lock:
            shared = self._loaded.get(key)
            if shared is None:
                shared = self._loaded[key] = _Shared(self._load(device, settings))
            shared.users += 1
            return shared.core

    def _load(self, device: str, settings: MicroManagerSettings) -> Core:
        try:
            core: Core = bounded(lambda: self._new(settings), LOAD_TIMEOUT_S)
            return core
        except TimeoutError as error:
            text = f"Micro-Manager has not loaded {settings.config} in {LOAD_TIMEOUT_S:g} s; try it in its window"
            raise DeviceTimeoutError(device, text) from error
        except Exception as error:  # adapters raise errors of any kind
            text = f"Micro-Manager cannot load {settings.config} ({error}); try it in its own window"
            raise CommunicationError(device, text) from error

    def give_back(self, settings: MicroManagerSettings) -> None:
        """Let go of the devices if nobody else uses the configuration; waits for a short time only."""
        if not self._lock.acquire(timeout=UNLOAD_TIMEOUT_S):
            return  # another configuration does not load; this one stays until the program ends
        try:
            shared = self._loaded.get(_key(settings))
            if shared is None:
                return
            shared.users -= 1
            if shared.users > 0:
                return
            del self._loaded[_key(settings)]
        finally:
            self._lock.release()
        with suppress(Exception):  # the adapter of a device that is gone may say anything, or nothing
            bounded(shared.core.unloadAllDevices, UNLOAD_TIMEOUT_S)


CORES = Cores()
"""Those of this process."""


class MicroManagerDevice:
    """The wire to one device: calls one at a time, each in bounded time.

    Parameters
    ----------
    device : str
        Name in the rig, for messages.
    settings : MicroManagerSettings
        Which it is.
    cores : Cores, optional
        Where the core comes from.
    """

    def __init__(self, device: str, settings: MicroManagerSettings, cores: Cores = CORES) -> None:
        self._device, self._settings, self._cores = device, settings, cores
        self._core: Core | None = None
        self._turn = threading.Lock()
        self._hung: threading.Event | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a core, and no call of it hangs."""
        return self._core is not None and (self._hung is None or self._hung.is_set())

    def open(self) -> tuple[str, str, str]:
        """Load the configuration; return adapter, name and version.

        Raises
        ------
        CommunicationError
            If it cannot be loaded, or has no such device.
        StateError
            If it is a demonstration where hardware is expected, or the other way round.
        """
        settings = self._settings
        self._core = self._cores.take(self._device, settings)
        try:
            loaded = self.call("getLoadedDevices")
            if settings.device not in loaded:
                known = ", ".join(map(str, loaded)) or "none"
                text = f"{settings.config} has no device {settings.device!r}; it has {known}. Correct `device`"
                raise CommunicationError(self._device, text)
            library = str(self.call("getDeviceLibrary", settings.device))
            name = str(self.call("getDeviceName", settings.device))
            self._check_whose(library)
            return library, name, str(self.call("getVersionInfo"))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the core back; no effect if closed."""
        core, self._core, self._hung = self._core, None, None
        if core is not None:
            self._cores.give_back(self._settings)

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a method of the core.

        Raises
        ------
        DeviceTimeoutError
            If it does not come back in time; what it returns later is dropped.
        CommunicationError
            If Micro-Manager raises, or an earlier call hangs.
        """
        timeout_s = self._settings.timeout_s
        if not self._turn.acquire(timeout=2 * timeout_s):
            raise DeviceTimeoutError(self._device, "is busy with another request that does not end")
        try:
            if self._hung is not None and not self._hung.is_set():
                text = "still hangs in an earlier call; look at the device, then connect it again"
                raise CommunicationError(self._device, text)
            return self._do(name, arguments, timeout_s)
        finally:
            self._turn.release()

    def call_urgently(self, name: str, *arguments: Any, timeout_s: float = 0.5) -> Any:
        """Call a method beside one that may go on in another thread. Errors as of `call`."""
        return self._do(name, arguments, timeout_s)

    def _do(self, name: str, arguments: tuple[Any, ...], timeout_s: float) -> Any:
        core = self._core
        if core is None:
            raise CommunicationError(self._device, "is not connected any more; connect it again")
        done = threading.Event()
        try:
            return bounded(lambda: getattr(core, name)(*arguments), timeout_s, done)
        except TimeoutError as error:
            self._hung = done
            text = f"Micro-Manager has not come back from {name} within {timeout_s:g} s; look at the device"
            raise DeviceTimeoutError(self._device, text) from error
        except Exception as error:
            text = f"Micro-Manager refuses {name} ({error}); look at the device, and try it in Micro-Manager's window"
            raise CommunicationError(self._device, text) from error

    def _check_whose(self, library: str) -> None:
        demo = library in DEMO_LIBRARIES
        if demo and not self._settings.simulated:
            text = f"is a demonstration device ({library}) where the rig file expects hardware; write `simulated: true`"
            raise StateError(self._device, f"{text} into the role, or correct config and device")
        if self._settings.simulated and not demo:
            text = f"is driven by {library}, which is no demonstration, but the rig file says `simulated: true`"
            raise StateError(self._device, f"{text}; remove that line if hardware is meant")


def bounded(act: Callable[[], Any], timeout_s: float, done: threading.Event | None = None) -> Any:
    """Do `act` in a thread of its own and return what it returns.

    Parameters
    ----------
    act : callable
        What it raises is raised here.
    timeout_s : float
        Longest wait; the thread is left alone then.
    done : Event, optional
        Set when it has come back, also after the timeout.

    Raises
    ------
    TimeoutError
        If it has not come back in time.
    """
    came_back = done or threading.Event()
    found: list[Any] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            found.append(act())
        except BaseException as error:
            raised.append(error)
        finally:
            came_back.set()

    threading.Thread(target=work, name="Micro-Manager", daemon=True).start()
    if not came_back.wait(timeout_s):
        raise TimeoutError(f"not finished after {timeout_s:g} s")
    if raised:
        raise raised[0]
    return found[0]


def _key(settings: MicroManagerSettings) -> str:
    return str(Path(settings.config).absolute())
