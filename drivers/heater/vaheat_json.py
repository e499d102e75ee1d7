"""The text that a VAHEAT sends: JSON objects without terminators, on several lines, some of them with a fault."""

import json
import re
from math import isfinite
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]

LONGEST_OBJECT = 65_536
"""Bytes; an object that is longer is none: a full profile of 20 steps has about 2,000."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


class ObjectStream:
    """Cuts a stream of bytes into JSON objects by counting braces outside of strings.

    What stands between objects and is no white space is garbage, and so is an object right behind garbage: it
    may be the inner part of one whose beginning was lost.
    """

    def __init__(self) -> None:
        self._object = bytearray()
        self._garbage = bytearray()
        self._depth = 0
        self._in_string = self._escaped = False

    @property
    def unfinished(self) -> bool:
        """Whether something has begun that has not ended."""
        return bool(self._object or self._garbage)

    def feed(self, data: bytes) -> list[bytes]:
        """Take what has come, and return the objects that it completes; garbage is returned with its object."""
        complete: list[bytes] = []
        for byte in data:
            if self._depth == 0 and byte != ord("{"):
                if not bytes([byte]).isspace():
                    self._garbage.append(byte)
            elif self._inside(byte):
                complete.append(bytes(self._garbage + self._object))
                self._forget()
            if len(self._object) + len(self._garbage) > LONGEST_OBJECT:
                complete.append(self.give_up())
        return complete

    def give_up(self) -> bytes:
        """Return what has not ended, and begin anew."""
        rest = bytes(self._garbage + self._object)
        self._forget()
        return rest

    def _inside(self, byte: int) -> bool:
        """Take a byte of an object; whether it is the last one."""
        self._object.append(byte)
        if self._in_string:
            self._in_string = self._escaped or byte != ord('"')
            self._escaped = not self._escaped and byte == ord("\\")
        elif byte == ord('"'):
            self._in_string = True
        elif byte in b"{}":
            self._depth += 1 if byte == ord("{") else -1
        return self._depth == 0

    def _forget(self) -> None:
        self._object.clear()
        self._garbage.clear()
        self._depth, self._in_string, self._escaped = 0, False, False


def parsed(text: bytes) -> JsonObject:
    """Return the object that `text` is.

    Raises
    ------
    ValueError
        If it is none, has a key twice, or a number that is not finite.
    """
    try:
        found = json.loads(text.decode(), parse_constant=_refused, parse_float=_finite, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("it is no object")
    return found


def with_commas(text: bytes) -> bytes:
    """Return `text` with the commas that the firmware forgets between the pairs of `get_streaming` and `get_profile`.

    A value that another value or key follows without anything between does not occur in JSON, so that there is
    one place for each comma.
    """
    tokens = _TOKEN.findall(text.decode())
    mended: list[str] = []
    for token in tokens:
        if mended and mended[-1] not in "{[:," and token not in "}]:,":
            mended.append(",")
        mended.append(token)
    return "".join(mended).encode()


def _once(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it has a key twice")
    return found


def _refused(constant: str) -> float:
    raise ValueError(f"it holds {constant}, which is no number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise ValueError(f"{digits} is too large")
    return value
