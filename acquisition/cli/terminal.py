"""Where messages go, and what the terminal can show."""

import sys

from rich.console import Console


def console() -> Console:
    """Return a console on standard output; long paths and table rows are never cut."""
    found = Console(highlight=False, soft_wrap=True)
    return found if found.is_terminal else Console(highlight=False, soft_wrap=True, width=max(found.width, 120))


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
