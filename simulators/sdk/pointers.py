"""How doubles of C libraries write through the pointers that ctypes hands them."""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray


def put(reference: Any, value: float) -> None:
    """Write a number to where ``byref(...)`` points."""
    target = reference._obj  # noqa: SLF001  # the only way to what byref points to
    target.value = int(value) if isinstance(target, ctypes.c_int | ctypes.c_uint | ctypes.c_long) else float(value)


def put_text(buffer: Any, text: str) -> None:
    """Write text into a buffer of ``create_string_buffer``; like C it would, it must fit."""
    buffer.value = text.encode("ascii")


def put_array(pointer: Any, values: NDArray[Any]) -> None:
    """Copy numbers to where a pointer of the same type points."""
    source = np.ascontiguousarray(values)
    ctypes.memmove(pointer, source.ctypes.data, source.nbytes)
