"""The `cascadescope` command: what can be asked, and how it ends."""

import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from acquisition.cli import gui, queue, script_command, session_commands, simulate_command
from acquisition.cli.command_line import carrying_out
from acquisition.cli.ending import ignore_signals, signals_as_interrupts
from acquisition.cli.exit_status import FAILED, INTERRUPTED
from acquisition.cli.options import (
    AlarmCommand,
    AllowChanges,
    Attended,
    BenchNames,
    OutFolder,
    Paths,
    ReportFile,
    ResultsFile,
    ResumedRun,
    RigName,
    Run,
    RunFaults,
    RunOutFolder,
    RunRigName,
    RunSequenceName,
    SampleName,
    SchemaFile,
    SchemaKind,
    Seconds,
    Seed,
    SequenceName,
    Settings,
    Unattended,
    UnrepeatableSteps,
)
from acquisition.cli.resume_usage import check_usage
from acquisition.cli.screen import lasting_screen
from acquisition.cli.telling import telling_errors
from acquisition.cli.terminal import complain
from acquisition.guardian.heartbeat import GuardianError, beating

app = typer.Typer(
    help="Cascade spectroscopy of single nanocrystals: runs the instruments, records photons, analyses them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(queue.app, name="queue")


@dataclass(slots=True)
class Options:
    """What was said before the command."""

    debug: bool = False


def main(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit status.

    0 is success (warnings included), 1 refused or failed, 2 wrong usage, 130 interrupted: by Ctrl-C, or by the
    system that ends the program or closes its terminal.
    """
    with lasting_screen():
        with signals_as_interrupts():
            status = _status_of(arguments)
        if status == INTERRUPTED and arguments is None:
            ignore_signals()  # the program ends anyway; how must not depend on more of them
    return status


def _status_of(arguments: list[str] | None) -> int:
    try:
        with beating(), carrying_out(arguments):
            app(args=arguments, prog_name="cascadescope", obj=Options())
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except GuardianError as error:
        complain(str(error))
        return FAILED
    return 0


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"cascadescope {version('cascadescope')}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    context.obj.debug = debug


@app.command()
def demo(
    context: typer.Context,
    seconds: Seconds = None,
    seed: Seed = None,
    sample: SampleName = None,
    out: OutFolder = "runs",
) -> None:
    """Run the cascade experiment on simulated instruments and compare the results with the truth."""
    with telling_errors(context):
        from acquisition.cli.run import run_demo

        raise typer.Exit(run_demo(seconds, seed, sample, out))


@app.command()
def run(
    context: typer.Context,
    sequence: RunSequenceName = None,
    rig: RunRigName = None,
    out: RunOutFolder = None,
    settings: Settings = None,
    resume: ResumedRun = None,
    allow_changes: AllowChanges = False,
    unrepeatable: UnrepeatableSteps = None,
    alarm_command: AlarmCommand = None,
    attended: Attended = None,
    faults: RunFaults = None,
) -> None:
    """Run a sequence on a rig, record, analyse and report; or let a run that was broken off go on."""
    check_usage(
        resume,
        new_only={"SEQUENCE": sequence, "--out": out, "--set": settings, "--fault": faults},
        resuming_only={"--allow-changes": allow_changes, "--unrepeatable": unrepeatable},
    )
    with telling_errors(context):
        if resume is not None:
            from acquisition.cli.resume import resume_run

            raise typer.Exit(resume_run(resume, rig, allow_changes, unrepeatable, alarm_command, attended))
        from acquisition.cli.run import run_sequence

        found = (str(sequence), rig or "simulated", out or "runs", settings or ())
        raise typer.Exit(run_sequence(*found, alarm_command, attended, faults or ()))


@app.command()
def check(
    context: typer.Context,
    sequence: SequenceName,
    rig: RigName = "simulated",
    out: OutFolder = "runs",
    sample: SampleName = None,
    settings: Settings = None,
    unattended: Unattended = False,
) -> None:
    """Try a sequence on the twin of a rig: time, data, light, precision; no instrument is opened."""
    with telling_errors(context):
        from acquisition.cli.check import check_sequence

        raise typer.Exit(check_sequence(sequence, rig, out, sample, settings or (), attended=not unattended))


@app.command()
def analyze(context: typer.Context, paths: Paths, out: ResultsFile = None, report: ReportFile = None) -> None:
    """Analyse run folders, Photon-HDF5 files or PicoQuant files (.ptu)."""
    with telling_errors(context):
        from acquisition.cli.offline import analyze_paths

        raise typer.Exit(analyze_paths(paths, out, report))


@app.command()
def report(context: typer.Context, run: Run) -> None:
    """Write the report of a run anew."""
    with telling_errors(context):
        from acquisition.cli.offline import report_run

        raise typer.Exit(report_run(run))


@app.command()
def recover(context: typer.Context, run: Run) -> None:
    """Make the photon files of a run that was killed."""
    with telling_errors(context):
        from acquisition.cli.offline import recover_run

        raise typer.Exit(recover_run(run))


@app.command()
def devices(context: typer.Context, rig: RigName = "simulated") -> None:
    """Connect the instruments of a rig, show what they say, and disconnect."""
    with telling_errors(context):
        from acquisition.cli.offline import show_devices

        raise typer.Exit(show_devices(rig))


@app.command()
def schema(context: typer.Context, kind: SchemaKind = "sequence", out: SchemaFile = None) -> None:
    """Write the JSON Schema of sequence, rig or sample files, with which an editor completes and checks them."""
    with telling_errors(context):
        from acquisition.cli.schema import write_schema

        raise typer.Exit(write_schema(kind, out))


@app.command()
def bench(context: typer.Context, names: BenchNames = None, out: ResultsFile = None) -> None:
    """Measure here what the program promises: resume (kills and resumes sweeps), check, stream."""
    with telling_errors(context):
        from acquisition.cli.bench import run_benches

        raise typer.Exit(run_benches(names or [], out))


gui.add_to(app)
script_command.add_to(app)
simulate_command.add_to(app)
session_commands.add_to(app)

if __name__ == "__main__":
    sys.exit(main())
