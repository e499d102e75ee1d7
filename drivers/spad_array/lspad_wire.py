"""The wire of a SPAD Lambda: the one TCP connection to lSPAD, for commands, text replies and the byte stream."""

import contextlib
import socket
import threading
import time
from pathlib import Path
from typing import BinaryIO

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError
from drivers.spad_array.lspad_replies import GREETING, STATUS, Answer, find_answer, is_text, leading_text, shown
from drivers.wire.said import in_words

LOCK_S = 0.2
"""Longest wait for the lock of sending, and for the bytes of a command to be taken."""

GREETING_S = 2.0
"""Longest wait for the text that lSPAD sends first: who says nothing for so long is another instrument, or hangs."""

LARGEST_REPLY = 65_536
PIECE = 1 << 20
RECEIVE_BUFFER = 4 << 20

RECONNECT = "see that lSPAD runs, then reconnect"


class LspadWire:
    """One connection to lSPAD. One thread reads at a time; any thread may send.

    Parameters
    ----------
    device : str
        Name of the instrument, for messages.
    host, port : str and int
        Where lSPAD listens.
    timeout_s : float
        Longest wait for the connection.
    quiet_s : float
        A reply has ended when nothing follows for this long: lSPAD marks no end.

    Raises
    ------
    CommunicationError
        If nothing listens there.
    """

    def __init__(self, device: str, host: str, port: int, timeout_s: float, quiet_s: float) -> None:
        self._device, self._quiet_s, self._sending = device, quiet_s, threading.Lock()
        self._where = f"{host}:{port}"
        try:
            self._socket = socket.create_connection((host, port), timeout=timeout_s)
        except (OSError, UnicodeError) as error:
            raise CommunicationError(
                device,
                f"lSPAD does not answer at {host}:{port} ({in_words(error)}); start lSPAD and wait until its command "
                "server is up (up to 45 s), or correct the address in the rig file",
            ) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        # another timeout for sending; both are of the same connection
        self._out = self._socket.dup()
        self._out.settimeout(LOCK_S)
        self._owed = 0
        self._record: BinaryIO | None = None
        self.recording_failed = False

    def close(self) -> None:
        """Hang up; whoever waits in `receive` gets an error. No effect if closed."""
        self.stop_recording()
        with contextlib.suppress(OSError):  # the other end was faster, or it is closed
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._out.close()

    def send(self, *commands: str) -> None:
        """Send commands at once, also while another thread reads.

        Raises
        ------
        CommunicationError
            If they are not taken in time, or the connection is lost.
        """
        if not self._sending.acquire(timeout=LOCK_S):
            raise DeviceTimeoutError(self._device, f"lSPAD takes no commands; {RECONNECT}")
        try:
            self._out.sendall("".join(f"{command}\n" for command in commands).encode("ascii"))
        except OSError as error:
            raise CommunicationError(
                self._device, f"the connection to lSPAD is lost ({error or 'timeout'}); {RECONNECT}"
            ) from error
        finally:
            self._sending.release()

    def receive(self, timeout_s: float) -> bytes:
        """Return what has come, at most 1 MB; empty if nothing came in time.

        Raises
        ------
        CommunicationError
            If the connection is lost.
        """
        try:
            self._socket.settimeout(max(timeout_s, 1e-3))
            data = self._socket.recv(PIECE)
        except TimeoutError:
            return b""
        except OSError as error:
            raise CommunicationError(self._device, f"the connection to lSPAD is lost ({error}); {RECONNECT}") from error
        if not data:
            raise CommunicationError(self._device, f"lSPAD has closed the connection; {RECONNECT}")
        self._keep(data)
        return data

    def question(self, *commands: str) -> None:
        """Send commands, then ask for the status (R): its reply, which looks like no other, ends theirs."""
        self._owed += 1
        self.send(*commands, STATUS)

    def answer(self, timeout_s: float) -> Answer:
        """Return the replies to the last `question`.

        Raises
        ------
        CommunicationError
            If what comes is no text, or the connection is lost.
        DeviceTimeoutError
            If there is no status in time; it may come later, so the connection must not be used any more.
        """
        data, deadline = b"", time.monotonic() + timeout_s
        while True:
            left_s = deadline - time.monotonic()
            more = self.receive(max(0.0, min(left_s, self._quiet_s)))
            data += more
            if len(data) > LARGEST_REPLY or not is_text(data):
                raise CommunicationError(
                    self._device,
                    f"lSPAD answers {shown(repr(data[:20]))} and more, which is no text: an acquisition is still "
                    "running, perhaps of another program; end it in lSPAD, then reconnect",
                )
            text = data.decode("ascii")
            found = find_answer(text, self._owed) if not more or text.endswith("\n") else None
            if found is not None:
                self._owed = 0
                return found
            if left_s <= 0:
                said = f"; it says {shown(text)}" if text else ""
                raise DeviceTimeoutError(
                    self._device, f"lSPAD does not tell its status (R) in {timeout_s:g} s{said}; {RECONNECT}"
                )

    def greet(self, timeout_s: float) -> str:
        """Return the text that lSPAD sends first; the bytes of a running stream may follow it.

        Raises
        ------
        CommunicationError
            If nothing comes in time, or something else than lSPAD answers.
        """
        data = self.receive(timeout_s)
        if not data:
            raise DeviceTimeoutError(
                self._device,
                f"what listens at {self._where} takes the connection and says nothing for {timeout_s:g} s: restart "
                "lSPAD, or correct the address in the rig file if another instrument listens there",
            )
        while len(data) < LARGEST_REPLY and (more := self.receive(self._quiet_s)):
            data += more
        text = leading_text(data)
        if GREETING not in text:
            said = f"says {shown(text)}" if text else "says nothing that can be read"
            raise CommunicationError(
                self._device,
                f"what answers at {self._where} {said}, where {GREETING!r} was expected; correct the address in the "
                "rig file",
            )
        return text

    def read_until(self, words: tuple[str, ...], after: str, timeout_s: float) -> str:
        """Return the text that comes until one of `words` stands in it; otherwise as `answer`."""
        data, deadline = b"", time.monotonic() + timeout_s
        while not any(word.encode("ascii") in data for word in words):
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise DeviceTimeoutError(self._device, f"{after} has not ended in {timeout_s:g} s; {RECONNECT}")
            data += self.receive(min(left_s, 1.0))
            if len(data) > LARGEST_REPLY or not is_text(data):
                raise CommunicationError(self._device, f"lSPAD answers no text to {after}; {RECONNECT}")
        return data.decode("ascii").strip()

    def drain(self, longest_s: float) -> int:
        """Read until nothing comes for a while; return how many bytes came. No `answer` may be owed.

        Raises
        ------
        CommunicationError
            If bytes still come after `longest_s`, or the connection is lost.
        """
        total, deadline = 0, time.monotonic() + longest_s
        while data := self.receive(self._quiet_s):
            total += len(data)
            if time.monotonic() > deadline:
                raise DeviceTimeoutError(
                    self._device,
                    f"lSPAD still sends data {longest_s:g} s after STOP ({total} bytes so far); wait until it has sent "
                    "all of an earlier acquisition, or start lSPAD again, then reconnect",
                )
        return total

    def start_recording(self, path: Path) -> None:
        """Write all bytes that come into a new file. Raises `OSError` if it cannot be made."""
        self.stop_recording()
        self._record = path.open("xb")
        self.recording_failed = False

    def stop_recording(self) -> None:
        """End the file; no effect if there is none."""
        record, self._record = self._record, None
        if record is not None:
            try:
                record.close()
            except OSError:
                self.recording_failed = True

    def _keep(self, data: bytes) -> None:
        """Write bytes into the file; photons do not stop because a disk is full."""
        record = self._record
        if record is None:
            return
        try:
            record.write(data)
        except (OSError, ValueError):
            self.recording_failed = True
            self.stop_recording()
