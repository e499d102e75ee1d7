"""The goals of the points of a run: made when a point begins, ended with it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

from acquisition.analysis.recording import PhotonRecording
from acquisition.rig import Rig
from acquisition.sequence import AcquirePhotons, Sequence, SequenceError, SetLaser
from acquisition.sequence.metadata import AT_PERCENT, KNOWN, POWER
from acquisition.session.conditions import transmission_of
from acquisition.session.goals import Found, Reached, StopOnGoal
from acquisition.session.goals_look import FollowedRecorder, analyse_so_far
from acquisition.session.point_notes import PointNotes
from acquisition.storage import StorageError
from acquisition.streaming import PhotonRecorder
from drivers.interfaces.photons import PhotonStreamInfo

AnalysePoint: TypeAlias = Callable[[int, PhotonRecording, Callable[[str], None]], Mapping[str, Any]]
"""From the number of a point and what is recorded of it to results in the form of results.json."""

EQUAL_S = 1e-9
"""Times of a point that differ by less are the same."""


class RunGoals:
    """Makes the goal of each point, and keeps what its looks have found.

    Parameters
    ----------
    rig : Rig
        The instruments; photons that are simulated wait for a look, real ones do not.
    metadata : mapping
        Of the sequence; may state the power at the sample.
    interrupted : callable
        Whether the present step is to come to an end.
    journal : callable
        Takes an event as a dict of plain values, from any thread; raises `StorageError`.
    before : PointNotes
        What earlier processes have found.
    analyse : callable
        The analysis for a look at a point, given its number.
    """

    def __init__(
        self,
        rig: Rig,
        metadata: Mapping[str, Any],
        interrupted: Callable[[], bool],
        journal: Callable[[Mapping[str, Any]], None],
        before: PointNotes,
        analyse: AnalysePoint = lambda number, recording, report: analyse_so_far(recording, report),
    ) -> None:
        self._rig, self._metadata, self._interrupted = rig, metadata, interrupted
        self._journal, self._before, self._analyse = journal, before, analyse
        self._goals: dict[int, StopOnGoal] = {}
        self._ended: tuple[int, StopOnGoal] | None = None
        self._looks = {number: tuple(found.note for found in looks) for number, looks in before.looks.items()}

    def begin_part(
        self,
        number: int,
        step: AcquirePhotons,
        info: PhotonStreamInfo,
        recorder: PhotonRecorder,
        so_far: Callable[[], PhotonRecording],
    ) -> tuple[PhotonRecorder, StopOnGoal | None]:
        """Return the recorder that a part is to be recorded with, and its goal.

        Parameters
        ----------
        number : int
            Of the point.
        step : AcquirePhotons
            What was asked for.
        info : PhotonStreamInfo
            Of the stream.
        recorder : PhotonRecorder
            Of the part.
        so_far : callable
            Opens what is recorded of the point.

        Raises
        ------
        SequenceError
            If the goal is a dose in uJ and the power at the sample is not known.
        """
        if step.until is None:
            return recorder, None
        followed = FollowedRecorder(recorder, so_far)
        if (goal := self._goals.get(number)) is not None:
            goal.begin_part(followed)
            return followed, goal
        intensity_percent = self._intensity_percent(is_dose=step.until.is_dose)
        goal = StopOnGoal(
            step.until,
            followed,
            info,
            real_time=not self._rig.on_simulated_time,
            intensity_percent=intensity_percent,
            power_uw=_power_uw(self._metadata, intensity_percent) if step.until.needs_power else None,
            interrupted=self._interrupted,
            analyse=partial(self._analyse, number),
            before=tuple(self._before.looks.get(number, ())),
            tell=partial(self._tell, number),
        )
        self._goals[number] = goal
        return followed, goal

    def end(self, number: int) -> None:
        """End the goal of a point, with a look that may be under way; no effect if there is none."""
        goal = self._goals.pop(number, None)
        if goal is not None:
            goal.close()
            self._ended = number, goal
            self._looks[number] = goal.notes

    def end_all(self) -> None:
        """End the goals of all points."""
        for number in tuple(self._goals):
            self.end(number)

    def progress(self, number: int, elapsed_s: float, cascades: int) -> list[dict[str, Any]] | None:
        """Return how far the goal of the present or last point is; None without one. From any thread."""
        ended = self._ended
        goal = self._goals.get(number) or (ended[1] if ended is not None and ended[0] == number else None)
        return None if goal is None else goal.progress(elapsed_s, cascades)

    def looks(self, number: int) -> tuple[str, ...]:
        """Return in words what the looks at a point have found, once it has ended."""
        return self._looks.get(number, ())

    def reached_before(self, number: int, elapsed_s: float) -> str | None:
        """Return which goal a point had reached when the run was broken off, if `elapsed_s` of it are recorded."""
        reached = self._before.reached.get(number)
        return None if reached is None or elapsed_s < reached.elapsed_s - EQUAL_S else reached.reason

    def _tell(self, number: int, said: Found | Reached) -> None:
        """Write into the journal what another process must know to go on with the point."""
        if isinstance(said, Found):
            details = {"event": "goal_look", "found": said.text, "next_s": said.next_s}
        else:
            details = {"event": "goal_reached", "reason": said.reason}
        with suppress(StorageError):  # the disk tells soon enough that it refuses
            self._journal({**details, "point": number, "elapsed_s": said.elapsed_s})

    def _intensity_percent(self, *, is_dose: bool) -> float:
        """Return the share of the laser's full power that falls on the sample."""
        laser, shutter = self._rig.laser.status(), self._rig.shutter
        dark = not laser.emission or (shutter is not None and not shutter.is_open())
        if dark:
            return 0.0
        share = transmission_of(self._rig)
        if share is None and not is_dose:
            return laser.intensity_percent
        if share is None:
            raise SequenceError("a goal is a dose, and nobody has said how the attenuator is set; add set_attenuator")
        return share * laser.intensity_percent


def check_goals(sequence: Sequence) -> None:
    """Make sure that a sequence says what its goals need.

    Raises
    ------
    SequenceError
        If a goal is a dose in uJ, and the metadata do not state the power at the sample, or at which of several
        intensities it holds.
    """
    steps = sequence.plain_steps
    if not any(isinstance(step, AcquirePhotons) and step.until and step.until.needs_power for step in steps):
        return
    if sequence.metadata.get(POWER) is None:
        raise SequenceError(
            f"{sequence.name}: a goal is a dose in uJ, but the power at the sample is not known; state it in the "
            f"metadata ({KNOWN['power_at_sample'].example}), or give dose_percent_s instead"
        )
    intensities = {step.intensity_percent for step in steps if isinstance(step, SetLaser)} - {None}
    if sequence.metadata.get(AT_PERCENT) is None and len(intensities) > 1:
        raise SequenceError(
            f"{sequence.name}: a goal is a dose in uJ, and the laser has {len(intensities)} intensities; state in the "
            f"metadata at which of them power_at_sample holds ({KNOWN['power_at_intensity'].example})"
        )


def _power_uw(metadata: Mapping[str, Any], intensity_percent: float) -> float | None:
    """Return the power at the sample in uW, which is proportional to the intensity; None where it is not known."""
    power_uw, at_percent = metadata.get(POWER), metadata.get(AT_PERCENT)
    if power_uw is None or intensity_percent == 0:
        return None if power_uw is None else 0.0
    return float(power_uw) * intensity_percent / float(at_percent or intensity_percent)
