"""An engine on a fake rig, with everything that it wrote."""

from acquisition.sequence import Engine, SetLaser, SetShutter
from acquisition.streaming import StreamSettings
from tests.sequence.fake_rig import FakeRig
from tests.streaming.fakes import FakeLive, FakeRecorder

LIGHT = [SetLaser(repetition_rate_hz=1e6, intensity_percent=20, emission=True), SetShutter(open=True)]
DARK = [SetShutter(open=False), SetLaser(emission=False)]


class Bench:
    """An engine on a fake rig, with everything that it wrote."""

    def __init__(self, **more):
        self.rig = FakeRig()
        self.events = []
        self.recorders = []
        settings = {"stream": StreamSettings(shed=False), "journal": self.events.append, **more}
        self.engine = Engine(self.rig, recorder_factory=self.new_recorder, live_factory=self.new_live, **settings)

    def new_recorder(self, point_number, info):
        self.recorders.append(FakeRecorder())
        return self.recorders[-1]

    def new_live(self, info):
        return FakeLive()

    def said(self, event):
        return [entry for entry in self.events if entry["event"] == event]

    def when_block(self, number, act):
        self.rig.spad_array._before_block = lambda present: act() if present == number else None

    @property
    def transitions(self):
        return [f"{entry['before']} {entry['verb']} {entry['after']}" for entry in self.said("transition")]
