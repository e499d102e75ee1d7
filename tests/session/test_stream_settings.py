"""Who waits for whom in an acquisition is a question of time, not of whether an instrument is simulated."""

from acquisition.rig import Rig, open_rig
from acquisition.rig.opening import make_rig, read_parts
from acquisition.session.stream_settings import REAL, SIMULATED, stream_settings


def test_simulated_time_waits_for_the_analysis():
    with open_rig("simulated") as rig:
        assert rig.on_simulated_time
        assert stream_settings(rig) is SIMULATED
    assert not SIMULATED.shed


def test_instruments_that_are_simulated_at_real_wires_wait_for_nobody():
    rig = make_rig(read_parts("wire"), Rig)
    assert not rig.on_simulated_time
    assert stream_settings(rig) is REAL
    assert REAL.shed
