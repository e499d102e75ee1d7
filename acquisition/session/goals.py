"""Ends an acquisition when its goal is reached: judges after each block, and now and then analyses what is there.

Results with errors come from the same analysis as afterwards. An error falls as 1/sqrt(t), so the next look comes
when the error of the last one would have fallen to what is wanted, but within 1.2 to 2 times the time.

Each look is a chance to be deceived. Found with simulated recordings (tests/session/test_goals_statistics.py): the
lifetime of BX- of 29 that were ended at 3 % lies 0.1 +- 0.2 of its errors off the truth, with pulls 1.16 +- 0.15 wide;
a thirtieth, that had not been neutral yet, is why a result does not count before which charge state is which is sure.
Of looks at two equal emitters with a g2(0) of 0.5, 2 in 1000 lie 3 sigma below it. Two that charge independently mimic
a lower g2(0) (21 of 116 looks), so pairs that live too long forbid the verdict: none of these looks was wrong then.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acquisition.sequence import SequenceError
from acquisition.sequence.steps.goals import Goal
from acquisition.session.goal_progress import progress_of
from acquisition.session.goals_judge import LATEST, Known, Verdict, judge
from acquisition.session.goals_look import POLL_S, Analyse, Look, Recorded, analyse_so_far
from acquisition.streaming import LiveSnapshot
from acquisition.streaming.live_worker import GOAL_LAG_BLOCKS
from drivers.interfaces.photons import PhotonStreamInfo

FIRST_LOOK_S = 20.0

SHARE_OF_LOOKS = 0.25
"""Share of the time that looks may take beside a stream in real time."""

LOOK_TIMEOUT_S = 300.0
"""Longest look, in wall time; also where an acquisition waits for it."""

GIVE_UP_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """What one look has found, for the journal.

    Attributes
    ----------
    elapsed_s : float
        Time of the point that it saw.
    text : str
        In words.
    next_s : float
        When it pays to look again.
    """

    elapsed_s: float
    text: str
    next_s: float

    @property
    def note(self) -> str:
        """In words, with the time."""
        return f"after {self.elapsed_s:.4g} s: {self.text}"


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal that was reached: how much of its point is recorded then, in s, and the reason in words."""

    elapsed_s: float
    reason: str


class StopOnGoal:
    """The goal of one point, through all its parts, as `acquisition.streaming` asks for it.

    Parts share one schedule of looks: more of them, one after each pause, would be more chances to be deceived.

    In real time a look runs beside the live analysis and the verdict comes when it is ready. Otherwise (simulation,
    replay) the stream waits for it, so that the end depends on the photons only.

    Parameters
    ----------
    goal : Goal
        As the step says.
    recorded : Recorded
        The point that is being recorded.
    info : PhotonStreamInfo
        Of its stream.
    real_time : bool
        Whether the stream cannot wait.
    intensity_percent : float
        Of the laser, 0 in the dark.
    power_uw : float or None
        At the sample at that intensity, in uW.
    interrupted : callable
        Whether the acquisition is to end anyway (pause, stop, abort), so that no look is waited for.
    analyse : callable
        The analysis.
    before : sequence of Found
        What looks in an earlier process have found.
    tell : callable
        Is told what each look has found, and that the goal is reached, in the thread of the live analysis.

    Raises
    ------
    SequenceError
        If the goal needs the power at the sample and that is not known.
    """

    def __init__(
        self,
        goal: Goal,
        recorded: Recorded,
        info: PhotonStreamInfo,
        *,
        real_time: bool,
        intensity_percent: float = 0.0,
        power_uw: float | None = None,
        interrupted: Callable[[], bool] = lambda: False,
        analyse: Analyse = analyse_so_far,
        before: Sequence[Found] = (),
        tell: Callable[[Found | Reached], None] = lambda said: None,
    ) -> None:
        if goal.needs_power and power_uw is None:
            raise SequenceError("a goal is a dose in uJ, but the power at the sample is not known")
        self._goal, self._recorded, self._period_s = goal, recorded, info.period_ps * 1e-12
        self._real_time, self._interrupted, self._analyse = real_time, interrupted, analyse
        self._intensity_percent, self._power_uw = intensity_percent, power_uw
        self._look: Look | None = None
        self._next_s = before[-1].next_s if before else FIRST_LOOK_S
        self._last_s: float | None = None
        self._overrun_s = 0.0
        self._results: Mapping[str, Any] | None = None
        self._found, self._tell = list(before), tell

    @property
    def notes(self) -> tuple[str, ...]:
        """What each look has found, in words."""
        return tuple(found.note for found in self._found)

    def progress(self, elapsed_s: float, cascades: int) -> list[dict[str, Any]]:
        """Return how far each part of the goal is after so much time and so many cascades; from any thread."""
        return progress_of(
            self._goal, Known(elapsed_s, cascades, self._results, self._intensity_percent, self._power_uw)
        )

    def begin_part(self, recorded: Recorded) -> None:
        """Go on with the next part of the point, which `recorded` records; the schedule of the looks stays.

        A look under way is given up and made again, as nobody has seen what it would have found.
        """
        self.close()
        self._recorded, self._last_s = recorded, None

    def reached(self, elapsed_s: float, snapshot: LiveSnapshot) -> str | None:
        """Return in words that the goal is reached, else None; called after each block."""
        if self._last_s is not None and not self._real_time:
            self._overrun_s = GOAL_LAG_BLOCKS * (elapsed_s - self._last_s)
        self._last_s = elapsed_s
        self._take_look(snapshot)
        verdict = self._judge(elapsed_s, snapshot)
        if not verdict.reached and self._goal.needs_analysis and self._look is None and elapsed_s >= self._next_s:
            self._begin_look(elapsed_s)
            if not self._real_time and self._look_is_ready():
                self._take_look(snapshot)
                verdict = self._judge(elapsed_s, snapshot)
        if not verdict.reached:
            return None
        self._tell(Reached(elapsed_s + self._overrun_s, verdict.text))
        return verdict.text

    def close(self) -> None:
        """Give up a look that is under way, and wait for its thread at most 10 s."""
        look, self._look = self._look, None
        if look is not None:
            look.give_up(GIVE_UP_WITHIN_S)

    def _judge(self, elapsed_s: float, snapshot: LiveSnapshot) -> Verdict:
        known = Known(
            elapsed_s + self._overrun_s, snapshot.cascades, self._results, self._intensity_percent, self._power_uw
        )
        return judge(self._goal, known)

    def _begin_look(self, elapsed_s: float) -> None:
        look = Look(self._recorded, round(elapsed_s / self._period_s), elapsed_s, self._analyse)
        try:
            look.start()
        except RuntimeError as error:
            self._postpone(elapsed_s, str(error))
        else:
            self._look = look

    def _look_is_ready(self) -> bool:
        """Wait for the look; one that is interrupted or hangs is given up."""
        look = self._look
        deadline_s = time.monotonic() + LOOK_TIMEOUT_S
        while look is not None and not look.done.wait(POLL_S):
            late = time.monotonic() > deadline_s
            if late or self._interrupted():
                self.close()
                if late:
                    self._postpone(look.elapsed_s, f"not ready within {LOOK_TIMEOUT_S:g} s")
                return False
        return look is not None

    def _take_look(self, snapshot: LiveSnapshot) -> None:
        """Take the results of a look that is ready, and choose when to look again."""
        look = self._look
        if look is None or not look.done.is_set():
            return
        self._look, self._results = None, look.results
        if look.results is None:
            self._postpone(look.elapsed_s, look.problem, look.took_s)
        else:
            verdict = self._judge(look.elapsed_s, snapshot)
            self._take_note(look.elapsed_s, verdict.text, look.elapsed_s * (verdict.again or LATEST), look.took_s)

    def _postpone(self, elapsed_s: float, problem: str, took_s: float = 0.0) -> None:
        text = f"the analysis of what is recorded so far failed: {problem}"
        self._take_note(elapsed_s, text, elapsed_s * LATEST, took_s)

    def _take_note(self, elapsed_s: float, text: str, next_s: float, took_s: float) -> None:
        if self._real_time:
            next_s = max(next_s, elapsed_s + took_s / SHARE_OF_LOOKS)
        self._next_s = next_s
        found = Found(elapsed_s, text, next_s)
        self._found.append(found)
        self._tell(found)
