"""What a run becomes when the SPAD array or its server fails: what is said, what is safe, and how a loss is marked."""

from functools import partial

import numpy as np

from acquisition.session.analysing import analyze_recording
from drivers.interfaces.photons import Gap
from tests.faults.trials import Trial


def test_a_dropped_connection_ends_the_run_keeps_the_photons_and_is_mended_by_reconnecting(trial: Trial) -> None:
    trial.measure()
    trial.begin("spad_connection_dropped")
    status = trial.ended()
    trial.assert_told("spad_array", "closed the connection", "reconnect", "are kept")
    trial.assert_safe()
    assert count_of(trial) == status["photons"] > 0
    trial.session.reconnect("spad_array")
    assert_runs_well(trial)


def test_a_silent_server_ends_the_run_within_its_patience_and_nobody_claims_that_the_bias_is_off(trial: Trial) -> None:
    trial.measure()
    trial.begin("spad_silent")
    status = trial.ended()
    trial.assert_told("spad_array", "sent nothing for 1 s", "the bias may be on", "are kept")
    assert status["state"] == "broken"
    trial.assert_safe()  # it has heard the command all the same
    assert count_of(trial) == status["photons"] > 0
    trial.end("spad_silent")
    trial.session.reconnect("spad_array")
    assert_runs_well(trial)


def test_garbage_in_the_stream_is_a_marked_gap_and_the_run_goes_on(trial: Trial) -> None:
    trial.measure("2 s")
    trial.begin("spad_garbage")
    status = trial.ended()
    assert status["ok"], status
    assert_marked(trial, "no records", least=1, most=100_000)
    assert trial.record["points"][0]["gaps"] >= 1


def test_an_overflow_is_a_marked_gap_that_covers_the_loss_and_the_results_know_it(trial: Trial) -> None:
    trial.measure("2 s")
    trial.begin("spad_fifo_overflow", lost_s=0.2)
    status = trial.ended()
    assert status["ok"], status
    lost = assert_marked(trial, "FIFO of the slave chip", least=199_000, most=300_000)
    assert trial.record["points"][0]["lost_pulses"] == lost
    pulse, _, pixel = photons(trial)
    slave = pulse[pixel % 2 == 0]  # nearly all pixels of this chip are even
    for begin, end in covered(trial):
        counts = np.histogram(slave[(slave >= begin) & (slave < end)], np.arange(begin, end, 20_000))[0]
        assert counts.min() > 0.1 * counts.mean()
    losses = analyze_recording(trial.recording(), trial.folder.point(1).path)["losses"]
    assert losses["pulses_lost"] == lost


def test_a_jump_of_a_chip_is_marked_and_corrected_so_that_both_chips_tell_the_same_delays(trial: Trial) -> None:
    trial.measure("2 s")
    trial.begin("spad_chip_jump", jump_ns=100.0)
    status = trial.ended()
    assert status["ok"], status
    assert_marked(trial, "clock of the master chip jumped by 100 ns", least=1, most=300_000)
    (before_ps, before_error_ps), (after_ps, after_error_ps) = map(partial(chips_apart, trial), covered(trial))
    error_ps = np.hypot(before_error_ps, after_error_ps)
    assert 10 * error_ps < 100_000, "the jump could not be seen"
    assert abs(after_ps - before_ps) < 5 * error_ps


def chips_apart(trial: Trial, stretch: tuple[int, int]) -> tuple[float, float]:
    """Return by how much the mean delay of odd pixels, nearly all on the master chip, is above that of even ones.

    With its standard error, both in ps.
    """
    pulse, delay_ps, pixel = photons(trial)
    inside = (pulse >= stretch[0]) & (pulse < stretch[1])
    even, odd = (delay_ps[inside & (pixel % 2 == rest)] for rest in (0, 1))
    return float(odd.mean() - even.mean()), float(np.hypot(*(part.std() / len(part) ** 0.5 for part in (even, odd))))


def photons(trial: Trial) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pulse, delay in ps and pixel of all photons."""
    blocks = list(trial.recording().blocks())
    return tuple(
        np.concatenate([getattr(block, name).astype(np.int64) for block in blocks])
        for name in ("pulse", "delay_ps", "pixel")
    )


def count_of(trial: Trial) -> int:
    return sum(len(block) for block in trial.recording().blocks())


def gaps_of(trial: Trial) -> list[Gap]:
    return [gap for block in trial.recording().blocks() for gap in block.gaps]


def covered(trial: Trial) -> list[tuple[int, int]]:
    """Return the stretches of pulses outside of the gaps."""
    edges = [0, *(edge for gap in gaps_of(trial) for edge in (gap.first_pulse, gap.end_pulse)), 2_000_000]
    return [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if end > begin]


def assert_marked(trial: Trial, reason: str, least: int, most: int) -> int:
    """The recording has gaps for this reason, of as many pulses as is said; return how many."""
    gaps = gaps_of(trial)
    assert gaps
    assert all(reason in gap.reason for gap in gaps), gaps
    lost = sum(gap.end_pulse - gap.first_pulse for gap in gaps)
    assert least <= lost <= most
    return lost


def assert_runs_well(trial: Trial) -> None:
    trial.measure("0.5 s")
    status = trial.ended()
    assert status["ok"], status
    trial.assert_safe()
