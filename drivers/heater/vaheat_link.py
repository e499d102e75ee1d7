"""What may be asked of a VAHEAT over its wire: every command that this program ever sends stands here."""

import threading
import time
from collections.abc import Callable, Sequence
from math import inf

from drivers.heater.vaheat_answers import Answer, VaheatInfo, VaheatLimit, VaheatStatus
from drivers.heater.vaheat_cap import PowerCap
from drivers.heater.vaheat_json import JsonObject
from drivers.heater.vaheat_port import SerialPort
from drivers.heater.vaheat_profile import READ_BACK, ProfileStep, check_stored
from drivers.heater.vaheat_replies import Request
from drivers.heater.vaheat_wire import VaheatWire
from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, FaultError, InterlockError, StateError

STOP_S = 1.3
"""How long it is tried to stop the heating; with what a write may take, below the 2 s that a stop may take."""

STOP_REPLY_S = 0.3
IDENTIFY_TRIES = 3
AGAIN_S = 0.05

STREAMED = ("time", "onoff", "temperature", "setpoint", "power")


class VaheatLink:
    """Commands and checked answers over an open port.

    The flag that overrides the temperature limit is never sent.

    Parameters
    ----------
    device : str
        Name of the instrument, for messages.
    port : SerialPort
        Open; closed by `close`.
    reply_timeout_s : float
        How long an answer may take.
    """

    def __init__(self, device: str, port: SerialPort, reply_timeout_s: float) -> None:
        self._device, self._timeout_s = device, reply_timeout_s
        self._cap = PowerCap(_status_request)
        self._wire = VaheatWire(device, port, self._cap.enforce)

    @property
    def broken(self) -> str | None:
        """Why nothing can be sent or read any more; None if it can."""
        return self._wire.broken

    @property
    def packet(self) -> JsonObject | None:
        """The last packet of streaming."""
        return self._wire.packet

    def close(self) -> None:
        """End the thread and close the port."""
        self._wire.close()

    def info(self) -> VaheatInfo:
        """Ask who it is; again if the answer is malformed, as the rest of a packet may be left from before."""
        for _ in range(IDENTIFY_TRIES - 1):
            try:
                return self._info()
            except DeviceTimeoutError:
                raise
            except CommunicationError:
                if self._wire.broken is not None:
                    raise
        return self._info()

    def _info(self) -> VaheatInfo:
        return VaheatInfo.read(self._device, self._data(Request("get_info", keys=VaheatInfo.KEYS)))

    def status(self) -> VaheatStatus:
        """Ask for its state."""
        return VaheatStatus.read(self._device, self._data(_status_request()))

    def stop(self) -> None:
        """Stop the heating at once, beside whatever else is under way, and return when the device says that it is off.

        Raises
        ------
        CommunicationError
            If it does not say so in time.
        """
        end_s, problem = time.monotonic() + STOP_S, ""
        while (left_s := end_s - time.monotonic()) > 0:
            try:
                stopping = self._wire.stop()
                stopping.answered.wait(STOP_REPLY_S)  # two requests in one breath might be taken for none
                asked = self._wire.post(_status_request())
                self._wire.answer(asked, min(STOP_REPLY_S, left_s))
                if not Answer(self._device, asked.data()).flag("heating_active"):
                    self._cap.set(None)
                    return
                problem = "it says that it is heating"
            except (CommunicationError, StateError) as error:
                problem = error.message
                if self._wire.broken is not None:
                    raise
            threading.Event().wait(AGAIN_S)
        raise CommunicationError(
            self._device, f"does not confirm that its heating is off: {problem}. Switch it off at the device"
        )

    def start(
        self,
        arguments: JsonObject,
        agrees: Callable[[VaheatStatus], bool],
        *,
        longest_s: float = inf,
        capped_s: float | None = None,
    ) -> None:
        """Start the heating and read back that it does what was asked; if not, it is off afterwards.

        Parameters
        ----------
        arguments : dict
            Of ``start_heating``.
        agrees : callable
            Whether the state that is read back is what was asked for.
        longest_s : float
            Time after which the heating may have ended.
        capped_s : float, optional
            Time after which it is stopped.
        """
        stops = self._wire.stops
        self._check_ready()
        self._cap.set(capped_s)
        begin_s = time.monotonic()
        try:
            self._wire.ask(Request("start_heating", arguments), self._timeout_s, unless_stopped_since=stops)
            said = self.status()
        except BaseException:
            self._stop_after_failure()
            raise
        over = time.monotonic() - begin_s >= longest_s
        if said.mode == arguments["mode"] and agrees(said) and (said.heating or over):
            return
        if self._wire.stops != stops:
            raise StateError(self._device, "was stopped meanwhile")
        self._stop_after_failure()
        raise self._disagreement(arguments, said)

    def write_limit_c(self, temperature_c: float) -> None:
        """Write the device's own temperature limit and read it back.

        Raises
        ------
        StateError
            If the device shows another one.
        """
        self._tell(Request("set_settings", {"temperature_limit": temperature_c, "limit_enabled": True}))
        limit = VaheatLimit.read(self._device, self._data(Request("get_settings", keys=VaheatLimit.KEYS)))
        if not limit.enabled or abs(limit.temperature_c - temperature_c) > READ_BACK:
            raise StateError(
                self._device,
                f"was told to limit itself to {temperature_c:g} degC and shows {limit.temperature_c:g} degC, limit "
                f"{'on' if limit.enabled else 'off'}; set `high` in the rig file to what its substrate stands",
            )

    def write_profile(self, number: int, name: str, steps: Sequence[ProfileStep]) -> None:
        """Write a profile and read it back. Raises `StateError` if another one is stored."""
        written = {"profile_number": number, "name": name, "steps": [step.written() for step in steps]}
        self._tell(Request("set_profile", written))
        check_stored(self._device, steps, self.profile(number))

    def profile(self, number: int) -> tuple[ProfileStep, ...]:
        """Ask for a stored profile."""
        data = self._data(Request("get_profile", {"profile_number": number}, keys=frozenset({"steps"})))
        return tuple(ProfileStep.read(self._device, step) for step in Answer(self._device, data).objects("steps"))

    def profile_step(self, number: int, step: int) -> ProfileStep:
        """Ask for one step of a stored profile."""
        asked, keys = {"profile_number": number, "step": step}, frozenset({"duration", "rate", "setpoint"})
        data = self._data(Request("get_profile", asked, keys=keys, commas_missing=True))
        return ProfileStep.read(self._device, data)

    def stream(self, rate_hz: int | None) -> None:
        """Switch streaming on with a rate, or off with None."""
        on = {"mode": "continuous", "rate": rate_hz, **dict.fromkeys(STREAMED, True)}
        self._tell(Request("set_streaming", {"mode": "off"} if rate_hz is None else on))

    def streaming_rate_hz(self) -> float | None:
        """Ask how often packets are sent; None if they are not."""
        request = Request("get_streaming", keys=frozenset({"mode", "rate"}), commas_missing=True)
        answer = Answer(self._device, self._data(request))
        return answer.number("rate") if answer.text("mode").lower() == "continuous" else None

    def _check_ready(self) -> None:
        said = self.status()
        if said.alarm is not None:
            raise FaultError(self._device, f"has an alarm: {said.alarm}; see to the device before heating")
        if said.keylock_active:
            raise InterlockError(self._device, "has its keylock on; release it at the device before heating")

    def _disagreement(self, arguments: JsonObject, said: VaheatStatus) -> FaultError | StateError:
        if said.alarm is not None:
            return FaultError(self._device, f"raised an alarm as it began to heat: {said.alarm}; see to the device")
        return StateError(self._device, f"was told {arguments!r} and says {said}; its heating was stopped")

    def _stop_after_failure(self) -> None:
        """Stop what may have begun; that it cannot be stopped is worse than why it was to be stopped."""
        if self._wire.broken is None:
            self.stop()

    def _tell(self, request: Request) -> None:
        self._wire.ask(request, self._timeout_s)

    def _data(self, request: Request) -> JsonObject:
        self._wire.ask(request, self._timeout_s)
        return request.data()


def _status_request() -> Request:
    return Request("get_status", keys=VaheatStatus.KEYS)
