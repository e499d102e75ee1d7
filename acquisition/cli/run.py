"""The commands that run instruments: `run` and `demo`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console

from acquisition.cli.assignments import assignments
from acquisition.cli.exit_status import FAILED, INTERRUPTED, SUCCESS
from acquisition.cli.follow import follow
from acquisition.cli.guarded import rerun_under_guardian
from acquisition.cli.keyboard import keyboard_of
from acquisition.cli.show import show_results
from acquisition.cli.terminal import complain, console, say_simulated
from acquisition.session import LocalSession, Session
from acquisition.session.alarms import Alarms, alarm_settings


def run_demo(seconds: float | None, seed: int | None, sample: str | None, out: str) -> int:
    """Run the cascade experiment on the simulated rig; returns the exit status."""
    overrides = {} if seconds is None else {"acquire_photons.duration_s": seconds}
    with LocalSession("simulated", out, seed, sample) as session:
        return attend(session, session.start("cascade", overrides), with_truth=True)


def run_sequence(
    sequence: str,
    rig: str,
    out: str,
    settings: Iterable[str] = (),
    alarm_command: str | None = None,
    attended: bool | None = None,
    faults: Sequence[str] = (),
) -> int:
    """Run a sequence on a rig with settings ``KEY=VALUE`` replaced, and tell alarms; returns the exit status.

    In a simulated rig `faults` may break something.

    Unless `attended` says it, a person is at the instruments if one is at the terminal.
    """
    if (status := rerun_under_guardian(rig)) is not None:
        return status
    overrides, present = assignments(settings), is_attended(attended)
    with Alarms(alarm_settings(alarm_command), warn) as alarms, LocalSession(rig, out, faults=faults) as session:
        return attend(session, session.start(sequence, overrides, present), see=alarms.see)


def is_attended(said: bool | None) -> bool:
    """Return whether a person is at the instruments: as said, or else whether one is at the terminal."""
    return keyboard_of(console()) is not None if said is None else said


def attend(
    session: Session,
    run: str,
    *,
    with_truth: bool = False,
    see: Callable[[Mapping[str, Any]], None] = lambda status: None,
) -> int:
    """Show a run that has just begun until it has ended, and what it gave; returns the exit status."""
    screen = console()
    if session.status()["simulated"]:
        say_simulated(screen)
    screen.print(f"run folder: {run}", markup=False)
    status, interrupted = follow(session, screen, see, keyboard_of(screen))
    for warning in status["warnings"]:
        complain(f"warning: {warning}")
    if interrupted:
        _say_what_is_kept(session, status)
        return INTERRUPTED
    _show(session, run, screen, with_truth=with_truth)
    if not status["ok"]:
        what = "was completed, but" if status["outcome"] in ("completed", "stopped") else status["outcome"]
        complain(f"the run {what}: {status['message']}")
        complain(f"what was recorded is kept in {run}")
        if status["outcome"] in ("failed", "aborted"):
            complain(_how_it_goes_on(run))
        return FAILED
    if not status["point"]:
        screen.print(f"{status['outcome']}; the sequence records no photons")
    return SUCCESS


def _show(session: Session, run: str, screen: Console, *, with_truth: bool) -> None:
    found = session.read(run)
    if found["results"] is not None:
        show_results(found["results"], screen, found["truth"] if with_truth else None)
        if found["run"]["simulated"]:
            say_simulated(screen)
    if found["report"] is not None:
        screen.print(f"report: {found['report']}", markup=False)


def _photons_of_run(session: Session, status: Mapping[str, Any]) -> int:
    """Return the photons of all points of a run, the present one included."""
    points = (session.read(status["run"])["run"] or {}).get("points", [])
    ended = sum(int(point.get("photons", 0)) for point in points)
    return ended if status["point"] in [point["number"] for point in points] else ended + (status["photons"] or 0)


def _say_what_is_kept(session: Session, status: Mapping[str, Any]) -> None:
    if status["outcome"] is None:
        complain("the run has not ended yet; its folder keeps what was recorded")
    elif status["message"] and not status["ok"] and status["outcome"] == "failed":
        complain(str(status["message"]))
    photons = _photons_of_run(session, status)
    if photons:
        complain(f"{photons} photons are kept; `cascadescope analyze {status['run']}` analyses them")
    else:
        complain(f"no photons were recorded in {status['run']}")
    if status["outcome"] in ("failed", "aborted"):
        complain(_how_it_goes_on(status["run"]))


def _how_it_goes_on(run: str) -> str:
    return f"`cascadescope run --resume {run}` lets it go on where it was"


def warn(text: str) -> None:
    """Tell what ends nothing."""
    complain(f"warning: {text}")
