"""What goes over the wire: plain data as JSON text, and nothing that could carry code."""

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from acquisition.session import SessionError

PROTOCOL = 1
"""Both sides must speak the same version."""

MAX_REQUEST_BYTES = 4 * 2**20
MAX_ANSWER_BYTES = 64 * 2**20
"""Largest messages to and from the server."""

PING_TIMEOUT_S = 60.0
"""Longest that the other side may give no sign of life: compiling code and fitting can keep a process busy."""

WAIT_PIECE_S = 2.0
"""Longest that the server waits for a run before it answers; a client that wants to wait longer asks again."""

_ARRAY = "__array__"
_DTYPE = re.compile(r"[<>|][biufc][0-9]{1,2}")


class WireError(SessionError):
    """A message is not what this protocol allows; the text says what is."""


def encode(message: Mapping[str, Any], limit_bytes: int) -> str:
    """Return a message as JSON in ASCII; arrays go as base64 with shape and dtype.

    Parameters
    ----------
    message : mapping
        Finite numbers, text, lists, dicts with text as keys, and arrays of numbers.
    limit_bytes : int
        Longest that the message may be.

    Raises
    ------
    WireError
        If it holds anything else, or is too long.
    """
    try:
        text = json.dumps(_plain(message), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError) as error:
        raise WireError(f"cannot be sent: {error}; finite numbers are allowed, and no loops") from error
    if len(text) > limit_bytes:
        raise WireError(f"cannot be sent: is {len(text)} bytes long, and {limit_bytes} are allowed")
    return text


def decode(text: str | bytes) -> dict[str, Any]:
    """Return the object that a message holds.

    Raises
    ------
    WireError
        If it is something else than JSON text with an object in it, or holds a number that is not finite.
    """
    if not isinstance(text, str):
        raise WireError("the message is binary; send JSON as text")
    try:
        found = json.loads(text, parse_constant=_refuse, parse_float=_finite, object_hook=_with_arrays)
    except RecursionError:
        raise WireError("the message is nested too deeply") from None
    except ValueError as error:
        raise WireError(f"the message is not usable JSON: {error}") from error
    if not isinstance(found, dict):
        raise WireError(f"the message holds a {type(found).__name__}; an object is needed")
    return found


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value) or _ARRAY in value:
            raise WireError(f"cannot be sent: keys are text, and not {_ARRAY!r}; got {list(value)!r:.200}")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, np.ndarray) and _DTYPE.fullmatch(value.dtype.str):
        content = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")
        return {_ARRAY: content, "dtype": value.dtype.str, "shape": list(value.shape)}
    raise WireError(
        f"cannot be sent: {value!r:.200} is a {type(value).__name__}; "
        "numbers, text, lists, dicts and arrays of numbers are allowed; of a sequence or rig, give the path of a file "
        "or a dict"
    )


def _with_arrays(found: dict[str, Any]) -> Any:
    if _ARRAY not in found:
        return found
    content, dtype, shape = found[_ARRAY], found.get("dtype"), found.get("shape")
    if not (isinstance(content, str) and isinstance(dtype, str) and _DTYPE.fullmatch(dtype)):
        raise WireError("the message holds an array that is not base64 with a dtype of numbers")
    if not (isinstance(shape, list) and all(type(size) is int and size >= 0 for size in shape)):
        raise WireError("the message holds an array whose shape is not a list of sizes")
    try:
        return np.frombuffer(base64.b64decode(content, validate=True), np.dtype(dtype)).reshape(shape)
    except (ValueError, TypeError, OverflowError, binascii.Error) as error:
        raise WireError(f"the message holds an array that cannot be read: {error}") from error


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number that JSON knows")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits:.40} is too large")
    return value
