"""The command that runs a Python program under a guardian: `script`."""

from typing import Annotated

import typer

from acquisition.cli.telling import telling_errors

File = Annotated[str, typer.Argument(metavar="FILE", help="Python program.")]
Arguments = Annotated[list[str] | None, typer.Argument(metavar="ARGS", help="Its arguments.")]


def script(context: typer.Context, file: File, arguments: Arguments = None) -> None:
    """Run a Python program, such as a sweep over night, under a guardian: it leaves nothing on if it dies."""
    with telling_errors(context):
        from acquisition.cli.script import run_script

        raise typer.Exit(run_script(file, arguments or ()))


def add_to(app: typer.Typer) -> None:
    """Add the command of this file to those of the program; what follows FILE belongs to the Python program."""
    app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(script)
