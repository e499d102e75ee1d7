"""Stopping on information neither biases what is measured nor takes two emitters for one; minutes, run with -m slow."""

import numpy as np
import pytest

from acquisition.analysis.recording import Calibration
from acquisition.sequence.steps.goals import Goal
from acquisition.session.goals import StopOnGoal
from acquisition.session.goals_look import analyse_so_far
from simulators.detector import DetectorSettings
from simulators.optics import Optics
from tests.analysis.recordings import MemoryRecording
from tests.simulators.worlds import shining, shipped_sample
from tests.streaming.fakes import FakeSnapshot

BRIGHT = Optics(collection_efficiency=0.4)
"""Three times the light: what takes a quarter of an hour takes a minute and a half at most."""

FEW_DARK = DetectorSettings(dark_rate_median_cps=25)


class Growing:
    """A recording in memory; without wavelengths, as no spectra are needed."""

    def __init__(self, info):
        self.recording = MemoryRecording(info, [], Calibration())

    def wait_until(self, end_pulse, timeout_s):
        return True

    def open(self):
        return self.recording


def looks_until(goal, sample, seed, longest_s, *, optics=None, detector=None):
    """Return the reason why an acquisition ended, None if by its time, and the results of each look."""
    array = shining(shipped_sample(sample), seed, optics=optics, detector=detector).array
    info = array.stream_info()
    growing, found = Growing(info), []

    def analyse(recording, report):
        found.append(analyse_so_far(recording, report))
        return found[-1]

    judged = StopOnGoal(Goal.model_validate(goal), growing, info, real_time=False, analyse=analyse)
    reason = None
    for block in array.photons(longest_s):
        growing.recording.stored.append(block)
        reason = judged.reached(block.end_pulse * info.period_ps * 1e-12, FakeSnapshot())
        if reason is not None:
            break
    return reason, found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_lifetime_at_which_an_acquisition_was_ended_is_not_biased():
    truth_ns, seeds = 7.5, 12
    pulls, looks = [], 0
    for seed in range(seeds):
        goal = {"relative_error": {"of": "lifetime of BX-", "below_percent": 3.0}}
        reason, found = looks_until(goal, "cdse_cds_table", seed, 200.0, optics=BRIGHT, detector=FEW_DARK)
        assert reason is not None
        lifetime = found[-1]["states"]["BX-"]["lifetime_ns"]
        assert lifetime["error"] < 0.03 * lifetime["value"]
        pulls.append((lifetime["value"] - truth_ns) / lifetime["error"])
        looks += len(found)
    assert looks >= 2 * seeds  # else nothing was chosen by its error
    assert abs(np.mean(pulls)) < 4 / np.sqrt(seeds), pulls
    assert abs(np.std(pulls) - 1) < 4 / np.sqrt(2 * seeds), pulls


@pytest.mark.slow
def test_the_charge_state_of_a_lifetime_is_sure_before_it_ends_an_acquisition():
    """This dot is not neutral before 46 s; its X2- would pass for X- until then."""
    goal = {"relative_error": {"of": "lifetime of BX-", "below_percent": 3.0}}
    _, found = looks_until(goal, "cdse_cds_table", 29, 200.0, optics=BRIGHT, detector=FEW_DARK)
    first, last = (results["states"]["X-"]["lifetime_ns"]["value"] for results in (found[0], found[-1]))
    assert first == pytest.approx(20, abs=0.5)
    assert last == pytest.approx(28, abs=0.5)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_emitters_that_charge_independently_are_not_called_single():
    looks = []
    for seed in range(7):
        reason, found = looks_until({"single_emitter": {}}, "two_emitters", seed, 85.0)
        assert reason is None, (seed, reason)
        looks += found
    assert len(looks) == 21
    below = [look for look in looks if _below_half(look["emitters"])]
    assert below  # g2 alone would have called them single


def _below_half(emitters):
    g2 = emitters["g2_gated"]
    return emitters["verdict"] != "several" and 0 < g2["value"] + 3 * g2["error"] < 0.5


@pytest.mark.slow
def test_one_emitter_is_called_single_in_its_first_minutes():
    for seed in range(5):
        reason, _ = looks_until({"single_emitter": {}}, "cdse_cds_table", seed, 170.0)
        assert reason is not None
        assert reason.endswith("a single emitter")
