"""The commands of `cascadescope queue`: what is to be run, in which order, and carrying it out."""

from typing import Annotated

import typer

from acquisition.cli.options import AlarmCommand, OutFolder, RigName, SequenceName
from acquisition.cli.telling import telling_errors

app = typer.Typer(help="Runs that are done one after the other, also over night.", no_args_is_help=True)

QueueFile = Annotated[
    str | None,
    typer.Option("--queue", metavar="FILE", help="File of the queue. [default: the user's own]"),
]
EntryId = Annotated[int, typer.Argument(metavar="ID", help="Number of the entry, as `queue list` shows it.")]
AnyId = Annotated[
    int | None, typer.Argument(metavar="[ID]", help="Number of the entry; without it, the whole queue is meant.")
]
Policy = Annotated[
    str | None,
    typer.Option("--policy", metavar="P", help="After a failed run: continue, stop_queue or retry_once."),
]
Interrupt = Annotated[
    str | None,
    typer.Option(
        "--on-interrupt",
        metavar="P",
        help="After a killed run: ask, resume, repeat or skip. What asks, or cannot be resumed, keeps the entries "
        "behind it waiting, unless --policy is continue. [default for new entries: ask]",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KIND.KEY=VALUE", help="Replace a setting in every step of a kind; may be repeated."),
]
Metadata = Annotated[
    list[str] | None,
    typer.Option("--metadata", metavar="KEY=VALUE", help="Set a value of the metadata; may be repeated."),
]
Follow = Annotated[
    bool | None,
    typer.Option("--follow/--keep", help="Read the file anew when the run starts, or keep it as it was when added."),
]


@app.command()
def add(
    context: typer.Context,
    sequence: SequenceName,
    rig: RigName = "simulated",
    policy: Policy = None,
    on_interrupt: Interrupt = None,
    settings: Settings = None,
    metadata: Metadata = None,
    follow: Follow = None,
    out: OutFolder = "runs",
    queue: QueueFile = None,
) -> None:
    """Add a sequence at the end of the queue."""
    with telling_errors(context):
        from acquisition.cli.queue_actions import Choices, add_entry

        choices = Choices(rig, out, policy, on_interrupt, follow, tuple(settings or ()), tuple(metadata or ()))
        raise typer.Exit(add_entry(queue, sequence, choices))


@app.command("list")
def show(context: typer.Context, queue: QueueFile = None) -> None:
    """Show what is in the queue, and when it is expected to start and to end (~)."""
    with telling_errors(context):
        from acquisition.cli.queue_actions import list_entries

        raise typer.Exit(list_entries(queue))


@app.command()
def edit(
    context: typer.Context,
    entry: EntryId,
    sequence: Annotated[
        str | None,
        typer.Option("--sequence", metavar="SEQUENCE", help="Another sequence, or the same file as it is now."),
    ] = None,
    rig: Annotated[str | None, typer.Option("--rig", metavar="RIG", help="Another rig.")] = None,
    policy: Policy = None,
    on_interrupt: Interrupt = None,
    settings: Settings = None,
    metadata: Metadata = None,
    follow: Follow = None,
    out: Annotated[str | None, typer.Option("--out", metavar="DIR", help="Another folder of the runs.")] = None,
    queue: QueueFile = None,
) -> None:
    """Change an entry that waits; of one that was interrupted, what is to be done with it.

    A setting or metadata without a value (KEY=) is no longer replaced.
    """
    with telling_errors(context):
        from acquisition.cli.queue_actions import Choices, edit_entry

        choices = Choices(rig, out, policy, on_interrupt, follow, tuple(settings or ()), tuple(metadata or ()))
        raise typer.Exit(edit_entry(queue, entry, sequence, choices))


@app.command()
def move(
    context: typer.Context,
    entry: EntryId,
    position: Annotated[int, typer.Argument(metavar="POSITION", help="Place among those that wait, from 1.")],
    queue: QueueFile = None,
) -> None:
    """Move an entry that waits."""
    with telling_errors(context):
        from acquisition.cli.queue_actions import list_entries, open_queue

        open_queue(queue).move(entry, position)
        raise typer.Exit(list_entries(queue))


@app.command()
def repeat(context: typer.Context, entry: EntryId, queue: QueueFile = None) -> None:
    """Add what an entry asks for once more."""
    with telling_errors(context):
        from acquisition.cli.queue_actions import open_queue, say

        say(f"added as entry {open_queue(queue).repeat(entry).id}")


@app.command()
def remove(context: typer.Context, entry: EntryId, queue: QueueFile = None) -> None:
    """Take an entry out of the queue; its run folder stays."""
    with telling_errors(context):
        from acquisition.cli.queue_actions import open_queue, say

        open_queue(queue).remove(entry)
        say(f"entry {entry} is removed")


@app.command()
def hold(context: typer.Context, entry: AnyId = None, queue: QueueFile = None) -> None:
    """Pass an entry over, or start nothing more; what runs goes on."""
    with telling_errors(context):
        from acquisition.cli.queue_actions import open_queue, say

        open_queue(queue).hold(entry)
        say("the queue is held" if entry is None else f"entry {entry} is held")


@app.command()
def release(context: typer.Context, entry: AnyId = None, queue: QueueFile = None) -> None:
    """Let an entry, or the whole queue, go on."""
    with telling_errors(context):
        from acquisition.cli.queue_actions import open_queue, say

        open_queue(queue).release(entry)
        say("the queue is released" if entry is None else f"entry {entry} is released")


@app.command()
def clear(context: typer.Context, queue: QueueFile = None) -> None:
    """Take what has ended out of the queue; the run folders stay."""
    with telling_errors(context):
        from acquisition.cli.queue_actions import open_queue, say

        say(f"{open_queue(queue).clear_finished()} finished entries are removed")


@app.command()
def run(
    context: typer.Context,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for more entries when there is nothing to do.")] = False,
    question_timeout: Annotated[
        str | None,
        typer.Option(
            "--question-timeout",
            metavar="TIME",
            help="Longest wait for an answer to what a run asks, such as '30 min'; then the run is stopped, keeps what "
            "was measured and has failed. [default: 30 min without a terminal, no limit in one]",
        ),
    ] = None,
    alarm_command: AlarmCommand = None,
    attended: Annotated[
        bool,
        typer.Option(
            "--attended",
            help="A person is at the instruments the whole time and does by hand what no software can, which is "
            "refused else.",
        ),
    ] = False,
    queue: QueueFile = None,
) -> None:
    """Carry the queue out, until nothing is left or something waits for a person.

    In a terminal Ctrl-C pauses the run and offers what to do, twice aborts it and holds the queue; questions are asked.
    Runs go through the session server of their rig if `serve` runs, so that other terminals may ask it, too.
    """
    with telling_errors(context):
        from acquisition.cli.queue_run import run_queue

        raise typer.Exit(
            run_queue(
                queue,
                keep_waiting=wait,
                alarm_command=alarm_command,
                question_timeout=question_timeout,
                attended=attended,
            )
        )
