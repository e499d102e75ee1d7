"""`cascadescope bench`: what the program promises, measured here."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from acquisition.bench.registry import BENCHES, BenchResult
from acquisition.cli.exit_status import FAILED, SUCCESS
from acquisition.cli.terminal import complain, console
from acquisition.session import SessionError
from acquisition.storage import write_json


def run_benches(names: list[str], out: str | None) -> int:
    """Run benches, all without `names`, and show what they found; returns the exit status, 1 if one has failed.

    Raises
    ------
    SessionError
        If there is no bench of a name, or results cannot be written where they are wanted.
    """
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        raise SessionError(f"{unknown[0]}: no such bench; there are {', '.join(BENCHES)}")
    if out is not None and not Path(out).absolute().parent.is_dir():
        raise SessionError(f"{out}: its folder does not exist; make it first")
    screen = console()
    found: dict[str, Any] = {}
    failed = False
    for name in names or list(BENCHES):
        result = _run(name, screen)
        found[name] = result.plain()
        failed = failed or not result.ok
    if out is not None:
        write_json(Path(out), {"benches": found})
        screen.print(f"results: {out}", markup=False)
    return FAILED if failed else SUCCESS


def _run(name: str, screen: Console) -> BenchResult:
    screen.print(f"{name}", style="bold", markup=False)
    with screen.status(name) as status:
        result = BENCHES[name](lambda text: status.update(f"{name}: {text}"))
    table = Table(show_edge=False, show_header=False, pad_edge=False)
    for what, value in result.numbers.items():
        table.add_row(what, value if isinstance(value, str) else json.dumps(value))
    screen.print(table)
    screen.print(f"{'kept' if result.ok else 'NOT KEPT'}: {result.promise}", markup=False)
    for failure in result.failures:
        complain(f"{name}: {failure}")
    return result
