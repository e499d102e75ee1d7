"""What is done for each kind of step."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from acquisition.sequence.actions.calibrating import calibrate_detector
from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.actions.counting import count_late_light, store_table
from acquisition.sequence.actions.deciding import analyze, prompt
from acquisition.sequence.actions.heater import ramp_temperature, set_temperature, soak, wait_until_stable
from acquisition.sequence.actions.helpers import measure_power, set_attenuator, set_focus
from acquisition.sequence.actions.laser import move_stage, set_laser, set_shutter
from acquisition.sequence.actions.power_heating import heat_with_power
from acquisition.sequence.actions.spectrograph import set_camera_light, set_spectrograph
from acquisition.sequence.steps import (
    Analyze,
    CalibrateDetector,
    CountLateLight,
    HeatWithPower,
    MeasurePower,
    MoveStage,
    PlainStepModel,
    Prompt,
    RampTemperature,
    SetAttenuator,
    SetCameraLight,
    SetFocus,
    SetLaser,
    SetShutter,
    SetSpectrograph,
    SetTemperature,
    Soak,
    StoreTable,
    WaitUntilStable,
)

Action: TypeAlias = Callable[[Any, StepContext], dict[str, Any]]
"""Carries out a step and returns its values; raises `Interrupted` if it has to go on later."""

ACTIONS: Mapping[type[PlainStepModel], Action] = MappingProxyType(
    {
        SetLaser: set_laser,
        SetShutter: set_shutter,
        SetTemperature: set_temperature,
        RampTemperature: ramp_temperature,
        WaitUntilStable: wait_until_stable,
        Soak: soak,
        MoveStage: move_stage,
        SetAttenuator: set_attenuator,
        SetFocus: set_focus,
        MeasurePower: measure_power,
        HeatWithPower: heat_with_power,
        SetSpectrograph: set_spectrograph,
        SetCameraLight: set_camera_light,
        CalibrateDetector: calibrate_detector,
        CountLateLight: count_late_light,
        StoreTable: store_table,
        Analyze: analyze,
        Prompt: prompt,
    }
)
"""All steps but those that read photons, to which the engine gives more."""
