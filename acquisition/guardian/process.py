"""The guardian: starts the session, watches it, and if it dies or hangs ends it and makes the instruments safe.

It imports the standard library and `drivers.rescue` only, so that little can go wrong with it.
"""

import argparse
import os
import select
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from acquisition.guardian.aftermath import Aftermath, how_it_ended, say, wait_for_death
from acquisition.guardian.messages import (
    GUARDIAN_VARIABLE,
    LAUNCHER_VARIABLE,
    Address,
    Door,
    Line,
    connect,
)
from acquisition.guardian.rescuing import PERSIST_S, RESCUES, Act, UnknownRescueError, load, rescue_of
from acquisition.guardian.signals import hand_on_signals
from acquisition.guardian.watch import Watch
from drivers.interfaces.rescue import Rescue

POLL_S = 0.1
CRASHED = 125
"""Exit status of a guardian that could not go on; the launcher then does what is left to be done."""
LAUNCHER_SILENCE_S = 5.0
"""Longest silence of the launcher while a source may be on; then nobody at the terminal can end the session."""


class Guardian:
    """Watches one session.

    Parameters
    ----------
    command : sequence of str
        Program and arguments of the session.
    group : int
        Process group for the session; 0 where there are none.
    rescues : str
        Package of the rescues.
    aftermath : Aftermath
        What it does once the session is dead.
    launcher : Line or None
        Connection to the launcher.
    environment : mapping
        Of the session, beside how it finds its guardian.
    signals : list of str
        Signals that came for the session; more may come at any time.
    """

    def __init__(
        self,
        command: Sequence[str],
        group: int,
        rescues: str,
        aftermath: Aftermath,
        launcher: Line | None,
        environment: Mapping[str, str],
        signals: list[str],
    ) -> None:
        self._door, self._launcher, self._package = Door(), launcher, rescues
        self._aftermath = aftermath
        self._signals = signals
        self._rescues: tuple[Rescue, ...] = ()
        self._acts: dict[str, Act] = {}
        self._line: Line | None = None
        self._watch = Watch(time.monotonic())
        self._launcher_watch = Watch(time.monotonic(), LAUNCHER_SILENCE_S)
        self._lost = False
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._door, selectors.EVENT_READ)
        if launcher is not None:
            self._selector.register(launcher, selectors.EVENT_READ)
        own = {} if os.name == "nt" else {"process_group": group}
        found = {GUARDIAN_VARIABLE: self._door.address.text}
        self._session = subprocess.Popen(command, env={**environment, **found}, **own)  # type: ignore[call-overload]

    def guard(self) -> int:
        """Watch until the session has ended and all is safe; return the exit status for the user."""
        while self._session.poll() is None:
            for key, _ in self._selector.select(POLL_S):
                self._answer(key.fileobj)
            self._hand_on_all()
            self._beat_back()
            self._look_after_launcher()
            silent_s = self._watch.look(time.monotonic())
            if self._rescues and (self._lost or silent_s is not None):
                return self._end_session(silent_s)
        self._hear_the_rest()
        if self._rescues:
            self._answer_launcher_from_now()
            return self._make_safe(how_it_ended(self._session.returncode), wait_for_death(self._session))
        status: int = self._session.returncode
        return status if status >= 0 else 128 - status

    def _hand_on_all(self) -> None:
        """Let the session deal with the signals that were meant for it; Ctrl-C waits until it listens."""
        signals, later = self._signals[:], [] if self._line else ["SIGINT"]
        for name in signals:
            if name not in later:
                self._signals.remove(name)
                self._hand_on(name)

    def _hand_on(self, signal_name: str, why: str = "") -> None:
        if self._line is None:  # it does not listen yet, so that nothing is on
            self._session.terminate()
            return
        with suppress(OSError):  # its death is found soon enough
            self._line.send({"signal": signal_name, "why": why})

    def _answer(self, source: Any) -> None:
        if source is self._door:
            self._let_in()
        elif source is self._launcher:
            self._hear_launcher()
        elif source is self._line:
            self._hear_session()

    def _let_in(self) -> None:
        found = self._door.let_in()
        if found is None:
            return
        line, _ = found
        if self._line is not None:
            line.close()
            return
        self._line = line
        self._watch.hear(time.monotonic(), armed=False)
        self._selector.register(line, selectors.EVENT_READ)

    def _hear_session(self) -> bool:
        """Take what the session has said; return whether there was something."""
        heard = False
        if self._line is None or self._lost:
            return heard
        try:
            for message in self._line.receive():
                heard = True
                self._take(self._line, message)
        except OSError:
            self._lost = True
            self._selector.unregister(self._line)
            self._line.close()
        return heard

    def _take(self, line: Line, message: Mapping[str, Any]) -> None:
        if "beat" in message:
            self._watch.hear(time.monotonic(), armed=bool(message.get("armed", True)))
        if "run" in message:
            self._aftermath.run = str(message["run"])
        if "rescues" in message:
            try:
                rescues = tuple(rescue_of(each) for each in message["rescues"])
                self._acts |= load(rescues, self._package)
                self._rescues = rescues
                answer: dict[str, Any] = {"ready": message.get("number")}
            except UnknownRescueError as error:
                answer = {"refused": message.get("number"), "why": str(error)}
            line.send(answer)

    def _hear_the_rest(self) -> None:
        """Take note of what a session has said that has ended."""
        self._let_in()
        while self._hear_session():
            pass

    def _beat_back(self) -> None:
        """Let the session know that it is watched."""
        if self._line is not None and not self._lost:
            with suppress(OSError):  # heard of when it is read
                self._line.send({"beat": True})

    def _hear_launcher(self) -> None:
        if self._launcher is None:
            return
        try:
            for message in self._launcher.receive():
                self._launcher_watch.hear(time.monotonic(), armed=True)
                if "beat" in message:
                    self._launcher.send({"beat": True})
                if "signal" in message:
                    self._signals.append(str(message["signal"]))
        except OSError:
            self._lose_launcher("the program that was started at the terminal has died")

    def _look_after_launcher(self) -> None:
        """Let the session end in good order if nobody could end it from the terminal any more."""
        if self._launcher is None:
            return
        silent_s = self._launcher_watch.look(time.monotonic())
        if silent_s is not None and self._rescues and self._watch.armed:
            self._lose_launcher(f"the program that was started at the terminal has stopped for {silent_s:.0f} s")

    def _lose_launcher(self, why: str) -> None:
        if self._launcher is not None:
            self._selector.unregister(self._launcher)
            self._launcher.close()
            self._launcher = None
            self._hand_on("SIGTERM", why)

    def _end_session(self, silent_s: float | None) -> int:
        """Kill the session and make safe what it leaves behind."""
        silent = "" if silent_s is None else f"said nothing for {silent_s:.1f} s"
        self._answer_launcher_from_now()
        self._session.kill()
        gone = wait_for_death(self._session)
        died = how_it_ended(self._session.returncode) if self._session.returncode is not None else ""
        return self._make_safe(f"{silent} and was ended" if silent else died or "hung up", gone)

    def _make_safe(self, how: str, gone: threading.Event) -> int:
        return self._aftermath.make_safe(how, self._rescues, self._acts, gone, self._signals)

    def _answer_launcher_from_now(self) -> None:
        """Let the launcher hear, while this thread waits for others, that the instruments are seen to."""
        threading.Thread(target=self._answer_launcher, name="launcher", daemon=True).start()

    def _answer_launcher(self) -> None:
        while self._launcher is not None:
            if select.select([self._launcher], [], [], POLL_S)[0]:
                self._hear_launcher()


def main(arguments: Sequence[str]) -> int:
    """Guard a session and return the exit status for the user: 1 if it died or hung, else that of the session."""
    parser = argparse.ArgumentParser(prog="python -m acquisition.guardian", description=__doc__)
    parser.add_argument("--group", type=int, required=True, help="process group of the session, 0 for none")
    parser.add_argument("--log", type=Path, required=True, help="file for what happened")
    parser.add_argument("--rescues", default=RESCUES, help="package of the rescues")
    parser.add_argument("--persist", type=float, default=PERSIST_S, help="time in s after which nothing is tried again")
    parser.add_argument("command", nargs="+", help="the session")
    said = parser.parse_args(arguments)
    environment = dict(os.environ)  # the session finds the launcher, too
    address = Address.taken_from_environment(LAUNCHER_VARIABLE)
    launcher = None if address is None else connect(address, "guardian")
    signals: list[str] = []
    hand_on_signals(signals.append)
    try:
        aftermath = Aftermath(said.log, persist_s=said.persist)
        guardian = Guardian(said.command, said.group, said.rescues, aftermath, launcher, environment, signals)
    except OSError as error:
        print(f"cascadescope: the session cannot be started: {error}", file=sys.stderr, flush=True)
        return 1
    try:
        return guardian.guard()
    except Exception as error:  # whatever it is, the session and the launcher must hear that nobody watches
        say(f"the guardian cannot go on: {error!r}")
        return CRASHED
