"""Output that may get lost: a closed pipe or terminal ends no command, least of all one that runs instruments."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast


class _Screen:
    """A text stream that goes on silently once nobody reads it any more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text, to nowhere if the stream is lost."""
        try:
            return self._stream.write(text)
        except OSError:
            self._lose()
            return len(text)

    def flush(self) -> None:
        """Bring to the screen what was written."""
        try:
            self._stream.flush()
        except OSError:
            self._lose()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _lose(self) -> None:
        """Let what is still buffered go nowhere, so that the end of the program does not stumble over it either."""
        with suppress(OSError):  # a stream without descriptor
            nowhere = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(nowhere, self._stream.fileno())
            finally:
                os.close(nowhere)


@contextmanager
def lasting_screen() -> Iterator[None]:
    """Make standard output and standard error survive the loss of pipe or terminal; flushes them at the end."""
    before = sys.stdout, sys.stderr
    screens = [None if stream is None else _Screen(stream) for stream in before]
    sys.stdout, sys.stderr = cast("list[TextIO]", screens)
    try:
        yield
    finally:
        for screen in screens:
            if screen is not None:
                screen.flush()
        sys.stdout, sys.stderr = before
