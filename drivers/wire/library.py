"""Loading a vendor's library and telling ctypes its functions; with the standard library only."""

import ctypes
import os
import sys
from collections.abc import Mapping
from ctypes import c_uint
from pathlib import Path
from typing import Any

SIMULATED = "simulated"
"""What stands in a rig file in place of a library when a double of it is used."""


def program_folders(*names: str) -> list[Path]:
    """Return where programs of these names are installed on Windows."""
    roots = dict.fromkeys(os.environ.get(name, "") for name in ("ProgramFiles", "ProgramW6432"))
    return [Path(root) / name for root in roots if root for name in names]


def load_first(names: list[str]) -> Any:
    """Return the first library that can be loaded. Raises `OSError` with each reason, or `ValueError`."""
    reasons = []
    for name in names:
        if name == SIMULATED:
            raise ValueError("a double of the SDK is no library that can be loaded")
        try:
            return _loaded(name)
        except OSError as error:
            reasons.append(f"{name}: {error}")
    raise OSError("; ".join(reasons))


def _loaded(name: str) -> Any:
    if sys.platform == "win32":
        return ctypes.WinDLL(name)
    return ctypes.CDLL(name)


def declared(library: Any, functions: Mapping[str, tuple[Any, ...]]) -> Any:
    """Tell ctypes the parameters of those functions that the library has, and return it."""
    for name, parameters in functions.items():
        function = getattr(library, name, None)
        if function is not None:
            function.argtypes, function.restype = list(parameters), c_uint
    return library
