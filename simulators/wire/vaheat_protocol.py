"""What a simulated VAHEAT answers: JSON in, JSON out, with the quirks of firmware v1.2.3."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from drivers.wire.whose import SIMULATOR_MARK
from simulators.wire.vaheat_model import MODES, Step, Stored, VaheatModel

Json: TypeAlias = dict[str, Any]

SERIAL_NUMBER = f"VA-SR-0000-1 ({SIMULATOR_MARK})"
VERSION = "v1.2.3 (Jul 27 2023 15:57:44)"
RATES_HZ = (1, 2, 5, 10, 20)
STREAMABLE = ("time", "remaining", "onoff", "temperature", "setpoint", "power", "profile_step", "resistance")
MOST_STEPS, LONGEST_NAME, PROFILES = 20, 47, range(1, 10)
FULL_POWER_MW = 5000.0


class Refused(Exception):  # noqa: N818  # an answer, not a failure of the program
    """The device does not do what it was told."""


class VaheatProtocol:
    """Commands of the device; the caller holds the lock of the bench.

    Parameters
    ----------
    model : VaheatModel
        Who does it.
    """

    def __init__(self, model: VaheatModel) -> None:
        self._model = model
        self.streaming: Json = {"mode": "off", "rate": 1, **dict.fromkeys(STREAMABLE, False)}
        self._commands: Mapping[str, Callable[[Any], Json | None]] = {
            "get_info": self._get_info,
            "get_status": self._get_status,
            "get_settings": self._get_settings,
            "get_streaming": lambda _: {**self.streaming, "rate": str(self.streaming["rate"])},
            "get_profile": self._get_profile,
            "start_heating": self._start_heating,
            "stop_heating": lambda _: self._model.stop(),
            "set_mode": self._set_mode,
            "set_settings": self._set_settings,
            "set_streaming": self._set_streaming,
            "set_profile": self._set_profile,
            "set_keylock": self._set_keylock,
            "do_reset": self._do_reset,
        }

    def reply(self, request: object) -> bytes:
        """Do what a request says, and return the text of the reply."""
        name, arguments = next(iter(request.items()), ("", None)) if isinstance(request, dict) else ("", None)
        head: Json = {"command": str(name).upper()}
        try:
            if name not in self._commands:
                raise Refused(f"unknown command {name}")
            data = self._commands[name](arguments)
        except (Refused, TypeError, AttributeError) as error:  # arguments of another shape
            return _pretty({**head, "success": False, "error": str(error), "code": 1, "parent": name, "at": 0})
        if data is None:
            return _pretty({**head, "success": True})
        text = _pretty({**head, "success": True, "data": data})
        forgets = name == "get_streaming" or (name == "get_profile" and "step" in data)
        return _without_commas(text) if forgets else text

    def packet(self, time_s: float) -> bytes:
        """Return a packet of streaming. The form of real ones was not found: this is a guess."""
        model = self._model
        values = {
            "time": round(time_s, 3),
            "remaining": 0.0,
            "onoff": model.is_heating,
            "temperature": round(model.temperature_c, 1),
            "setpoint": round(model.setpoint[0], 1),
            "power": round(model.power * FULL_POWER_MW, 1),
            "profile_step": model.step,
            "resistance": round(100 * (1 + 0.0039 * model.temperature_c), 2),
        }
        return _pretty({name: value for name, value in values.items() if self.streaming[name]})

    def _get_info(self, _: Any) -> Json:
        stored = self._model.stored
        return {
            "serial_number": SERIAL_NUMBER,
            "version": VERSION,
            "setpoint_auto": stored.setpoint_auto_c,
            "power_shock": stored.power_shock_percent,
            "power_direct": stored.power_direct_percent,
            "duration_shock": stored.duration_shock_s,
        }

    def _get_status(self, _: Any) -> Json:
        model = self._model
        model.advance()
        setpoint, unit = model.setpoint
        in_profile = model.mode == "PROFILE" and model.is_heating
        return {
            "mode": model.mode,
            "keylock_active": model.keylock,
            "heating_active": model.is_heating,
            "setpoint": round(setpoint, 1),
            "setpoint_unit": unit,
            "temperature": round(model.temperature_c, 1),
            "alarm": model.alarm or "NO_ALARM",
            "profile_number": model.stored.profile_number if in_profile else -1,
            "step": model.step,
        }

    def _get_settings(self, _: Any) -> Json:
        stored = self._model.stored
        return {
            "brightness": stored.brightness,
            "haptic_strength": stored.haptic_strength,
            "temperature_limit": stored.limit_c,
            "limit_enabled": stored.limit_enabled,
            "pid": dict(stored.pid),
        }

    def _get_profile(self, arguments: Any) -> Json:
        number = self._profile_number(arguments)
        name, steps = self._model.stored.profiles.get(number, ("", ()))
        written = [{"duration": one.duration_s, "rate": one.rate_c_per_s, "setpoint": one.setpoint_c} for one in steps]
        if "step" not in arguments:
            return {"profile_number": number, "name": name, "steps": written}
        place = int(_number(arguments, "step", 1, len(steps)))
        return {"profile_number": number, "step": place, **written[place - 1]}

    def _start_heating(self, arguments: Any) -> None:
        model = self._model
        if model.alarm is not None:
            raise Refused(f"alarm {model.alarm}")
        self._set_mode(arguments)
        if not arguments.get("ignore_limit_error", False) and any(map(model.exceeds_limit, self._targets())):
            raise Refused("temperature above limit")
        model.start()

    def _set_mode(self, arguments: Any) -> None:
        mode = str(arguments.get("mode", "")).upper() if isinstance(arguments, dict) else ""
        if mode not in MODES:
            raise Refused("mode must be one of AUTO, DIRECT, SHOCK, PROFILE")
        stored = self._model.stored
        if mode == "AUTO" and "temperature" in arguments:
            stored.setpoint_auto_c = _number(arguments, "temperature", 0, 300)
        if mode == "DIRECT" and "power" in arguments:
            stored.power_direct_percent = _number(arguments, "power", 0, 100)
        if mode == "SHOCK" and "power" in arguments:
            stored.power_shock_percent = _number(arguments, "power", 0, 100)
        if mode == "SHOCK" and "duration" in arguments:
            stored.duration_shock_s = _number(arguments, "duration", 0.1, 9999)
        if mode == "PROFILE":
            stored.profile_number = self._profile_number(arguments, stored=True)
        if self._model.is_heating:
            self._model.stop()
        self._model.mode = mode

    def _set_settings(self, arguments: Any) -> None:
        stored = self._model.stored
        if not isinstance(arguments, dict):
            raise Refused("settings must be an object")
        if "temperature_limit" in arguments:
            stored.limit_c = _number(arguments, "temperature_limit", 0, 300)
        if "limit_enabled" in arguments:
            stored.limit_enabled = _flag(arguments["limit_enabled"])
        if "brightness" in arguments:
            stored.brightness = int(_number(arguments, "brightness", 0, 10))
        if "haptic_strength" in arguments:
            stored.haptic_strength = int(_number(arguments, "haptic_strength", 0, 5))
        for name in arguments.get("pid", {}):
            stored.pid[name] = _number(arguments["pid"], name, 0, 10_000)

    def _set_streaming(self, arguments: Any) -> None:
        if not isinstance(arguments, dict):
            raise Refused("streaming settings must be an object")
        changed = {**self.streaming, **arguments}
        if changed["mode"] not in ("off", "once", "continuous") or changed["rate"] not in RATES_HZ:
            raise Refused("mode must be off, once or continuous, and rate 1, 2, 5, 10 or 20")
        self.streaming = {name: changed[name] for name in self.streaming}

    def _set_profile(self, arguments: Any) -> None:
        number = self._profile_number(arguments)
        name, steps = str(arguments.get("name", "")), arguments.get("steps", [])
        if len(name) > LONGEST_NAME or not 1 <= len(steps) <= MOST_STEPS:
            raise Refused("name too long, or number of steps")
        read = [
            Step(_number(one, "duration", 0, 1e6), _number(one, "rate", 0, 1e3), _number(one, "setpoint", 0, 300))
            for one in steps
        ]
        self._model.stored.profiles[number] = (name, tuple(read))

    def _set_keylock(self, arguments: Any) -> None:
        self._model.keylock = _flag(arguments)

    def _do_reset(self, arguments: Any) -> None:
        stored, fresh, everything = self._model.stored, Stored(), bool(arguments.get("all"))
        if everything or arguments.get("profiles"):
            stored.profiles = {}
        if everything or arguments.get("settings"):
            stored.brightness, stored.haptic_strength = fresh.brightness, fresh.haptic_strength
            stored.limit_c, stored.limit_enabled = fresh.limit_c, fresh.limit_enabled
        if everything or arguments.get("pid"):
            stored.pid = fresh.pid
        if "profile_number" in arguments:
            stored.profiles.pop(self._profile_number(arguments), None)

    def _profile_number(self, arguments: Any, *, stored: bool = False) -> int:
        number = int(_number(arguments, "profile_number", PROFILES[0], PROFILES[-1]))
        if stored and number not in self._model.stored.profiles:
            raise Refused(f"profile {number} is empty")
        return number

    def _targets(self) -> list[float]:
        """Return the setpoints of what would be started."""
        stored = self._model.stored
        if self._model.mode == "AUTO":
            return [stored.setpoint_auto_c]
        if self._model.mode == "PROFILE":
            return [step.setpoint_c for step in stored.profiles[stored.profile_number][1]]
        return []


def _number(arguments: Any, name: str, low: float, high: float) -> float:
    value = arguments.get(name) if isinstance(arguments, dict) else None
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise Refused(f"{name} must be a number from {low:g} to {high:g}")
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused("must be true or false")
    return value


def _pretty(reply: Json) -> bytes:
    """Return the text as the firmware prints it: on many lines, with an opening brace on a line of its own."""
    text = re.sub(r'("data":) \{', r"\1\n  {", json.dumps(reply, indent=2))
    return (text + "\n").replace("\n", "\r\n").encode()


def _without_commas(text: bytes) -> bytes:
    """Forget the commas between the pairs of the data."""
    head, data = text.split(b'"data":', 1)
    return head + b'"data":' + data.replace(b",\r\n", b"\r\n")
