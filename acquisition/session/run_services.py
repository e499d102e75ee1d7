"""What the engine asks of the session: where to record, what is recorded, analysis, and a person."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from acquisition.live_view import LiveDisplay
from acquisition.rig import Rig
from acquisition.sequence import AcquirePhotons, PartRecording, Point
from acquisition.session.analysing import analyze_recording
from acquisition.session.goals_of_run import RunGoals
from acquisition.session.procedure_services import ProcedureServices
from acquisition.session.questions import Questions
from acquisition.session.recording import RunRecording
from acquisition.session.truth_record import TruthRecord
from acquisition.storage import Extent, RunFolder, open_point
from acquisition.streaming import AcquisitionResult, Ending, LiveConsumer
from acquisition.streaming.parts import dark_pulses
from drivers.interfaces.photons import PhotonStreamInfo


class RunServices(ProcedureServices):
    """The services of one run.

    Parameters
    ----------
    folder : RunFolder
        Where the run is stored.
    rig : Rig
        The instruments.
    recording : RunRecording
        Makes the recorders.
    goals : RunGoals
        Makes the goals of the points.
    truth : TruthRecord
        Keeps what the bench knows.
    questions : Questions
        Reaches a person.
    display : LiveDisplay
        Makes the live analyses, and shows them.
    begun : callable
        Is called when a part of a point is about to be recorded.
    ended : callable
        Is told of each point that has ended.
    """

    def __init__(
        self,
        folder: RunFolder,
        rig: Rig,
        recording: RunRecording,
        goals: RunGoals,
        truth: TruthRecord,
        questions: Questions,
        display: LiveDisplay,
        begun: Callable[[], None],
        ended: Callable[[Point], None],
    ) -> None:
        super().__init__(folder, rig, recording)
        self._truth = truth
        self._display, self.begin_truth, self.show_frame = display, truth.begin_part, display.show_frame
        self._goals, self._questions, self._begun, self._ended = goals, questions, begun, ended
        self._live: dict[int, LiveConsumer] = {}

    def begin_part(self, point: int, step: AcquirePhotons, info: PhotonStreamInfo) -> PartRecording:
        """Return where to record what comes next of a point; a live analysis catches up with what is there."""
        new = point not in self._live
        live = self._live[point] = self._new_live(point, info, step.label) if new else self._live[point]
        recorder = self._recording.begin_part(point, info, step.background)
        try:
            if new and recorder.first_pulse:
                for block in self._recording.so_far(point).blocks():
                    live.update(block)
            followed, goal = self._goals.begin_part(point, step, info, recorder, lambda: self._recording.so_far(point))
            self._truth.begin_part(point, step.duration_s)
            self._begun()
        except BaseException:
            recorder.abandon()
            raise
        return PartRecording(followed, live, goal, recorder.first_pulse)

    def recorded(self, point: int) -> AcquisitionResult | None:
        """Return what an earlier process has recorded of a point, read once for the live analysis; None if nothing."""
        folder = self._folder.point(point)
        if not folder.has_stream:
            return None
        recording = open_point(folder)
        live = self._live[point] = self._new_live(point, recording.info)
        extent, dark = Extent(), 0
        for block in recording.blocks():
            extent, dark = extent.plus(block), dark + dark_pulses(block)
            if block.end_pulse > block.first_pulse:
                live.update(block)
        period_s = recording.info.period_ps * 1e-12
        found = AcquisitionResult.earlier(
            extent.photons,
            extent.end_pulse,
            extent.end_pulse * period_s,
            extent.gaps,
            extent.lost_pulses,
            dark * period_s,
        )
        if (reason := self._goals.reached_before(point, found.elapsed_s)) is not None:
            found = replace(found, ending=Ending.GOAL, reason=reason)
        return replace(found, live=live.snapshot()) if extent.end_pulse else found

    def _new_live(self, point: int, info: PhotonStreamInfo, label: str | None = None) -> LiveConsumer:
        return self._display.new_stream(point, label, info, self._rig.calibration)

    def end_point(self, point: Point) -> None:
        """Take note that nothing more comes of a point."""
        self._live.pop(point.number, None)
        self._goals.end(point.number)
        self._ended(point)

    def analyze(self, point: int) -> Mapping[str, Any]:
        """Return the results of a point that has ended, as they stand in results.json."""
        folder = self._folder.point(point)
        return analyze_recording(open_point(folder), folder.path)

    def ask(
        self,
        question: str,
        choices: Sequence[str],
        timeout_s: float | None,
        interrupt: threading.Event,
        tick: Callable[[], None],
    ) -> str | None:
        """Ask a person."""
        return self._questions.ask(question, choices, timeout_s, interrupt, tick)
