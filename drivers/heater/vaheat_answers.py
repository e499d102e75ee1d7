"""What a VAHEAT says of itself, checked: identity, state, settings and profiles, each from the data of a reply."""

from dataclasses import dataclass
from math import isfinite

from drivers.heater.vaheat_json import JsonObject
from drivers.interfaces.errors import CommunicationError, FaultError

NO_ALARM = "NO_ALARM"
"""The only word for the alarm that was found; whatever else is said is an alarm."""

CELSIUS = frozenset({"^C", "°C", "C"})

POSSIBLE_C = (-60.0, 600.0)
"""What a sensor on a coverslip may show; a broken one shows more or less."""


class Answer:
    """The data of a reply; reads them by key and type.

    Raises
    ------
    CommunicationError
        In each method, if the key is missing or its value is of another type.
    """

    def __init__(self, device: str, data: JsonObject) -> None:
        self._device, self._data = device, data

    def number(self, key: str) -> float:
        """Return a finite number; text that holds one counts, as the firmware sends some in quotes."""
        value = self._data.get(key)
        try:
            number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
        except (ValueError, OverflowError):
            number = None
        if number is None or not isfinite(number):
            raise self._wrong(key, "a finite number")
        return number

    def text(self, key: str) -> str:
        """Return text that is not empty."""
        value = self._data.get(key)
        if not isinstance(value, str) or not value:
            raise self._wrong(key, "a text")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self._data.get(key)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def objects(self, key: str) -> list[JsonObject]:
        """Return a list of objects."""
        value = self._data.get(key)
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self._wrong(key, "a list of objects")
        return value

    def _wrong(self, key: str, wanted: str) -> CommunicationError:
        return CommunicationError(
            self._device, f"its reply has {key} = {self._data.get(key)!r} where {wanted} is expected; ask again"
        )


@dataclass(frozen=True, slots=True)
class VaheatInfo:
    """Who the device says it is (``get_info``)."""

    serial_number: str
    version: str

    KEYS = frozenset({"serial_number", "version"})

    @classmethod
    def read(cls, device: str, data: JsonObject) -> "VaheatInfo":
        """Return the identity in a reply."""
        answer = Answer(device, data)
        return cls(answer.text("serial_number"), answer.text("version"))


@dataclass(frozen=True, slots=True)
class VaheatStatus:
    """What the device says of its state (``get_status``).

    Attributes
    ----------
    setpoint_c : float or None
        None if the device gives the setpoint in another unit, as it may with constant power.
    alarm : str or None
        In the device's own word.
    profile_number : int
        -1 if no profile runs.
    """

    mode: str
    heating: bool
    keylock_active: bool
    setpoint_c: float | None
    temperature_c: float
    alarm: str | None
    profile_number: int

    KEYS = frozenset({"mode", "keylock_active", "heating_active", "setpoint", "setpoint_unit", "temperature", "alarm"})

    @classmethod
    def read(cls, device: str, data: JsonObject) -> "VaheatStatus":
        """Return the state in a reply.

        Raises
        ------
        FaultError
            If the temperature is one that cannot be.
        """
        answer = Answer(device, data)
        temperature_c, setpoint, alarm = answer.number("temperature"), answer.number("setpoint"), answer.text("alarm")
        low_c, high_c = POSSIBLE_C
        if not low_c <= temperature_c <= high_c:
            said = "" if alarm == NO_ALARM else f" and an alarm ({alarm})"
            raise FaultError(
                device, f"shows {temperature_c:g} degC{said}, which cannot be: check substrate, contacts and sensor"
            )
        return cls(
            mode=answer.text("mode").upper(),
            heating=answer.flag("heating_active"),
            keylock_active=answer.flag("keylock_active"),
            setpoint_c=setpoint if answer.text("setpoint_unit") in CELSIUS else None,
            temperature_c=temperature_c,
            alarm=None if alarm == NO_ALARM else alarm,
            profile_number=int(answer.number("profile_number")) if "profile_number" in data else -1,
        )


@dataclass(frozen=True, slots=True)
class VaheatLimit:
    """The device's own temperature limit (``get_settings``); its control may overshoot it."""

    temperature_c: float
    enabled: bool

    KEYS = frozenset({"temperature_limit", "limit_enabled"})

    @classmethod
    def read(cls, device: str, data: JsonObject) -> "VaheatLimit":
        """Return the limit in a reply."""
        answer = Answer(device, data)
        return cls(answer.number("temperature_limit"), answer.flag("limit_enabled"))
