"""An engine on a simulated rig, whose points are kept in memory."""

from dataclasses import dataclass, field

from acquisition.analysis.late_light import late_light
from acquisition.analysis.recording import Calibration
from acquisition.rig import open_rig
from acquisition.sequence import Engine, SetLaser, SetShutter
from acquisition.streaming import StreamSettings
from tests.analysis.recordings import MemoryRecording
from tests.sequence.bench import FakeServices

LIGHT = [SetLaser(repetition_rate_hz=1e6, intensity_percent=20, emission=True), SetShutter(open=True)]
SEEN = {"pixels": (107, 151), "window_ns": (19.0, 180.0)}
"""Where and when the light of the simulated nanocrystals comes."""


class MemoryServices(FakeServices):
    """Counts late light as a run does, in the blocks that the recorders hold."""

    def __init__(self, calibration=None):
        super().__init__()
        self.infos = {}
        self.steps = {}
        self._calibration = calibration or Calibration()

    def begin_part(self, point, step, info):
        self.infos[point], self.steps[point] = info, step
        return super().begin_part(point, step, info)

    def late_light(self, points, after_ns, until_ns):
        dark, *lit = (
            MemoryRecording(
                self.infos[point],
                [block for part in self.parts[point] for block in part.recorder.blocks],
                self._calibration,
            )
            for point in points
        )
        return late_light(dark, lit, after_ns, until_ns).plain()


@dataclass
class Done:
    """What a run on the simulated rig has left."""

    outcome: object
    services: MemoryServices
    events: list = field(default_factory=list)

    def values(self, kind):
        [*_, last] = [event for event in self.events if event["event"] == "procedure_ended" and event["kind"] == kind]
        return last["values"]

    def texts(self):
        return [event["text"] for event in self.events if event["event"] == "step_started"]


def carry_out(steps, seed=1, sample="field_of_dots", history=None, events=None):
    """Carry out steps on a new simulated rig."""
    with open_rig("simulated", seed=seed, sample=sample) as rig:
        done = Done(None, MemoryServices(rig.calibration), [] if events is None else events)
        engine = Engine(rig, done.services, journal=done.events.append, stream=StreamSettings(shed=False))
        done.outcome = engine.run(steps, (), history)
        return done
