"""Alarms: what an operator who is elsewhere wants to hear of a run, as a desktop notice and by a command of theirs.

Each is delivered by a program of its own, so that one that fails or hangs cannot harm the run.
"""

import logging
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from pydantic import Field

from acquisition.config import ConfigModel, Seconds, load_config
from acquisition.session import desktop_notice
from acquisition.session.base import SessionError
from acquisition.user_folders import settings_folder
from drivers.interfaces.closing import Closing

FILE = "alarms.yaml"
MAX_AT_ONCE = 8
"""How many deliveries may go on; a run that trips again and again does not fill the computer with them."""

_LOG = logging.getLogger(__name__)
_PLACE = re.compile(r"\{(event|run|message)\}")


class Event(StrEnum):
    """What an alarm is about."""

    FAILED = "failed"
    """The run failed, or what it recorded could not be stored or analysed."""
    TRIPPED = "tripped"
    """An interlock has tripped, the run was suspended by what it watches, or instruments could not be made safe."""
    WAITING = "waiting"
    """The run asks a person something."""
    ABORTED = "aborted"
    """The run was aborted, by a person or by what it watches."""
    FINISHED = "finished"
    """The run was completed, or stopped, and all is well."""
    QUEUE_FINISHED = "queue_finished"
    """Nothing is left in the queue."""
    QUEUE_HELD = "queue_held"
    """The queue runs nothing more until a person has seen to it."""


class AlarmSettings(ConfigModel):
    """Content of ``alarms.yaml``.

    Attributes
    ----------
    command : tuple of str
        A program and its arguments, run without a shell. ``{event}``, ``{run}`` and ``{message}`` are replaced; if none
        of them is there, the three are added at the end. Empty: no command.
    timeout_s : float
        Longest that a delivery may take, in s; it is ended then.
    desktop : bool
        Whether to show a notice on the desktop.
    events : tuple of Event
        What is told.
    """

    command: tuple[str, ...] = ()
    timeout_s: Seconds = Field(default=30.0, gt=0, le=600)
    desktop: bool = True
    events: tuple[Event, ...] = tuple(Event)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to tell."""

    event: Event
    run: str
    message: str


def alarm_settings(command: str | None = None) -> AlarmSettings:
    """Return what the user's ``alarms.yaml`` says, or the usual settings where there is none.

    Parameters
    ----------
    command : str, optional
        A command line that is used instead of the command of the file.

    Raises
    ------
    ConfigError
        If the file is wrong.
    SessionError
        If the command line cannot be read.
    """
    file = settings_folder() / FILE
    settings = load_config(file, AlarmSettings) if file.is_file() else AlarmSettings()
    return settings if command is None else settings.model_copy(update={"command": _words(command)})


def _words(command: str) -> tuple[str, ...]:
    try:
        words = shlex.split(command, posix=os.name != "nt")
    except ValueError as error:
        raise SessionError(f"the alarm command {command!r} cannot be read: {error}") from error
    if not words:
        raise SessionError("the alarm command is empty; give a program and its arguments, or leave it out")
    return tuple(word.strip('"') if os.name == "nt" else word for word in words)


def alarm_of(status: Mapping[str, Any]) -> Alarm | None:
    """Return what there is to tell about the present state of a session; None if nothing.

    Parameters
    ----------
    status : mapping
        As `Session.status` returns it.
    """
    run, message = str(status["run"] or ""), str(status["message"])
    because, question = str(status.get("paused_because") or ""), status.get("question")
    if status["state"] == "broken":
        return Alarm(Event.TRIPPED, run, message)
    if tripped := [each for each in status.get("interlocks") or () if each["state"] == "tripped"]:
        words = "; ".join(f"interlock {each['name']} has tripped: {each['message']}" for each in tripped)
        return Alarm(Event.TRIPPED, run, words)
    if status["outcome"] == "aborted":
        return Alarm(Event.ABORTED, run, "the run was aborted")
    if status["outcome"] is not None:
        return Alarm(Event.FINISHED, run, f"the run was {status['outcome']}") if status["ok"] else Alarm(
            Event.FAILED, run, message
        )  # fmt: skip
    if question:
        return Alarm(Event.WAITING, run, str(question["text"]))
    if status["state"] == "paused" and status.get("suspended"):
        return Alarm(Event.TRIPPED, run, f"suspended: {because}")
    return None


class Alarms(Closing):
    """Tells what is new in a session, as often as it is shown its status; starts no threads and waits for nothing.

    Parameters
    ----------
    settings : AlarmSettings
        What is told, and how.
    tell : callable
        Is told in words what could not be delivered; that there is no desktop stands in the log only.
    """

    def __init__(self, settings: AlarmSettings, tell: Callable[[str], None]) -> None:
        self._settings, self._tell = settings, tell
        self._last: Alarm | None = None
        self._said = ""
        self._deliveries: list[_Delivery] = []

    def see(self, status: Mapping[str, Any]) -> None:
        """Look at the status of a session, tell what is new, and see what became of the deliveries before.

        Never raises: what goes wrong here is no reason to end a run.
        """
        try:
            self._look(status)
        except Exception as error:
            if (said := repr(error)) != self._said:
                self._tell(f"an alarm could not be told: {said}")
                self._said = said

    def tell(self, alarm: Alarm) -> None:
        """Tell what no status says, unless it was told last. Never raises."""
        try:
            self._tell_new(alarm)
        except Exception as error:
            self._tell(f"an alarm could not be told: {error!r}")

    def _look(self, status: Mapping[str, Any]) -> None:
        self._tell_new(alarm_of(status))

    def _tell_new(self, alarm: Alarm | None) -> None:
        if alarm is not None and alarm != self._last and alarm.event in self._settings.events:
            self._deliver(alarm)
        self._last = alarm
        self._deliveries = [delivery for delivery in self._deliveries if not delivery.ended()]

    def close(self) -> None:
        """Wait for what is being delivered, each for as long as it may take; no effect if closed."""
        for delivery in self._deliveries:
            delivery.wait()
            delivery.ended()
        self._deliveries = []

    def _deliver(self, alarm: Alarm) -> None:
        settings = self._settings
        if settings.command:
            self._start("the alarm command", alarm, _filled_in(settings.command, alarm), self._tell)
        if settings.desktop:
            self._start("the desktop notice", alarm, _desktop_command(alarm), _LOG.info)

    def _start(self, what: str, alarm: Alarm, command: Sequence[str], tell: Callable[[str], None]) -> None:
        if len(self._deliveries) >= MAX_AT_ONCE:
            tell(f"{what} ({alarm.event}) is left out: {MAX_AT_ONCE} alarms are still being delivered")
            return
        try:
            self._deliveries.append(_Delivery(f"{what} ({alarm.event})", command, self._settings.timeout_s, tell))
        except (OSError, ValueError) as error:
            tell(f"{what} ({alarm.event}) cannot be started: {error}")


class _Delivery:
    """A program that delivers an alarm."""

    def __init__(self, what: str, command: Sequence[str], timeout_s: float, tell: Callable[[str], None]) -> None:
        self._what, self._timeout_s, self._tell = what, timeout_s, tell
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115, closed when the program has ended
        self._end = time.monotonic() + timeout_s
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,  # Ctrl-C is meant for the run
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except BaseException:
            self._errors.close()
            raise

    def wait(self) -> None:
        """Wait until the program has ended, or its time is over."""
        try:
            self._process.wait(max(0.0, self._end - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._end = time.monotonic()

    def ended(self) -> bool:
        """Return whether the program has ended, or end it if its time is over; what went wrong is told."""
        status = self._process.poll()
        if status is None:
            if time.monotonic() < self._end:
                return False
            self._process.kill()
            self._process.wait()
        with self._errors as errors:
            errors.seek(0)
            said = errors.read(2000).decode(errors="replace").strip()
        if status is None:
            self._tell(f"{self._what} was ended after {self._timeout_s:g} s")
        elif status:
            self._tell(f"{self._what} failed with exit status {status}{': ' + said if said else ''}")
        return True


def _filled_in(command: Sequence[str], alarm: Alarm) -> list[str]:
    values = {"event": str(alarm.event), "run": alarm.run, "message": alarm.message}
    words = [_PLACE.sub(lambda place: values[place[1]], word) for word in command]
    named = any(_PLACE.search(word) for word in command)
    return words if named else [*words, *values.values()]


def _desktop_command(alarm: Alarm) -> list[str]:
    title = f"cascadescope: {alarm.event}"
    message = f"{alarm.message}\n{Path(alarm.run).name}" if alarm.run else alarm.message
    return [sys.executable, "-P", desktop_notice.__file__, title, message]
