"""What `cascadescope run` takes with and without `--resume`."""

from collections.abc import Mapping
from enum import StrEnum

import typer


class Unrepeatable(StrEnum):
    """What becomes of a step that changes the sample and was interrupted."""

    STOP = "stop"
    SKIP = "skip"
    AGAIN = "again"


def check_usage(resumed: str | None, *, new_only: Mapping[str, object], resuming_only: Mapping[str, object]) -> None:
    """Refuse arguments that do not go together.

    Parameters
    ----------
    resumed : str or None
        The run folder behind ``--resume``.
    new_only, resuming_only : mapping
        What belongs to a new run and to a resumed one, by the name on the command line; empty or None if not given.

    Raises
    ------
    typer.BadParameter
        Which ends the command with exit status 2.
    """
    given = [name for name, value in (resuming_only if resumed is None else new_only).items() if value]
    if given and resumed is None:
        raise typer.BadParameter(f"{given[0]} goes with --resume RUN only")
    if given:
        raise typer.BadParameter(
            f"{given[0]} does not go with --resume: a resumed run stays in its folder, with the sequence and the "
            "settings that it began with"
        )
    if resumed is None and not new_only.get("SEQUENCE"):
        raise typer.BadParameter("name a SEQUENCE to run, or --resume RUN")
