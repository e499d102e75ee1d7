"""What the engine asks of the session: where to record, what is recorded, analysis, and a person."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from acquisition.live_view import LiveDisplay
from acquisition.numbers import duration
from acquisition.rig import Rig
from acquisition.sequence import AcquirePhotons, PartRecording, Point
from acquisition.session.analysing import analyze_recording
from acquisition.session.goals_of_run import RunGoals
from acquisition.session.procedure_services import ProcedureServices
from acquisition.session.questions import Questions
from acquisition.session.recording import RunRecording
from acquisition.session.truth_record import TruthRecord
from acquisition.storage import Extent, Loss, RunFolder, SegmentRecording, open_point
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

    Attributes
    ----------
    reading : str
        What of an earlier process is just being read, in words; empty if nothing is.
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
        self.reading = ""

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
        calibration = self._rig.calibration
        live = self._live[point] = self._display.new_stream(point, None, recording.info, calibration, shown=False)
        extent, dark, period_s = Extent(), 0, recording.info.period_ps * 1e-12
        losses: list[Loss] = []
        segments = recording if isinstance(recording, SegmentRecording) else None
        whole_s = 0.0 if segments is None else segments.outline().end_pulse * period_s
        for block in recording.blocks() if segments is None else segments.read(losses.append):
            extent, dark = extent.plus(block), dark + dark_pulses(block)
            if block.end_pulse > block.first_pulse:
                live.update(block)
            self.reading = _reading(point, extent.end_pulse * period_s, whole_s)
        self.reading = ""
        if segments is not None:
            self._recording.know(point, extent, losses)
        self._display.show_stream(live, point, None)
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


def _reading(point: int, read_s: float, whole_s: float) -> str:
    """Return in words how much of an earlier process is read."""
    share = f" of {duration(whole_s)} ({100.0 * min(1.0, read_s / whole_s):.0f} %)" if whole_s > 0 else ""
    return (
        f"reading what point {point} has recorded before: {duration(read_s)}{share}; "
        "no light is switched on until that is done"
    )
