"""What was measured while an instrument may have been wrong is named: it is stored and cannot be marked any more."""

import threading

import pytest

from acquisition.sequence import AcquirePhotons, State
from acquisition.sequence.actions.acquiring import OpenPoint
from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.event_log import EventLog
from acquisition.streaming import AcquisitionResult, Latest, StreamSettings, acquire
from tests.sequence.bench import FakeServices
from tests.sequence.fake_rig import FakeRig


@pytest.mark.parametrize(("bad_for_s", "first"), [(0.2, 1_400_001), (30.0, 1_000_001)])
def test_the_pulses_before_a_suspension_are_named_back_to_the_begin_of_their_part(bad_for_s, first):
    rig, services, events, interrupt = FakeRig(), FakeServices(), [], threading.Event()
    services.before[1] = AcquisitionResult.earlier(photons=5, end_pulse=1_000_000, elapsed_s=1.0)
    rig.spad_array._before_block = lambda number: number < 6 or interrupt.wait(10)

    def look(count_rate_cps):
        if point._part_s > 0.55:
            point.doubt("the laser rate was off", bad_for_s)
            interrupt.set()

    context = StepContext(rig, services, EventLog(events.append, rig.clock.now), interrupt, look, {}, 1)
    step, latest = AcquirePhotons(duration_s=3), Latest()
    point = OpenPoint(1, step, context, acquire, StreamSettings(shed=False), latest, lambda: State.RUNNING)
    point.interruption = "paused"
    point.go_on()
    [event] = [event for event in events if event["event"] == "data_doubtful"]
    assert (event["point"], event["reason"]) == (1, "the laser rate was off")
    assert event["from_pulse"] == pytest.approx(first, abs=1)
    assert event["to_pulse"] == point.result.end_pulse == 1_700_001
