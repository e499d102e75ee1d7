"""Measurement sequences: steps as frozen data and the engine that carries them out."""

from acquisition.sequence.describe import describe
from acquisition.sequence.engine import Engine
from acquisition.sequence.errors import SequenceError, StepError
from acquisition.sequence.history import History, read_history
from acquisition.sequence.outcome import EngineStatus, Point, RunOutcome, RunStatus
from acquisition.sequence.procedures import (
    AcquireBackground,
    AcquireIntensitySeries,
    CentreOnEmitter,
    ConfirmSingleEmitter,
    PowerSeries,
    RasterScan,
)
from acquisition.sequence.rig_check import SequenceRig, check_sequence, check_steps
from acquisition.sequence.sequence import Sequence, load_sequence
from acquisition.sequence.services import Moment, NoWatch, PartRecording, Services, Watch
from acquisition.sequence.setup import Setup
from acquisition.sequence.states import State
from acquisition.sequence.steps import (
    AcquirePhotons,
    Analyze,
    Call,
    Condition,
    CountLateLight,
    CountPhotons,
    If,
    MoveStage,
    PlainStep,
    Prompt,
    RampTemperature,
    Repeat,
    RepeatUntil,
    Retry,
    SetLaser,
    SetShutter,
    SetTemperature,
    Soak,
    Step,
    StoreTable,
    Values,
    WaitUntilStable,
    read_steps,
)

__all__ = [
    "AcquireBackground",
    "AcquireIntensitySeries",
    "AcquirePhotons",
    "Analyze",
    "Call",
    "CentreOnEmitter",
    "Condition",
    "ConfirmSingleEmitter",
    "CountLateLight",
    "CountPhotons",
    "Engine",
    "EngineStatus",
    "History",
    "If",
    "Moment",
    "MoveStage",
    "NoWatch",
    "PartRecording",
    "PlainStep",
    "Point",
    "PowerSeries",
    "Prompt",
    "RampTemperature",
    "RasterScan",
    "Repeat",
    "RepeatUntil",
    "Retry",
    "RunOutcome",
    "RunStatus",
    "Sequence",
    "SequenceError",
    "SequenceRig",
    "Services",
    "SetLaser",
    "SetShutter",
    "SetTemperature",
    "Setup",
    "Soak",
    "State",
    "Step",
    "StepError",
    "StoreTable",
    "Values",
    "WaitUntilStable",
    "Watch",
    "check_sequence",
    "check_steps",
    "describe",
    "load_sequence",
    "read_history",
    "read_steps",
]
