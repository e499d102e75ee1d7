"""The grammar of SCPI as far as simulated instruments need it: headers in long or short form, values, errors."""

import math
import re
from collections import deque
from dataclasses import dataclass

MAX_ERRORS = 20

_NODE = re.compile(r"([A-Za-z]+)(\d*)")
_VOWELS = "AEIOU"
_UNITS = {"V": 1.0, "VPP": 1.0, "HZ": 1.0, "KHZ": 1e3, "MHZ": 1e6, "S": 1.0, "": 1.0}
_VALUE = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)")


class HeaderError(ValueError):
    """Text that is no command."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: the nodes of its header in short form, the number of its channel (0 if none), its value."""

    nodes: tuple[str, ...]
    channel: int
    value: str
    is_question: bool


def split_line(line: str) -> list[Command]:
    """Return the commands of a line, separated by semicolons.

    Raises
    ------
    HeaderError
        If one of them is no command.
    """
    return [_command(part.strip()) for part in line.split(";") if part.strip()]


def _command(text: str) -> Command:
    header, _, value = text.partition(" ")
    is_question = header.endswith("?")
    header = header.rstrip("?")
    if header.startswith("*"):
        return Command((header.upper(),), 0, value.strip(), is_question)
    nodes, channel = [], 0
    for node in header.lstrip(":").split(":"):
        match = _NODE.fullmatch(node)
        if match is None:
            raise HeaderError(text)
        nodes.append(short_form(match[1]))
        channel = channel or int(match[2] or 0)
    return Command(tuple(nodes), channel, value.strip(), is_question)


def short_form(word: str) -> str:
    """Return the short form of a word: four letters, or three if the fourth is a vowel."""
    word = word.upper()
    if len(word) <= 4:
        return word
    return word[:3] if word[3] in _VOWELS else word[:4]


def number(text: str) -> float:
    """Return a value with or without its unit; ``INF`` is infinity.

    Raises
    ------
    HeaderError
        If it is no number.
    """
    if short_form(text) == "INF":
        return math.inf
    match = _VALUE.fullmatch(text)
    if match is None or match[2].upper() not in _UNITS:
        raise HeaderError(text)
    return float(match[1]) * _UNITS[match[2].upper()]


def switched(text: str) -> bool:
    """Return a value that is ``0``, ``1``, ``OFF`` or ``ON``. Raises `HeaderError` if it is none."""
    found = {"0": False, "1": True, "OFF": False, "ON": True}.get(text.upper())
    if found is None:
        raise HeaderError(text)
    return found


class ErrorQueue:
    """Errors that nobody asked for yet, the oldest first."""

    def __init__(self) -> None:
        self._errors: deque[str] = deque()

    def add(self, error: str) -> None:
        """Note an error such as ``-113,"Undefined header"``."""
        if len(self._errors) == MAX_ERRORS:
            self._errors[-1] = '-350,"Queue overflow"'
        else:
            self._errors.append(error)

    def take(self) -> str:
        """Return the oldest error and forget it."""
        return self._errors.popleft() if self._errors else '+0,"No error"'

    def clear(self) -> None:
        """Forget all."""
        self._errors.clear()
