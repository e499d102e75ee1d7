"""An alignment: a run whose steps a person hands in, and whose photons are shown and not kept."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from acquisition.live_view import LiveDisplay
from acquisition.live_view.alignment import AlignmentMeter
from acquisition.rig import Rig
from acquisition.sequence import (
    HAND_KINDS,
    Engine,
    HandedSteps,
    Preview,
    SequenceError,
    State,
    Step,
    Values,
    found_setup,
)
from acquisition.sequence.by_hand import TIMEOUT_S
from acquisition.sequence.plan import own_time_s
from acquisition.sequence.rig_check import check_step
from acquisition.sequence.steps import Block, walk
from acquisition.session.base import SessionError
from acquisition.session.light_dose import LightDose
from acquisition.session.run_watch import Look
from acquisition.streaming import PacedPhotons
from drivers.interfaces.errors import DeviceError
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

if TYPE_CHECKING:
    from acquisition.live_view.stream_view import StreamView

ALIGNMENT = "alignment"
"""What run.json calls the kind of the run, and the status its mode."""

PROCEDURES = (
    "confirm_single_emitter",
    "acquire_background",
    "centre_on_emitter",
    "raster_scan",
    "power_series",
    "acquire_intensity_series",
)
ALIGNMENT_KINDS = (*HAND_KINDS, "count_photons", *PROCEDURES)
"""Steps that can be handed in."""

PROCEDURE_TIMEOUT_S = 12 * 3600.0
STEP_TIMEOUT_S = TIMEOUT_S + 600.0
"""Longest wait for a step, in wall time, beside what it takes by its own settings: a person may have to be asked."""

SHOW_EVERY_S = 0.04
FOCUS_EVERY_S = 1.0

NOBODY_LOOKS_S = 120.0
"""How long light stays on the sample, in wall time, while nobody looks at the alignment and nothing is carried out."""

_DARK = (State.PAUSED, State.ABORTING, State.IDLE, State.BROKEN)
"""States of the engine in which no light falls on the sample."""

_OTHER_LIGHT = ("set_laser", "set_attenuator", "move_stage")
"""Steps after which later light cannot be compared with earlier one."""


class Alignment:
    """What an alignment hands to its engine, and what it shows.

    Parameters
    ----------
    rig : Rig
        The instruments, as a person has left them.
    display : LiveDisplay
        Shows the photons.
    metadata : mapping
        Of the run.
    now : callable
        Returns the time of the wall in s.

    Attributes
    ----------
    steps : HandedSteps
        For the engine.
    setup : Setup
        How the instruments were found.

    Raises
    ------
    DeviceError
        If an instrument does not answer.
    """

    def __init__(
        self,
        rig: Rig,
        display: LiveDisplay,
        metadata: Mapping[str, Any],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rig, self._display, self._now = rig, display, now
        self._looked_s = now()
        self.setup = found_setup(rig)
        self.steps = HandedSteps(self._show)
        self._dose = LightDose(self.setup, metadata)
        self._dose.look(rig.clock.now())
        self._meter = AlignmentMeter(rig.spad_array.pixel_count, rig.calibration.wavelength_nm)
        self._view: StreamView | None = None
        self._info: PhotonStreamInfo | None = None
        self._end_pulse = 0
        self._shown_s = self._focus_s = -FOCUS_EVERY_S
        self._lock = threading.Lock()

    def do(self, step: Step, state: State) -> Values:
        """Carry out a step between two looks at the photons, and return its values.

        Parameters
        ----------
        step : Step
            One of `ALIGNMENT_KINDS`.
        state : State
            Of the engine.

        Raises
        ------
        SessionError
            If the alignment is paused, or ending.
        SequenceError, DeviceError
            If the rig does not allow it, or it could not be done.
        """
        if state is not State.RUNNING:
            raise SessionError(f"{step.kind}: the alignment is {state}; resume it first, or start another one")
        for _, plain in walk((step,)):
            check_step(plain, self._rig)
        own_s = PROCEDURE_TIMEOUT_S if isinstance(step, Block) else own_time_s(step)
        try:
            return self.steps.do(step, STEP_TIMEOUT_S + own_s)
        finally:
            self.look_at()

    def look_at(self) -> None:
        """Take note that somebody looks, or does something."""
        self._looked_s = self._now()

    @property
    def forgotten(self) -> str | None:
        """Why the light must go off, if nobody has looked for `NOBODY_LOOKS_S` and nothing is carried out; else None.

        Time begins anew in the dark.
        """
        with self._lock:
            lit = self._dose.lit
        if not lit or self.steps.busy:
            self.look_at()
        if self._now() - self._looked_s < NOBODY_LOOKS_S:
            return None
        return f"nobody has looked at the alignment for {NOBODY_LOOKS_S / 60:g} min, so the light was taken off"

    def looking(self, look: Look, engine: Callable[[], Engine]) -> Look:
        """Return what does as `look`, and pauses the run when it is `forgotten`."""

        def look_at_both(count_rate_cps: float | None, attended: bool) -> None:
            look(count_rate_cps, attended)
            if engine().state is State.RUNNING and (why := self.forgotten) is not None:
                with suppress(SequenceError):  # a verb was faster
                    engine().pause(why)

        return look_at_both

    @property
    def dose(self) -> dict[str, Any]:
        """What has fallen on the sample, as the panel says it."""
        with self._lock:
            self._dose.look(self._rig.clock.now())
            return self._dose.content()

    def take(self, event: Mapping[str, Any]) -> None:
        """Take note of an event of the journal: what the light is now, and what a procedure has found."""
        time_s = self._rig.clock.now()
        match event.get("event"):
            case "step_started" if event["kind"] == "acquire_photons":  # of a procedure, which may take long
                self._meter.rest()
                self._display.show_alignment(self._meter.seen())
            case "step_ended":
                self._take_step(str(event["kind"]), event["values"], time_s)
            case "switched_off":
                self._take_step("set_laser", event["values"], time_s)
            case "procedure_ended" if "background_cps" in event["values"]:
                found = event["values"]
                self._meter.know_background(found["background"], found["background_cps"], found["background_error_cps"])
            case "transition":
                with self._lock:
                    self._dose.darken(time_s, dark=event["after"] in _DARK)

    def _take_step(self, kind: str, values: Mapping[str, Any], time_s: float) -> None:
        with self._lock:
            self._dose.change(time_s, values)
        if kind in _OTHER_LIGHT:
            self._meter.compare_anew()

    def _show(self, info: PhotonStreamInfo) -> Preview:
        """Return where the photons of a stream go that begins now; one that goes on is shown with what was before."""
        rig, view = self._rig, self._view
        if view is None or info != self._info:
            view = self._display.new_stream(None, ALIGNMENT, info, rig.calibration)
            self._view, self._info, self._end_pulse = view, info, 0
        self._display.show_stream(view, None, ALIGNMENT)
        with self._lock:
            if info.pulsed:
                self._dose.pulse_at(1e12 / info.period_ps)
            lit = self._dose.lit
        self._meter.begin(info, lit=lit)
        period_s = info.period_ps * 1e-12
        source = PacedPhotons(rig.spad_array, period_s) if rig.on_simulated_time else rig.spad_array
        first_pulse = self._end_pulse + 1 if self._end_pulse else 0
        return Preview(source, self, view, first_pulse)

    # as a recorder, which keeps nothing

    def append(self, block: PhotonBlock) -> None:
        """Count a block, and show what there is to see."""
        self._end_pulse = block.end_pulse
        self._meter.append(block)
        now_s = self._meter.time_s
        if now_s - self._shown_s < SHOW_EVERY_S:
            return
        self._shown_s = now_s
        if self._rig.focus is not None and now_s - self._focus_s >= FOCUS_EVERY_S:
            self._focus_s = now_s
            with suppress(DeviceError):  # the watch of the run tells it
                self._meter.know(focus_um=self._rig.focus.position_um())
        self._meter.know(dose=self.dose)
        self._display.show_alignment(self._meter.seen())

    def finish(self) -> None:
        """Do nothing: nothing is kept."""

    def abandon(self) -> None:
        """Do nothing: nothing is kept."""
