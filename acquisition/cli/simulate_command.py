"""The command that simulates the instruments of a rig at their addresses: `simulate`."""

from typing import Annotated

import typer

from acquisition.cli.options import SampleName, Seed
from acquisition.cli.telling import telling_errors

Rig = Annotated[
    str, typer.Argument(metavar="RIG", help="Rig: a file, or the name of a shipped one, with `simulated: true` roles.")
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="NAME[@AFTER][,KEY=VALUE]",
        help="Let something break; AFTER counts in s from when all instruments answer. May be repeated; see --faults.",
    ),
]
Truth = Annotated[
    str | None,
    typer.Option(
        "--truth",
        metavar="FILE",
        help="Write what the simulation knew at the end, as JSON; runs on this rig get no truth.json.",
    ),
]


def simulate(
    context: typer.Context,
    rig: Rig = "wire",
    fault: Faults = None,
    seed: Seed = None,
    sample: SampleName = None,
    truth: Truth = None,
    faults: Annotated[bool, typer.Option("--faults", help="List what can break, and end.")] = False,
) -> None:
    """Simulate the instruments of a rig at their addresses, for drivers in another process, until Ctrl-C."""
    with telling_errors(context):
        from acquisition.cli import simulate as command

        raise typer.Exit(command.show_faults() if faults else command.simulate(rig, fault or (), seed, sample, truth))


def add_to(app: typer.Typer) -> None:
    """Add the command of this file to those of the program."""
    app.command()(simulate)
