"""An engine on a fake rig, with everything that it wrote."""

from acquisition.sequence import Engine, FrameRecording, PartRecording, SetLaser, SetShutter
from acquisition.streaming import StreamSettings
from tests.sequence.fake_rig import FakeRig
from tests.streaming.fakes import FakeLive, FakeRecorder

LIGHT = [SetLaser(repetition_rate_hz=1e6, intensity_percent=20, emission=True), SetShutter(open=True)]
DARK = [SetShutter(open=False), SetLaser(emission=False)]


class FakeFrames:
    """Keeps the frames of a point."""

    def __init__(self):
        self.kept = []
        self.saturated_frames = 0

    @property
    def frames(self):
        return len(self.kept)

    @property
    def signals(self):
        return [float(frame.counts.sum()) for frame in self.kept]

    def append(self, frame):
        self.kept.append(frame)


class FakeServices:
    """Keeps the parts of each point, and answers questions with what the test says."""

    def __init__(self):
        self.parts = {}
        self.ended = []
        self.before = {}
        self.asked = []
        self.answers = []
        self.results = {}
        self.tables = {}
        self.learnt = []
        self.late = {}
        self.frames = {}
        self.interruptions = []
        self.ended_frames = []
        self.new_recorder = FakeRecorder
        self.new_live = FakeLive
        self.new_goal = lambda step: None

    def begin_part(self, point, step, info):
        parts = self.parts.setdefault(point, [])
        live = parts[0].live if parts else self.new_live()
        blocks = [block for part in parts for block in part.recorder.blocks]
        end = blocks[-1].end_pulse if blocks else getattr(self.before.get(point), "end_pulse", 0)
        parts.append(PartRecording(self.new_recorder(), live, self.new_goal(step), end + 1 if end else 0))
        return parts[-1]

    def recorded(self, point):
        return self.before.get(point)

    def end_point(self, point):
        self.ended.append(point)

    def analyze(self, point):
        return self.results

    def begin_frames(self, point, step, interruption):
        self.interruptions.append(interruption)
        return FrameRecording(self.frames.setdefault(point, FakeFrames()))

    def end_frames(self, point, step, *, complete):
        self.ended_frames.append((point, complete))

    def late_light(self, points, after_ns, until_ns):
        return self.late[points]

    def save_table(self, number, title, columns, rows):
        self.tables[number] = (title, columns, rows)
        return f"scans/{number:04d}.csv"

    def learn(self, values):
        self.learnt.append(values)

    def ask(self, question, choices, timeout_s, interrupt, tick):
        self.asked.append(question)
        return self.answers.pop(0) if self.answers else None


class Bench:
    """An engine on a fake rig, with everything that it wrote."""

    def __init__(self, rig=None, services=None, **more):
        self.rig = rig or FakeRig()
        self.events = []
        self.services = services or FakeServices()
        settings = {"stream": StreamSettings(shed=False), "journal": self.events.append, **more}
        self.engine = Engine(self.rig, self.services, **settings)

    @property
    def recorders(self):
        return [part.recorder for parts in self.services.parts.values() for part in parts]

    def said(self, event):
        return [entry for entry in self.events if entry["event"] == event]

    def when_block(self, number, act):
        self.rig.spad_array._before_block = lambda present: act() if present == number else None

    @property
    def transitions(self):
        return [f"{entry['before']} {entry['verb']} {entry['after']}" for entry in self.said("transition")]
