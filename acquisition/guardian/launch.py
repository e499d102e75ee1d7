"""Starting a session under a guardian, and waiting for its end, in the program that the user has started."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from acquisition.guardian.aftermath import Aftermath
from acquisition.guardian.launcher import Launcher
from acquisition.guardian.messages import LAUNCHER_VARIABLE, Door
from acquisition.guardian.rescuing import PERSIST_S, RESCUES
from acquisition.guardian.signals import handing_on

GUARDIAN_END_S = 3.0
"""Longest silence of a guardian after the end of its session; it answers also while it makes safe."""
WHO = "the program at the terminal"


def run_guarded(command: Sequence[str], log: Path, rescues: str = RESCUES, persist_s: float = PERSIST_S) -> int:
    """Run a program that opens instruments under a guardian, and return the exit status for the user.

    Signals reach the program as if it had been started itself; Ctrl-C does not reach the guardian.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    log : Path
        File to which the guardian adds what happened.
    rescues : str
        Package of what makes instruments safe from outside.
    persist_s : float
        Longest in s that an instrument is tried again and again that cannot be made safe at first.

    Returns
    -------
    int
        That of the program; 1 if it died or hung, 128 and more if a signal ended it while nothing was on.
    """
    door = Door()
    launcher = Launcher(door, Aftermath(log, WHO, persist_s), rescues, GUARDIAN_END_S)
    more = ["--group", str(0 if os.name == "nt" else os.getpgrp()), "--log", str(log), "--rescues", rescues]
    more += ["--persist", str(persist_s)]
    windows = {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    own = windows if os.name == "nt" else {"process_group": 0}
    with handing_on(launcher.hand_on):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "acquisition.guardian", *more, "--", *command],
            env={**os.environ, LAUNCHER_VARIABLE: door.address.text},
            **own,
        )
        try:
            return launcher.wait_for(process)
        finally:
            launcher.close()
