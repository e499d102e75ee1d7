"""The steps of a measurement, as frozen data that check themselves."""

from acquisition.sequence.steps.base import PlainStepModel, Retry, StepModel
from acquisition.sequence.steps.block import Block, Values
from acquisition.sequence.steps.blocks import (
    Call,
    CleanupStep,
    If,
    PlainStep,
    Repeat,
    RepeatUntil,
    Step,
    read_steps,
)
from acquisition.sequence.steps.camera import AcquireSpectra
from acquisition.sequence.steps.conditions import Condition
from acquisition.sequence.steps.counting import CountLateLight, CountPhotons, StoreTable
from acquisition.sequence.steps.instruments import (
    CalibrateDetector,
    HeatWithPower,
    MoveStage,
    RampTemperature,
    SetAttenuator,
    SetCameraLight,
    SetFocus,
    SetLaser,
    SetShutter,
    SetSpectrograph,
    SetTemperature,
    Soak,
    WaitUntilStable,
)
from acquisition.sequence.steps.measuring import AcquirePhotons, Analyze, MeasurePower, Prompt
from acquisition.sequence.steps.tree import Place, walk

__all__ = [
    "AcquirePhotons",
    "AcquireSpectra",
    "Analyze",
    "Block",
    "CalibrateDetector",
    "Call",
    "CleanupStep",
    "Condition",
    "CountLateLight",
    "CountPhotons",
    "HeatWithPower",
    "If",
    "MeasurePower",
    "MoveStage",
    "Place",
    "PlainStep",
    "PlainStepModel",
    "Prompt",
    "RampTemperature",
    "Repeat",
    "RepeatUntil",
    "Retry",
    "SetAttenuator",
    "SetCameraLight",
    "SetFocus",
    "SetLaser",
    "SetShutter",
    "SetSpectrograph",
    "SetTemperature",
    "Soak",
    "Step",
    "StepModel",
    "StoreTable",
    "Values",
    "WaitUntilStable",
    "read_steps",
    "walk",
]
