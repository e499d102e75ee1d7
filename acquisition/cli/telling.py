"""How a command that fails says so: one readable message, and a traceback only where it was asked for."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from acquisition.cli.exit_status import FAILED, INTERRUPTED


@contextmanager
def telling_errors(context: typer.Context) -> Iterator[None]:
    """End the command with one readable message if it fails; heavy modules are loaded in here, too."""
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt as error:
        print("cascadescope: interrupted", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from error
    except Exception as error:
        if context.obj.debug:
            traceback.print_exc()
        print(f"cascadescope: {message_of(error)}", file=sys.stderr)
        raise typer.Exit(FAILED) from error


def message_of(error: Exception) -> str:
    """Return one readable message; an error that nobody thought of names its kind and how to see more."""
    package = type(error).__module__.split(".")[0]
    if package in ("acquisition", "drivers", "simulators") or isinstance(error, OSError):
        return str(error)
    return f"internal error: {error!r}. This should not happen; `cascadescope --debug ...` shows where"
