"""A pseudo-terminal that looks like a serial port to another program; Linux and macOS only."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

AT_ONCE = 4096


class PtyPort:
    """The far end of a pseudo-terminal, in the running event loop.

    It accepts any baud rate, has no modem lines, and is not among the ports that the system lists.

    Parameters
    ----------
    received : callable
        Called with the bytes that the other program sends.
    link : Path, optional
        Where to put a symbolic link to it, as its own name differs each time; replaced if it is a link.

    Raises
    ------
    OSError
        If there are no pseudo-terminals, as on Windows, or the link cannot be made.
    """

    def __init__(self, received: Callable[[bytes], None], link: Path | None = None) -> None:
        try:
            import pty
            import tty
        except ImportError as error:
            raise OSError("this system has no pseudo-terminals; use the TCP port of the simulator instead") from error
        self._received, self._link = received, link
        self._far, self._near = pty.openpty()
        tty.setraw(self._near)
        os.set_blocking(self._far, False)
        self._name = os.ttyname(self._near)
        try:
            self._make_link()
        except OSError:
            self._close_files()
            raise
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._far, self._read)

    @property
    def name(self) -> str:
        """What the other program opens."""
        return str(self._link or self._name)

    def send(self, data: bytes) -> None:
        """Send bytes; they are lost if nobody reads, as on a serial line."""
        try:
            os.write(self._far, data)
        except BlockingIOError:
            return

    def hang_up(self) -> None:
        """Let the port vanish: the other program sees a disconnected device."""
        self._loop.remove_reader(self._far)
        if self._link is not None and self._link.is_symlink():
            self._link.unlink()
        self._close_files()

    def _make_link(self) -> None:
        if self._link is None:
            return
        if self._link.is_symlink():
            self._link.unlink()
        self._link.symlink_to(self._name)

    def _close_files(self) -> None:
        os.close(self._far)
        os.close(self._near)

    def _read(self) -> None:
        try:
            data = os.read(self._far, AT_ONCE)
        except OSError:  # nobody has it open
            return
        self._received(data)
