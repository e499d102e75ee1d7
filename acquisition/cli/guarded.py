"""Commands that run instruments which outlive the program are carried out by a child of a guardian."""

import sys

from acquisition.cli.command_line import present_arguments
from acquisition.config import ConfigError
from acquisition.guardian.aftermath import LOG
from acquisition.guardian.heartbeat import present_heart
from acquisition.guardian.launch import run_guarded
from acquisition.rig.opening import outlives_the_program
from acquisition.user_folders import state_folder


def rerun_under_guardian(*rigs: str, always: bool = False) -> int | None:
    """Carry the present command out in a process that a guardian watches, if one of its rigs needs that.

    Parameters
    ----------
    *rigs : str
        Paths of rig files, or names of shipped ones; one that cannot be used is left to the command to complain of.
    always : bool
        Whether it may need that later, for rigs that are not known yet.

    Returns
    -------
    int or None
        Exit status of the command; None if it is to be carried out here: the rigs are simulated in this process, or a
        guardian watches it already.
    """
    if present_heart() is not None or not (always or any(_outlives(rig) for rig in rigs)):
        return None
    return run_guarded([sys.executable, "-P", "-m", "acquisition", *present_arguments()], state_folder() / LOG)


def _outlives(rig: str) -> bool:
    try:
        return outlives_the_program(rig)
    except ConfigError:
        return False
