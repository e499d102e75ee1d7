"""What the launcher knows of guardian and session; if both are gone or silent, it makes safe what they leave behind."""

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from acquisition.guardian.aftermath import DEATH_TIMEOUT_S, FAILED, Aftermath, say
from acquisition.guardian.messages import Door, Line
from acquisition.guardian.process import CRASHED
from acquisition.guardian.rescuing import Act, UnknownRescueError, load, rescue_of
from acquisition.guardian.watch import Watch
from drivers.interfaces.rescue import Rescue

POLL_S = 0.1
SESSION_END_S = 60.0
"""Longest wait for the session to end by itself after its guardian was ended from outside."""


class _Partner:
    """Guardian or session, as they answer over their connection."""

    def __init__(self, line: Line) -> None:
        self.line, self.ended_s = line, float("inf")
        self.heard_s = time.monotonic()

    @property
    def ended(self) -> bool:
        return self.ended_s < float("inf")

    def messages(self) -> list[dict[str, Any]]:
        """Return what it has said since."""
        found: list[dict[str, Any]] = []
        try:
            while not self.ended and select.select([self.line], [], [], 0)[0]:
                found += self.line.receive()
        except OSError:
            self.ended_s = time.monotonic()
        return found

    def send(self, message: Mapping[str, Any]) -> None:
        if not self.ended:
            with suppress(OSError):  # its end is found soon enough
                self.line.send(message)


class Launcher:
    """Says to guardian and session that it is there, hears when they end, and steps in when nobody else is left.

    Parameters
    ----------
    door : Door
        Where they connect.
    aftermath : Aftermath
        What it does if both are gone.
    package : str
        Package of the rescues.
    guardian_end_s : float
        Longest silence in s of a guardian whose session has ended.
    """

    def __init__(self, door: Door, aftermath: Aftermath, package: str, guardian_end_s: float) -> None:
        self._door, self._aftermath, self._package = door, aftermath, package
        self._guardian_end_s = guardian_end_s
        self._partners: dict[str, _Partner] = {}
        self._signals: list[str] = []
        self._handed_on = 0
        self._rescues: tuple[Rescue, ...] = ()
        self._acts: dict[str, Act] = {}
        self._pid: int | None = None
        self._session_watch = Watch(time.monotonic())

    def hand_on(self, name: str) -> None:
        """Let the session get a signal; called in the middle of anything."""
        self._signals.append(name)

    def wait_for(self, guardian: "subprocess.Popen[bytes]") -> int:
        """Wait until guardian and session have ended and all is safe; return the exit status for the user."""
        while True:
            try:
                status = guardian.wait(POLL_S)
            except subprocess.TimeoutExpired:
                self._talk()
                silent_s = self._session_silence_s()
                if self._guardian_stands_still(session_is_silent=silent_s is not None):
                    guardian.kill()
                    guardian.wait(DEATH_TIMEOUT_S)
                    return self._make_safe(silent_s)
            else:
                self._talk()
                if status < 0 or (status == CRASHED and (self._rescues or not self._session_has_ended)):
                    return self._go_on_alone()
                return status

    def _guardian_stands_still(self, *, session_is_silent: bool) -> bool:
        """Return whether the guardian is silent for so long that it does nothing for a session that is not there."""
        guardian = self._partners.get("guardian")
        if guardian is None or guardian.ended:  # it has not connected yet, or has hung up and works without us
            return False
        now_s, session = time.monotonic(), self._partners.get("session")
        if session is not None and session.ended:
            if now_s - max(guardian.heard_s, session.ended_s) > self._guardian_end_s:
                say("the guardian stands still although the session has ended, and was ended")
                return True
        elif session_is_silent and now_s - guardian.heard_s > self._session_watch.longest_s:
            say("both the guardian and the session stand still, and are ended")
            return True
        return False

    def _go_on_alone(self) -> int:
        """Wait for the end of a session whose guardian is gone, and do what it leaves to be done."""
        say("the guardian was ended from outside")
        gone_s, told = time.monotonic(), False
        while not self._session_has_ended:
            if (silent_s := self._session_silence_s()) is not None:
                return self._make_safe(silent_s)
            if not told and self._partners["session"].heard_s > gone_s + POLL_S:
                say("the session makes the instruments safe itself and ends")
                told = True
            if time.monotonic() - gone_s > SESSION_END_S:
                say("the session has not ended; look at the instruments")
                return FAILED
            time.sleep(POLL_S)
            self._talk()
        return self._make_safe(None)

    def _make_safe(self, silent_s: float | None) -> int:
        """Make safe what the session has left behind, which is ended first if it lives."""
        gone = threading.Event()
        if not self._session_has_ended and self._pid is not None:
            with suppress(OSError):  # it has just died
                os.kill(self._pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            self._wait_for_death()
        if self._session_has_ended:
            gone.set()
        if not self._rescues:
            return FAILED
        silent = "has died" if silent_s is None else f"said nothing for {silent_s:.1f} s and was ended"
        how = f"{silent}, and no guardian was left"
        return self._aftermath.make_safe(how, self._rescues, self._acts, gone, self._signals)

    def _wait_for_death(self) -> None:
        end_s = time.monotonic() + DEATH_TIMEOUT_S
        while not self._session_has_ended and time.monotonic() < end_s:
            time.sleep(POLL_S / 10)
            self._talk()

    @property
    def _session_has_ended(self) -> bool:
        """Whether the session has hung up; one that has never connected has switched nothing on."""
        session = self._partners.get("session")
        return session is None or session.ended

    def _session_silence_s(self) -> float | None:
        """Return how long the silence of a session is that should speak, in s, if it is too long; else None."""
        session = self._partners.get("session")
        return None if session is None or session.ended else self._session_watch.look(time.monotonic())

    def _talk(self) -> None:
        """Let in who knocks, ask whether they live, and hear what they say."""
        if (found := self._door.let_in()) is not None:
            self._partners.setdefault(found[1], _Partner(found[0]))
        signals = self._signals[self._handed_on :] if "guardian" in self._partners else []
        self._handed_on += len(signals)
        for who, partner in self._partners.items():
            partner.send({"beat": True})
            for name in signals if who == "guardian" else ():
                partner.send({"signal": name})
        for who, partner in self._partners.items():
            for message in partner.messages():
                partner.heard_s = time.monotonic()
                self._take(who, message)

    def _take(self, who: str, message: Mapping[str, Any]) -> None:
        if who != "session":
            return
        self._session_watch.hear(time.monotonic(), armed=bool(message.get("armed", self._session_watch.armed)))
        if "pid" in message:
            self._pid = int(message["pid"])
        if "run" in message:
            self._aftermath.run = str(message["run"])
        if "rescues" in message:
            with suppress(UnknownRescueError):  # the guardian refuses it, so that nothing goes on
                rescues = tuple(rescue_of(each) for each in message["rescues"])
                self._acts |= load(rescues, self._package)
                self._rescues = rescues

    def close(self) -> None:
        """Hang up."""
        self._door.close()
        for partner in self._partners.values():
            partner.line.close()
