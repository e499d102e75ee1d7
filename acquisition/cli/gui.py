"""The command that opens the operator's window: `gui`."""

from typing import Annotated

import typer

from acquisition.cli.options import OutFolder, RigName, SampleName, Seed
from acquisition.cli.telling import telling_errors

Watch = Annotated[bool, typer.Option("--watch", help="Only look on; control can be taken in the window.")]


def gui(
    context: typer.Context,
    rig: RigName = "simulated",
    out: OutFolder = "runs",
    sample: SampleName = None,
    seed: Seed = None,
    watch: Watch = False,
) -> None:
    """Open the operator's window; its session is a program of its own, which goes on when the window is closed."""
    with telling_errors(context):
        from acquisition.gui.window.screen import refuse_without_screen

        refuse_without_screen()
        from acquisition.gui.window.app import run_window

        if sample is not None or seed is not None:
            from acquisition.session.simulated_sample import check_sample

            sample = check_sample(rig, sample, seed)
        raise typer.Exit(run_window(rig, out, watch=watch, sample=sample, seed=seed))


def add_to(app: typer.Typer) -> None:
    """Add the command of this file to those of the program."""
    app.command()(gui)
