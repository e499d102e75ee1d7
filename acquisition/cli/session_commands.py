"""The commands of a shared session: starting its server, and what a terminal may ask of it."""

from typing import Annotated, Any

import typer

from acquisition.cli.options import (
    AlarmCommand,
    OutFolder,
    RigName,
    SampleName,
    Seed,
    SequenceName,
    Settings,
    Unattended,
)
from acquisition.cli.telling import telling_errors

Port = Annotated[
    int, typer.Option("--port", metavar="N", min=0, max=65535, help="TCP port on this computer; 0 takes a free one.")
]
ServedRig = Annotated[
    str | None, typer.Option("--rig", metavar="RIG", help="Rig of the server; needed only if there are several.")
]
Force = Annotated[bool, typer.Option("--force", help="Take control from whoever has it.")]


def serve(
    context: typer.Context,
    rig: RigName = "simulated",
    out: OutFolder = "runs",
    port: Port = 0,
    alarm_command: AlarmCommand = None,
    sample: SampleName = None,
    seed: Seed = None,
) -> None:
    """Share the instruments of a rig with other programs of this user, until Ctrl-C or `shutdown`.

    One program is in control, others look on; each may abort. A program that ends changes nothing for the run.
    """
    with telling_errors(context):
        from acquisition.cli.serve import serve_session

        raise typer.Exit(serve_session(rig, out, port, alarm_command, sample, seed))


def status(context: typer.Context, rig: ServedRig = None) -> None:
    """Show what the session server does."""
    with telling_errors(context):
        from acquisition.cli.remote import show_status

        raise typer.Exit(show_status(rig))


def start(
    context: typer.Context,
    sequence: SequenceName,
    settings: Settings = None,
    rig: ServedRig = None,
    force: Force = False,
    unattended: Unattended = False,
) -> None:
    """Start a run of the session server, which goes on when this command has ended; `status` shows it."""
    with telling_errors(context):
        from acquisition.cli.assignments import assignments

        asked = {"sequence": sequence, "overrides": assignments(settings or ()), "attended": not unattended}
        _ask(rig, "start", asked, force=force)


def pause(
    context: typer.Context,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; stands in the journal.")] = None,
    rig: ServedRig = None,
    force: Force = False,
) -> None:
    """Take the light off the sample and hold the run of the session server."""
    with telling_errors(context):
        from acquisition.cli.remote import user

        words = f"asked for by {user()}" + (f": {reason}" if reason else "")
        _ask(rig, "pause", {"reason": words}, force=force)


def resume(context: typer.Context, rig: ServedRig = None, force: Force = False) -> None:
    """Let the paused run of the session server go on."""
    with telling_errors(context):
        _ask(rig, "resume", {}, force=force)


def stop(context: typer.Context, rig: ServedRig = None, force: Force = False) -> None:
    """End the present step of the session server early, keep everything, clean up and analyse."""
    with telling_errors(context):
        _ask(rig, "stop", {}, force=force)


def abort(context: typer.Context, rig: ServedRig = None) -> None:
    """Make the instruments of the session server safe now, whoever is in control; what was recorded is kept."""
    with telling_errors(context):
        _ask(rig, "abort", {})


def note(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to remark.")],
    rig: ServedRig = None,
    force: Force = False,
) -> None:
    """Write a remark into the journal of the run of the session server."""
    with telling_errors(context):
        from acquisition.cli.remote import user

        _ask(rig, "note", {"text": text, "author": user()}, force=force)


def answer(
    context: typer.Context,
    choice: Annotated[str, typer.Argument(metavar="CHOICE", help="One of those that `status` shows.")],
    rig: ServedRig = None,
    force: Force = False,
) -> None:
    """Answer what the run of the session server asks."""
    with telling_errors(context):
        _ask(rig, "answer", {"text": choice}, force=force)


def acknowledge(context: typer.Context, rig: ServedRig = None, force: Force = False) -> None:
    """Say that you have seen to the interlock of the session server that has tripped; runs may start again."""
    with telling_errors(context):
        _ask(rig, "acknowledge_interlock", {}, force=force)


def reconnect(
    context: typer.Context,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="Of the instrument, such as heater.")],
    rig: ServedRig = None,
    force: Force = False,
) -> None:
    """Connect one instrument of the session server anew, safe; pause a run that goes on before."""
    with telling_errors(context):
        _ask(rig, "reconnect", {"role": role}, force=force)


def shutdown(
    context: typer.Context,
    rig: ServedRig = None,
    force: Annotated[bool, typer.Option("--force", help="Although a run goes on, or another is in control.")] = False,
) -> None:
    """End the session server: abort what runs, make the instruments safe, disconnect them."""
    with telling_errors(context):
        from acquisition.cli.remote import end_server

        raise typer.Exit(end_server(rig, force=force))


def _ask(rig: str | None, verb: str, arguments: dict[str, Any], *, force: bool = False) -> None:
    from acquisition.cli.remote import ask

    raise typer.Exit(ask(rig, verb, arguments, force=force))


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to those of the program."""
    for command in (serve, start, status, pause, resume, stop, abort, note, answer, acknowledge, reconnect, shutdown):
        app.command(rich_help_panel="A shared session")(command)
