"""What lSPAD answers, as text; where the exact words are not known, what cannot be doubted of them."""

import math
import re
from dataclasses import dataclass

from drivers.interfaces.errors import CommunicationError, FaultError, StateError

GREETING = "lSPAD"
"""Stands in the banner of the command server."""

STATUS = "R"
"""Asks for temperatures and clock rates; the reply is a line of 8 or 10 numbers."""

FAILURE = "ERROR"
"""Text that ends so is a failure."""

SHOWN = 200
"""Characters of a reply in messages."""

_NUMBER = r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"
_NUMBERS = re.compile(rf"{_NUMBER}(?:\s*,\s*{_NUMBER})+")
_SERIAL = re.compile(r"serial(?:\s*(?:no\.?|nr\.?|number))?\s*[:=,]?\s*([A-Za-z0-9][A-Za-z0-9._-]*)", re.IGNORECASE)
_WITHOUT_HUMIDITY, _WITH_HUMIDITY = 8, 10
_TEMPERATURE_C, _RATE_HZ = (-60.0, 150.0), (0.0, 1e9)


@dataclass(frozen=True, slots=True)
class Answer:
    """What lSPAD has answered: text to the commands, and the line of numbers to the `R` after them."""

    text: str
    status: str


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """Reply to `R`: temperatures in degC, humidity in %, clock rates in Hz."""

    fpga_master_c: float
    fpga_slave_c: float
    main_board_c: float
    chip_board_c: float
    humidity_percent: float | None
    laser_hz: float
    frame_hz: float
    line_hz: float
    dwell_hz: float

    @property
    def field_count(self) -> int:
        """How many numbers the unit sends: more with a humidity sensor."""
        return _WITHOUT_HUMIDITY if self.humidity_percent is None else _WITH_HUMIDITY


def shown(text: str) -> str:
    """Return a reply for a message: on one line, and not too long."""
    line = " ".join(text.split())
    return repr(line if len(line) <= SHOWN else f"{line[:SHOWN]}...")


def is_text(data: bytes) -> bool:
    """Whether bytes are text, not records of a stream."""
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in data)


def check_success(device: str, command: str, reply: str) -> str:
    """Return the reply to a command. Raises `FaultError` if it says that the command failed."""
    if reply.rstrip().endswith(FAILURE):
        raise FaultError(device, f"lSPAD answers {shown(reply)} to {command}; look at the window of lSPAD")
    return reply


def find_answer(text: str, owed: int) -> Answer | None:
    """Return the answer that ends with the last of `owed` status lines; None if they have not all come."""
    lines = [line.strip() for line in text.splitlines()]
    ends = [number for number, line in enumerate(lines) if _is_status(line)]
    if len(ends) < owed:
        return None
    begin = ends[owed - 2] + 1 if owed > 1 else 0
    end = ends[owed - 1]
    return Answer("\n".join(line for line in lines[begin:end] if line), lines[end])


def _is_status(line: str) -> bool:
    return bool(_NUMBERS.fullmatch(line)) and line.count(",") + 1 in (_WITHOUT_HUMIDITY, _WITH_HUMIDITY)


def parse_status(device: str, reply: str, field_count: int | None = None) -> UnitStatus:
    """Return what `R` says.

    Parameters
    ----------
    device : str
        Name of the instrument.
    reply : str
        A line of 8 numbers, or 10 with a humidity sensor.
    field_count : int, optional
        How many the unit has sent before; another number is an error, as the meaning would shift.

    Raises
    ------
    CommunicationError
        If the reply is anything else, or a number is out of all reason.
    """
    allowed = (_WITHOUT_HUMIDITY, _WITH_HUMIDITY) if field_count is None else (field_count,)
    line = reply.strip()
    fields = [float(field) for field in line.split(",")] if _NUMBERS.fullmatch(line) else []
    if len(fields) not in allowed:
        expected = " or ".join(map(str, allowed))
        raise CommunicationError(device, f"lSPAD answers {shown(reply)} to R; {expected} numbers were expected")
    if len(fields) == _WITH_HUMIDITY:
        master, slave, board, _, chip, humidity, *rates = fields
    else:
        (master, slave, board, chip, *rates), humidity = fields, None
    reasonable = all(_TEMPERATURE_C[0] <= value <= _TEMPERATURE_C[1] for value in (master, slave, board, chip))
    reasonable = reasonable and (humidity is None or 0 <= humidity <= 100)
    if not reasonable or not all(_RATE_HZ[0] <= rate <= _RATE_HZ[1] for rate in rates):
        raise CommunicationError(device, f"lSPAD answers {shown(reply)} to R, which cannot be; ask again, or reconnect")
    return UnitStatus(master, slave, board, chip, humidity, *rates)


def check_tdc(device: str, reply: str) -> None:
    """Raise unless the reply to `T,v,1` says that the time-to-digital converters are calibrated.

    The words of the good case are not known; those of the bad one are ``TDC calibration is invalid``.
    """
    text = check_success(device, "T,v,1", reply).lower()
    if "tdc" not in text and "calib" not in text and "valid" not in text:
        raise CommunicationError(
            device,
            f"lSPAD answers {shown(reply)} to T,v,1, which says nothing about the TDC calibration; an earlier "
            "acquisition may still be running: end it in lSPAD, then reconnect",
        )
    if "invalid" in text or re.search(r"\bnot\b", text):
        raise StateError(
            device,
            f"lSPAD says {shown(reply)}; calibrate the TDC (T,c,1, takes minutes, in the dark), then start again",
        )


def parse_voltage(reply: str) -> float | None:
    """Return the excess voltage in V that the reply to `V` tells; None if it tells none that can be read."""
    found: list[str] = re.findall(rf"(?<![\w.]){_NUMBER}(?![\w.]*\d)", reply)
    values = [float(text) for text in found]
    return values[0] if len(values) == 1 and math.isfinite(values[0]) and 0 <= values[0] <= 100 else None


def find_serial(text: str) -> str | None:
    """Return the serial number that the reply to `D` tells; None if it tells none."""
    match = _SERIAL.search(text)
    return match[1] if match else None


def trailing_text(data: bytes) -> str:
    """Return the text that stands at the end of bytes."""
    begin = len(data)
    while begin > 0 and is_text(data[begin - 1 : begin]):
        begin -= 1
    return data[begin:].decode("ascii").strip()


def leading_text(data: bytes) -> str:
    """Return the text that stands at the beginning of bytes."""
    end = 0
    while end < len(data) and is_text(data[end : end + 1]):
        end += 1
    return data[:end].decode("ascii").strip()
