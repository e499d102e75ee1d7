"""A Python program under a guardian, carried out as `python FILE ARGS` would."""

import runpy
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from acquisition.cli.command_line import present_arguments
from acquisition.cli.exit_status import FAILED, INTERRUPTED, SUCCESS
from acquisition.cli.terminal import complain
from acquisition.guardian.aftermath import LOG
from acquisition.guardian.heartbeat import present_heart
from acquisition.guardian.launch import run_guarded
from acquisition.user_folders import state_folder


def run_script(file: str, arguments: Sequence[str]) -> int:
    """Run a Python program in a process that a guardian watches, and return its exit status.

    Ctrl-C is raised in it as usual, and so is a signal that tells it to end (SIGTERM, a terminal that closes). Rigs
    that it leaves open are closed at its end.
    """
    if not Path(file).is_file():
        complain(f"{file}: there is no such Python program; give the path of a file")
        return FAILED
    if present_heart() is None:
        return run_guarded([sys.executable, "-P", "-m", "acquisition", *present_arguments()], state_folder() / LOG)
    sys.argv[:] = [file, *arguments]
    sys.path.insert(0, str(Path(file).resolve().parent))
    try:
        return _carry_out(file)
    finally:
        from acquisition.session.looked_after import close_left_open

        close_left_open()


def _carry_out(file: str) -> int:
    try:
        runpy.run_path(file, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        _show(error, file)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED
    return SUCCESS


def _show(error: BaseException, file: str) -> None:
    """Print where the program failed, from its own first line on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != file:
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace or error.__traceback__)
