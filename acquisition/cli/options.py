"""Arguments and options of the commands."""

from typing import Annotated, Literal

import typer

from acquisition.cli.resume_usage import Unrepeatable

Seconds = Annotated[
    float | None,
    typer.Option("--seconds", metavar="S", min=0.001, help="Simulated time to record. [default: that of the sequence]"),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", min=0, help="Seed of the simulation. [default: that of the rig file]"),
]
SampleName = Annotated[
    str | None,
    typer.Option("--sample", metavar="FILE", help="Simulated sample: a file, or the name of a shipped one."),
]
OutFolder = Annotated[str, typer.Option("--out", metavar="DIR", help="Folder in which the run gets its own.")]
RigName = Annotated[str, typer.Option("--rig", metavar="RIG", help="Rig: a file, or the name of a shipped one.")]
SequenceName = Annotated[str, typer.Argument(metavar="SEQUENCE", help="A file, or the name of a shipped sequence.")]
RunRigName = Annotated[
    str | None,
    typer.Option(
        "--rig",
        metavar="RIG",
        help="Rig: a file, or the name of a shipped one; by default simulated, with --resume that of the run.",
    ),
]
RunOutFolder = Annotated[
    str | None, typer.Option("--out", metavar="DIR", help="Folder in which the run gets its own; by default runs.")
]
RunSequenceName = Annotated[
    str | None,
    typer.Argument(metavar="SEQUENCE", help="A file, or the name of a shipped sequence; not with --resume."),
]
ResumedRun = Annotated[
    str | None,
    typer.Option("--resume", metavar="RUN", help="Let a run that was killed, aborted or failed go on where it was."),
]
AllowChanges = Annotated[
    bool,
    typer.Option(
        "--allow-changes",
        help="With --resume: also if rig or sequence.yaml are not as they were, or the run was stopped on purpose.",
    ),
]
UnrepeatableSteps = Annotated[
    Unrepeatable | None,
    typer.Option(
        "--unrepeatable",
        help="With --resume: what becomes of an interrupted step that changes the sample (repeatable: false); by "
        "default a person at the terminal is asked, and without one the run stops.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a setting in every step of a kind, such as soak.duration='20 s', or say something of the "
        "measurement, such as metadata.sample=dot; may be repeated.",
    ),
]
Paths = Annotated[list[str], typer.Argument(metavar="PATH...", help="Run folders or photon files.")]
BenchNames = Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Which; all without a name.")]
ResultsFile = Annotated[
    str | None, typer.Option("--out", metavar="FILE", help="Write the results to this file, as JSON.")
]
ReportFile = Annotated[
    str | None, typer.Option("--report", metavar="FILE", help="Write the report of a photon file here, as HTML.")
]
Run = Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run.")]
AlarmCommand = Annotated[
    str | None,
    typer.Option(
        "--alarm-command",
        metavar="CMD",
        help="Program that is run, without a shell, when a run failed, tripped, waits for a person, was aborted or "
        "has finished, or a queue is held or finished; {event}, {run} and {message} in its arguments are replaced, or "
        "added at the end. "
        "[default: `command` in alarms.yaml of the user's settings, beside `timeout`, `desktop` and `events`]",
    ),
]
RunFaults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="NAME[@AFTER][,KEY=VALUE]",
        help="Let something break in a simulated rig, in AFTER seconds of its time; may be repeated. "
        "`cascadescope simulate --faults` lists what there is.",
    ),
]
Attended = Annotated[
    bool | None,
    typer.Option(
        "--attended/--unattended",
        help="Whether a person is at the instruments the whole time and does by hand what no software can; by default "
        "if one is at the terminal. What needs a person is refused without one.",
    ),
]
Unattended = Annotated[
    bool, typer.Option("--unattended", help="As if nobody were at the instruments: what needs a person is refused.")
]
SchemaKind = Annotated[
    Literal["sequence", "rig", "sample"], typer.Argument(metavar="KIND", help="sequence, rig or sample.")
]
SchemaFile = Annotated[str | None, typer.Option("--out", metavar="FILE", help="Write it to this file.")]
