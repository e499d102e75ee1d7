"""One step of an instrument that is carried out outside of any run, by the same actions and with the same checks."""

import threading
from collections.abc import Callable
from typing import cast

from acquisition.sequence import by_hand
from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.actions.table import ACTIONS
from acquisition.sequence.event_log import EventLog
from acquisition.sequence.rig_check import SequenceRig, check_step
from acquisition.sequence.services import Services
from acquisition.sequence.steps import PlainStep, Step, Values
from drivers.interfaces.errors import OperatorNeeded

HAND_KINDS = (
    "set_laser",
    "set_shutter",
    "set_attenuator",
    "set_focus",
    "move_stage",
    "set_temperature",
    "set_spectrograph",
    "set_camera_light",
    "measure_power",
)
"""Kinds of steps that need an instrument only: nothing is recorded, and no run must be there."""


def do_alone(
    step: Step,
    rig: SequenceRig,
    interrupt: threading.Event,
    look: Callable[[float | None], None],
    have_done: Callable[[OperatorNeeded, PlainStep], None],
) -> Values:
    """Carry out a step of `HAND_KINDS`, and return its values once it is read back.

    Parameters
    ----------
    step : Step
        What is to be done.
    rig : SequenceRig
        The instruments, connected and armed.
    interrupt : threading.Event
        Ends it early.
    look : callable
        Is called again and again while it goes on.
    have_done : callable
        Has a person do what no software can; raises if nobody has.

    Raises
    ------
    Interrupted
        If it was interrupted.
    SequenceError, StepError, DeviceError
        If the rig does not allow it, or it could not be done.
    ValueError
        If it is a step of another kind.
    """
    if step.kind not in HAND_KINDS:
        raise ValueError(f"{step.kind} is no step of a single instrument; those are {', '.join(HAND_KINDS)}")
    plain = cast(PlainStep, step)
    check_step(plain, rig)
    nowhere = EventLog(lambda event: None, rig.clock.now)
    context = StepContext(rig, cast(Services, None), nowhere, interrupt, look, values={}, point=0)
    return by_hand.carried_out(lambda: ACTIONS[type(plain)](plain, context), lambda needed: have_done(needed, plain))
