"""Steps that a person hands to a run one at a time while it goes on; between them the photons are looked at."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from acquisition.sequence.errors import SequenceError, StepError
from acquisition.sequence.steps import Block, MoveStage, Step, Values
from acquisition.sequence.steps.preview import PreviewPhotons
from acquisition.sequence.switched_off import Off
from acquisition.streaming import AcquisitionError, LiveConsumer, PhotonRecorder, PhotonSource
from drivers.interfaces.errors import FaultError
from drivers.interfaces.photons import PhotonStreamInfo

PREVIEW = PreviewPhotons(duration_s=3600.0)
"""What is done while no step is handed in, again and again."""

OVER = "the alignment has ended, and the step was not carried out to its end; start another one"

PAUSED = "was not done, because the run is paused; resume it, then ask for the step again"


@dataclass(frozen=True, slots=True)
class Preview:
    """Where photons go that are looked at only.

    Attributes
    ----------
    source : PhotonSource
        They come from.
    recorder : PhotonRecorder
        Takes each block, and keeps none.
    live : LiveConsumer
        Shows them.
    first_pulse : int
        Where this look begins in the pulses that `live` has seen: 0, or the end of the look before + 1.
    """

    source: PhotonSource
    recorder: PhotonRecorder
    live: LiveConsumer
    first_pulse: int = 0


class Shows(Protocol):
    """Says where the photons of a stream go that are looked at only."""

    def __call__(self, info: PhotonStreamInfo) -> Preview:
        """Return it for a stream that is about to begin."""


@dataclass(slots=True)
class _Asked:
    step: Step
    begun: bool = False
    cut: str = ""  # why it must not go on
    ended: threading.Event = field(default_factory=threading.Event)
    values: Values = field(default_factory=dict)
    error: Exception | None = None


class HandedSteps:
    """What a run carries out that is steered by hand; ends when the run is told to.

    Parameters
    ----------
    show : Shows
        Where the photons go that are looked at.

    Attributes
    ----------
    wanted : threading.Event
        Set while a step waits, so that a look at the photons ends.
    """

    def __init__(self, show: Shows) -> None:
        self.show = show
        self.wanted = threading.Event()
        self._lock = threading.Lock()
        self._asked: _Asked | None = None
        self._over = self._held = False
        self._offs: list[Off] = []

    def __iter__(self) -> Iterator[Step]:
        """Yield nothing: what will be handed in is not known in advance."""
        return iter(())

    def do(self, step: Step, timeout_s: float) -> Values:
        """Hand a step in, from any thread, and return its values when it has been carried out.

        Raises
        ------
        SequenceError
            If another one is being carried out, the run is over, or it takes longer than `timeout_s`, in wall time.
        Exception
            What the step raised.
        """
        asked = _Asked(step)
        with self._lock:
            if self._over:
                raise SequenceError(OVER)
            if self._held:
                raise SequenceError(f"{step.kind}: {PAUSED}")
            if self._asked is not None:
                raise SequenceError(f"{self._asked.step.kind} is just being carried out; wait until it is done")
            self._asked = asked
            self.wanted.set()
        if not asked.ended.wait(timeout_s):
            raise SequenceError(f"{step.kind} has not come to its end within {timeout_s:g} s; it still goes on")
        if asked.error is not None:
            raise asked.error
        return asked.values

    def carry_out(self, do: Callable[[Step], Values], give_up: Callable[[], object]) -> None:
        """Carry out what is handed in, in the thread of the engine, until `do` says by an error that the run is over.

        Parameters
        ----------
        do : callable
            Carries out a step.
        give_up : callable
            Ends what a step that has failed had begun; the stage goes back to where a procedure began, the run goes
            on, and who has asked is told, unless the error may have to do with safety, which is raised then.
        """
        try:
            while True:
                self.wanted.clear()
                asked = self._asked
                if asked is None:
                    do(PREVIEW)
                else:
                    self._do_one(asked, do, give_up)
        finally:
            self.end()

    def _do_one(self, asked: _Asked, do: Callable[[Step], Values], give_up: Callable[[], object]) -> None:
        asked.error, asked.begun = SequenceError(OVER), True
        back = None
        try:
            self.check()
            back = _way_back(asked.step, do)
            asked.values = do(asked.step)
            self.check()
            asked.error = None
        except StepError as error:
            asked.error = error.__cause__ if isinstance(error.__cause__, Exception) else error
            if breaks_off(error):
                raise
            give_up()
            if back is not None:
                asked.error = _gone_back(back, do, asked.error)
        finally:
            with self._lock:
                self._asked = None
            asked.ended.set()

    # from any thread: what ends a step early

    def take_off(self, off: Off) -> bool:
        """Let the run know that an instrument is switched off, and return whether the present step ends by that.

        A step that has nothing to do with the instrument goes on; a procedure ends.
        """
        with self._lock:
            if self._over:
                raise SequenceError(OVER)
            self._offs.append(off)
            asked = self._asked
            if asked is not None and (isinstance(asked.step, Block) or off.concerns(asked.step)):
                asked.cut = asked.cut or off.reason
            self.wanted.set()
            return asked is not None and bool(asked.cut)

    # in the thread of the engine, between steps

    @property
    def busy(self) -> bool:
        """Whether a step is being carried out, or about to be."""
        return self._asked is not None

    @property
    def taking_off(self) -> bool:
        """Whether the instruments are no longer as the steps have set them, because one was switched off by hand."""
        return bool(self._offs)

    def offs(self) -> list[Off]:
        """Return what was switched off since it was asked for the last time."""
        with self._lock:
            offs, self._offs = self._offs, []
        return offs

    def hold_back(self) -> None:
        """Take no steps while the run is paused, and none that has not been done: it must not happen hours later.

        A procedure that has begun goes on after the pause.

        Raises
        ------
        StepError
            If the present step is not a procedure.
        """
        with self._lock:
            self._held, asked = True, self._asked
            if asked is None or (asked.begun and isinstance(asked.step, Block)):
                return
            asked.cut = asked.cut or f"{asked.step.kind}: {PAUSED}"
            if not asked.begun:
                asked.error, self._asked = SequenceError(asked.cut), None
                asked.ended.set()
                return
        self.check()

    def go_on(self) -> None:
        """Take steps again."""
        self._held = False

    def check(self) -> None:
        """Raise `StepError`, once, if the present step must not go on."""
        with self._lock:
            asked = self._asked
            why = "" if asked is None or not asked.begun else asked.cut
            if asked is not None and why:
                asked.cut = ""
        if why:
            raise StepError(why)

    def end(self) -> None:
        """Let nothing more be handed in, and tell who waits that the run is over; no effect if it has ended."""
        with self._lock:
            self._over = True
            asked, self._asked = self._asked, None
            for off in self._offs:
                off.settled.set()
        if asked is not None:
            asked.error = asked.error or SequenceError(OVER)
            asked.ended.set()


def _way_back(step: Step, do: Callable[[Step], Values]) -> MoveStage | None:
    """Return the move to where the stage is now, if a step is a procedure that moves it."""
    if not (isinstance(step, Block) and any(isinstance(each, MoveStage) for each in step.needs())):
        return None
    here = do(MoveStage(x_um=0.0, y_um=0.0, relative=True))
    return MoveStage(x_um=here["x_um"], y_um=here["y_um"])


def _gone_back(back: MoveStage, do: Callable[[Step], Values], error: Exception) -> Exception:
    """Bring the stage back after a procedure has failed, and return what to tell, or raise if the run is to end."""
    try:
        do(back)
    except StepError as failed:
        if breaks_off(failed):
            raise
        place = f"({back.x_um:.2f}, {back.y_um:.2f}) um"
        return SequenceError(f"{error}; the stage could not be brought back to {place}, look where it is: {failed}")
    return error


def breaks_off(error: BaseException) -> bool:
    """Return whether an error of a step may have to do with safety: a detector that failed, an alarm."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AcquisitionError | FaultError):
            return True
        cause = cause.__cause__
    return False
