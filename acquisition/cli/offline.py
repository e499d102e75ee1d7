"""The commands that need no run: `analyze`, `report`, `recover` and `devices`."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from acquisition.cli.exit_status import FAILED, SUCCESS
from acquisition.cli.results_file import check_results_file, write_results_file
from acquisition.cli.show import show_results
from acquisition.cli.terminal import complain, console, say_simulated
from acquisition.session import LocalSession, Session, SessionError


def analyze_paths(paths: list[str], out: str | None, report: str | None = None) -> int:
    """Analyse each path, print its table and go on where one fails; returns the exit status."""
    for file in (out, report):
        if file is not None:
            check_results_file(file, paths)
    if report is not None and len(paths) > 1:
        raise SessionError("--report shows one recording; analyse them one at a time, or leave --report out")
    screen = console()
    found: list[dict[str, Any]] = []
    for path in paths:
        screen.print(path, style="bold", markup=False)
        try:
            results = _analyze(path, report)
        except Exception as error:
            if len(paths) == 1:
                raise
            complain(str(error))
            continue
        if results.get("simulated"):
            say_simulated(screen)
        show_results(results, screen)
        for name in ("results.json", "report.html"):
            if (Path(path) / name).is_file():
                screen.print(f"{name.partition('.')[0]}: {Path(path) / name}", markup=False)
        if report is not None:
            screen.print(f"report: {report}", markup=False)
        found.append({"path": path, "results": results})
    if out is not None and found:
        content = found[0]["results"] if len(paths) == 1 else {"recordings": found}
        write_results_file(out, content)
        screen.print(f"results: {out}", markup=False)
    return SUCCESS if len(found) == len(paths) else FAILED


def report_run(run: str) -> int:
    """Write the report of a run anew and say where it is; returns the exit status."""
    screen = console()
    with LocalSession() as session:
        path = session.report(run)
        _say_if_simulated(session, run, screen)
    screen.print(f"report: {path}", markup=False)
    return SUCCESS


def recover_run(run: str) -> int:
    """Make the photon files of a run that was killed and say what became of each point; returns the exit status."""
    screen = console()
    with LocalSession() as session:
        found = session.recover(run)
        _say_if_simulated(session, run, screen)
    for point in found["points"]:
        screen.print(f"point {point['number']}: {point['status']}, {point['photons']} photons", markup=False)
        screen.print(f"  {point['message']}", markup=False)
        for loss in point["losses"]:
            complain(f"warning: {loss}")
    if not found["points"]:
        screen.print("the run has no points")
    return SUCCESS if found["ok"] else FAILED


def show_devices(rig: str) -> int:
    """Print what the instruments of a rig say of themselves; returns the exit status."""
    with LocalSession(rig, guarded=False) as session:  # no light, heat, gain or bias goes on
        devices = session.devices()
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for heading in ("role", "instrument", "serial", "kind", "limits", "readings"):
        table.add_column(heading, overflow="fold")
    for device in devices:
        limits = [f"{name} {low:g} ... {high:g}" for name, (low, high) in device["limits"].items()]
        readings = [f"{name} {_text(value)}" for name, value in device["readings"].items()]
        if device["problem"]:
            readings.append(f"no answer: {device['problem']}")
        table.add_row(
            device["role"],
            f"{device['manufacturer'] or '-'} {device['model'] or '-'}",
            device["serial"],
            {True: "simulated", False: "hardware"}.get(device["simulated"], "not known"),
            "\n".join(limits),
            "\n".join(readings),
        )
    console().print(table)
    return FAILED if any(device["problem"] for device in devices) else SUCCESS


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _say_if_simulated(session: Session, run: str, screen: Console) -> None:
    record = session.read(run)["run"]
    if record is not None and record.get("simulated"):
        say_simulated(screen)


def _analyze(path: str, report: str | None) -> dict[str, Any]:
    with console().status("analysing") as status, LocalSession(report_work=status.update) as session:
        return session.analyze(path, report=report)
