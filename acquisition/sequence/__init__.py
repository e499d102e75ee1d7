"""Measurement sequences: steps as frozen data and the engine that carries them out."""

from acquisition.sequence.engine import Engine
from acquisition.sequence.errors import SequenceError, StepError
from acquisition.sequence.outcome import EngineStatus, Point, RunOutcome, RunStatus
from acquisition.sequence.rig_check import SequenceRig, check_sequence, check_steps
from acquisition.sequence.sequence import Sequence, load_sequence
from acquisition.sequence.states import State
from acquisition.sequence.steps import (
    AcquirePhotons,
    PlainStep,
    Repeat,
    SetLaser,
    SetShutter,
    SetTemperature,
    Step,
    WaitUntilStable,
    read_steps,
)

__all__ = [
    "AcquirePhotons",
    "Engine",
    "EngineStatus",
    "PlainStep",
    "Point",
    "Repeat",
    "RunOutcome",
    "RunStatus",
    "Sequence",
    "SequenceError",
    "SequenceRig",
    "SetLaser",
    "SetShutter",
    "SetTemperature",
    "State",
    "Step",
    "StepError",
    "WaitUntilStable",
    "check_sequence",
    "check_steps",
    "load_sequence",
    "read_steps",
]
