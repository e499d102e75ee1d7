"""The command that shares a session: `serve`."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from acquisition.cli.exit_status import INTERRUPTED, SUCCESS
from acquisition.cli.guarded import rerun_under_guardian
from acquisition.cli.queue_actions import FILE_NAME
from acquisition.cli.terminal import complain, console, say_simulated
from acquisition.queue import SessionQueue
from acquisition.remote import Announcement, SessionServer
from acquisition.session import LocalSession, SessionError
from acquisition.session.alarms import Alarms, alarm_settings
from acquisition.session.simulated_sample import check_sample
from acquisition.user_folders import data_folder

POLL_S = 0.3


def serve_session(
    rig: str, out: str, port: int, alarm_command: str | None, sample: str | None = None, seed: int | None = None
) -> int:
    """Share a session with programs of this computer until one ends it or the program is told to end.

    Then the run is aborted, the instruments are made safe and everybody is disconnected. Returns the exit status.
    `sample` and `seed` are those of a simulated rig.
    """
    if (status := rerun_under_guardian(rig)) is not None:
        return status
    if sample is not None or seed is not None:
        sample = check_sample(rig, sample, seed)
    settings, screen = alarm_settings(alarm_command), console()
    ending = threading.Event()
    with (
        Announcement(rig) as announcement,
        LocalSession(rig, str(Path(out).absolute()), seed, sample, report_work=_given_up_when(ending)) as session,
    ):
        devices = session.devices()
        queue = SessionQueue(data_folder() / FILE_NAME, session, rig, str(Path(out).absolute()))
        with SessionServer(session, announcement, port, queue) as server, Alarms(settings, _warn) as alarms:
            _say_where(server, devices, out, screen)
            interrupted = _serve(server, session, alarms, screen)
            ending.set()
            try:
                _end(server, session)
            finally:
                alarms.see(session.status())
    return INTERRUPTED if interrupted else SUCCESS


def _serve(server: SessionServer, session: LocalSession, alarms: Alarms, screen: Console) -> bool:
    """Wait for the end; return whether it came from the keyboard or the system."""
    said = ""
    try:
        while not server.wait(POLL_S):
            status = session.status()
            alarms.see(status)
            if (line := _line(status)) and line != said:
                screen.print(line, markup=False)
                said = line
    except KeyboardInterrupt:
        complain("interrupted; making the instruments safe and storing what was recorded ...")
        return True
    return False


def _end(server: SessionServer, session: LocalSession) -> None:
    try:
        server.close()
    except KeyboardInterrupt:
        complain("emergency stop")
        session.emergency_stop()
        raise


def _line(status: Mapping[str, Any]) -> str:
    """Return what is said of a run, once when it begins and once when it has ended."""
    if status["run"] is None:
        return ""
    if status["outcome"] is None:
        return f"run folder: {status['run']}"
    how = "" if status["ok"] or status["outcome"] == "aborted" else f": {status['message']}"
    return f"{status['outcome']}{how} ({status['run']})"


def _say_where(server: SessionServer, devices: list[dict[str, Any]], out: str, screen: Console) -> None:
    if any(device["simulated"] for device in devices):
        say_simulated(screen)
    screen.print(f"instruments: {', '.join(device['role'] for device in devices)}", markup=False)
    screen.print(
        f"session server: {server.endpoint.url} for this user; runs go to {Path(out).absolute()}", markup=False
    )
    screen.print("`cascadescope status` asks it from another terminal; Ctrl-C makes all safe and ends it", markup=False)


def _given_up_when(ending: threading.Event) -> Callable[[str], None]:
    def report_work(text: str) -> None:
        if ending.is_set():
            raise SessionError(f"given up while {text}: the session server ends")

    return report_work


def _warn(text: str) -> None:
    complain(f"warning: {text}")
