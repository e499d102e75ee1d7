"""Where messages go, and what the terminal can show."""

import os
import sys

from rich.console import Console

SIMULATED = "SIMULATED DATA: no instrument was involved, and no nanocrystal"

PIPE_WIDTH = 120
"""Columns where the output is no terminal and the variable ``COLUMNS`` says nothing else."""


def console() -> Console:
    """Return a console on standard output; long paths and table rows are never cut."""
    found = Console(highlight=False, soft_wrap=True)
    known = found.is_terminal or os.environ.get("COLUMNS", "").isdecimal()
    return found if known else Console(highlight=False, soft_wrap=True, width=PIPE_WIDTH)


def say_simulated(screen: Console) -> None:
    """Say that what is shown is simulated; every screen with simulated data does."""
    screen.print(SIMULATED, style="bold yellow")


def plus_minus() -> str:
    """Return the sign between value and error that the output can show."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "±".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return "+-"
    return "±"


def complain(message: str) -> None:
    """Write a message to standard error."""
    print(f"cascadescope: {message}", file=sys.stderr, flush=True)
