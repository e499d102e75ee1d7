"""Instruments that a person switches off while a run is steered by hand: it goes on without them."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from acquisition.sequence.control import Control
from acquisition.sequence.errors import StepError
from acquisition.sequence.event_log import EventLog
from acquisition.sequence.setup import Setup
from acquisition.sequence.steps import Step
from drivers.interfaces.errors import FaultError

if TYPE_CHECKING:
    from acquisition.sequence.handed import HandedSteps

SWITCHED_OFF_BY_HAND = ("laser", "shutter", "heater", "camera")
"""Instruments without which a run that is steered by hand can go on."""

LIGHT = ("laser", "shutter")
"""Those of them that take the light off the sample."""

SETTLED_WITHIN_S = 30.0
"""Longest that is waited until a step that may just be switching on has ended."""

_CONCERNED = {
    "laser": ("set_laser", "measure_power", "count_photons"),
    "shutter": ("set_shutter", "measure_power", "count_photons"),
    "heater": ("set_temperature",),
    "camera": ("set_camera_light",),
}


@dataclass(frozen=True, slots=True, eq=False)
class Off:
    """One instrument that is switched off.

    Attributes
    ----------
    role : str
        One of `SWITCHED_OFF_BY_HAND`.
    make_safe : callable
        Switches it off.
    settled : threading.Event
        Set once the run knows, and has switched it off again, after whatever may have just switched it on.
    """

    role: str
    make_safe: Callable[[], None]
    settled: threading.Event = field(default_factory=threading.Event)

    @property
    def reason(self) -> str:
        """What whoever waits for a step is told that ends by this."""
        what = "light" if self.role in LIGHT else self.role
        return f"{what} switched off by hand; what was being done has ended"

    def concerns(self, step: Step) -> bool:
        """Return whether a plain step uses what is switched off."""
        return step.kind in _CONCERNED[self.role]


def switch_off_again(offs: Sequence[Off], setup: Setup) -> Setup:
    """Switch off what was switched off before, and return how the instruments are meant to be set since then.

    Raises
    ------
    StepError
        If one does not go off; the run must end by it.
    """
    for off in offs:
        try:
            off.make_safe()
        except Exception as error:
            text = f"the {off.role} could not be switched off: {error}"
            raise StepError(text) from FaultError(off.role, text)
    roles = {off.role for off in offs}
    setup = setup.heated(None, ramping=False) if "heater" in roles else setup
    emission = False if "laser" in roles else setup.emission
    return replace(setup, emission=emission, shutter_open=False if "shutter" in roles else setup.shutter_open)


def go_on_without(
    handed: "HandedSteps", setup: Setup, values: dict[str, Any], control: Control, log: EventLog
) -> Setup:
    """Take steps again, without what was switched off meanwhile; return how the instruments are meant to be set.

    Parameters
    ----------
    handed : HandedSteps
        Knows what was switched off.
    setup : Setup
        How the instruments were meant to be set.
    values : dict
        Of the steps so far; gets those of the light.
    control, log
        Of the engine.

    Raises
    ------
    StepError
        As of `switch_off_again`.
    """
    handed.go_on()
    if not (offs := handed.offs()):
        return setup
    control.go_on()
    setup = switch_off_again(offs, setup)
    light = {"emission": setup.emission, "shutter_open": setup.shutter_open}
    known = {name: value for name, value in light.items() if value is not None}
    values.update(known)
    log.note("switched_off", roles=[off.role for off in offs], values=known)
    for off in offs:
        off.settled.set()
    return setup
