"""A VAHEAT at the end of a port that lives in memory: answers at once, or as a test says."""

import json
import threading
from collections.abc import Callable
from typing import Any

from drivers.heater.vaheat import Vaheat
from drivers.heater.vaheat_settings import VaheatSettings

Answer = Callable[[Any], bytes]

NOTHING = b""


class ScriptedVaheat:
    """Answers each command as `answers` says; what was sent is in `sent`. It plays the port, too."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.status: dict[str, Any] = {
            "mode": "AUTO",
            "keylock_active": False,
            "heating_active": False,
            "setpoint": 40.0,
            "setpoint_unit": "^C",
            "temperature": 26.6,
            "alarm": "NO_ALARM",
            "profile_number": -1,
            "step": -1,
        }
        self.limit = {"temperature_limit": 0.0, "limit_enabled": False}
        self.profiles: dict[int, Any] = {}
        self.answers: dict[str, Answer] = {
            "get_info": lambda _: data({"serial_number": "VA-SR-0094-1", "version": "v1.2.3"}),
            "get_status": lambda _: data(self.status),
            "get_settings": lambda _: data(self.limit),
            "get_profile": lambda asked: data({**self.profiles[asked["profile_number"]]}),
            "set_settings": self._set_settings,
            "set_streaming": lambda _: SUCCESS,
            "set_profile": self._set_profile,
            "start_heating": self._start,
            "stop_heating": self._stop,
        }
        self.closed = False
        self._gone: OSError | None = None
        self._inbox = bytearray()
        self._changed = threading.Condition()

    def requests(self) -> list[str]:
        return [next(iter(json.loads(text))) for text in self.sent]

    def say(self, text: bytes) -> None:
        """Send something unasked."""
        with self._changed:
            self._inbox += text
            self._changed.notify_all()

    def vanish(self) -> None:
        """Be pulled out."""
        with self._changed:
            self._gone = OSError("device disconnected")
            self._changed.notify_all()

    @property
    def in_waiting(self) -> int:
        return len(self._inbox)

    def read(self, size: int = 1) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._inbox or self._gone or self.closed, timeout=0.02)
            if self._gone:
                raise self._gone
            taken = bytes(self._inbox[:size])
            del self._inbox[:size]
            return taken

    def write(self, text: bytes) -> int:
        if self._gone:
            raise self._gone
        self.sent.append(text)
        name, arguments = next(iter(json.loads(text).items()))
        self.say(self.answers[name](arguments))
        return len(text)

    def close(self) -> None:
        self.closed = True

    def _set_settings(self, arguments: Any) -> bytes:
        self.limit = {name: arguments[name] for name in self.limit}
        return SUCCESS

    def _set_profile(self, arguments: Any) -> bytes:
        self.profiles[arguments["profile_number"]] = arguments
        return SUCCESS

    def _start(self, arguments: Any) -> bytes:
        self.status |= {"mode": arguments["mode"], "heating_active": True}
        self.status["profile_number"] = arguments.get("profile_number", -1)
        if "temperature" in arguments:
            self.status["setpoint"] = arguments["temperature"]
        return SUCCESS

    def _stop(self, _: Any) -> bytes:
        self.status["heating_active"] = False
        return SUCCESS


def data(values: dict[str, Any]) -> bytes:
    """A reply with data, on several lines as the device sends it."""
    return json.dumps({"success": True, "data": values}, indent=2).encode() + b"\r\n"


SUCCESS = b'{\r\n  "success": true\r\n}\r\n'


def driver(device: ScriptedVaheat, **settings: Any) -> Vaheat:
    """A driver of it, not connected."""
    said = VaheatSettings(port="COM3", **{"reply_timeout_s": 0.1, **settings})
    return Vaheat("heater", said, open_port=lambda port, baud_rate: device)
