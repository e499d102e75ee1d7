"""The commands that talk to the session server that `serve` has started: `status`, `pause`, `note` and others."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from acquisition.cli.exit_status import SUCCESS
from acquisition.cli.follow import progress_line
from acquisition.cli.terminal import console, say_simulated
from acquisition.remote import RemoteSession
from acquisition.remote.desk import METHODS
from acquisition.session.access import Access
from acquisition.session.interlocks import TRIPPED
from acquisition.session.run_record import operator


def show_status(rig: str | None) -> int:
    """Print what the session server does; returns the exit status."""
    with _session(rig) as session:
        _show(session, console())
    return SUCCESS


def ask(rig: str | None, verb: str, arguments: dict[str, Any], *, force: bool = False) -> int:
    """Ask one thing of the session server and print what it does then; returns the exit status.

    Parameters
    ----------
    rig : str or None
        Rig of the server; None where there is only one.
    verb : str
        Method of the session.
    arguments : dict
        Of the method.
    force : bool
        Take control from whoever has it.
    """
    with _session(rig) as session:
        if METHODS[verb].access is Access.CONTROL:
            session.take_control(force)
        getattr(session, verb)(**arguments)
        if verb == "reconnect":
            console().print(f"{arguments['role']}: connected again", markup=False)
        _show(session, console())
    return SUCCESS


def end_server(rig: str | None, *, force: bool) -> int:
    """End the session server; returns the exit status."""
    with _session(rig) as session:
        session.take_control(force)
        session.shutdown(force)
        console().print(f"the session server at {session.endpoint.url} ends", markup=False)
    return SUCCESS


def user() -> str:
    """Return who gives the command."""
    return operator({})


def _session(rig: str | None) -> RemoteSession:
    return RemoteSession.find(rig, f"{user()}, terminal (process {os.getpid()})")


def _show(session: RemoteSession, screen: Console) -> None:
    status, control = session.status(), session.control()
    if status["simulated"]:
        say_simulated(screen)
    ended = status["outcome"] is not None
    doing = (
        f"{status['state']}; the last run: {status['outcome']}" if ended else progress_line(status) or status["state"]
    )
    screen.print(doing, markup=False)
    tripped = [f"interlock {each['name']}: {each['message']}" for each in status.get("interlocks", ())]
    if ended and not status["ok"] and status["message"] not in tripped:  # told below
        screen.print(status["message"], markup=False)
    if status["run"] is not None:
        screen.print(f"run folder: {status['run']}", markup=False)
    if status.get("question"):
        question = status["question"]
        screen.print(f"asks: {question['text']} ({' | '.join(question['choices'])})", markup=False)
    if status.get("paused_because"):
        screen.print(f"paused: {status['paused_because']}", markup=False)
    for line in _wrong(status):
        screen.print(line, markup=False)
    if status.get("guardian") == "off":
        screen.print("NO GUARDIAN: nobody makes the instruments safe if the session server dies", style="bold red")
    if control["in_control"] is not None and not control["mine"]:
        screen.print(f"in control: {control['in_control']}", markup=False)


def _wrong(status: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the instruments, and what a person does about it."""
    interlocks = status.get("interlocks", ())
    for interlock in interlocks:
        yield f"interlock {interlock['name']} {interlock['state']}: {interlock['message']}"
    if any(interlock["state"] == TRIPPED for interlock in interlocks):
        yield "nothing is switched on until you have seen to it and said so: `cascadescope acknowledge`"
    for role in status.get("lost", ()):
        yield f"{role}: is not connected any more; `cascadescope reconnect {role}` connects it again"
