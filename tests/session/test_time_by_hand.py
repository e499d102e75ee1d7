"""Simulated time goes on while a person sets instruments by hand: a heater heats, as a real one would."""

import time

import pytest

from acquisition.rig import open_rig
from acquisition.session import LocalSession, SessionError, by_hand
from acquisition.session.by_hand import ByHand
from acquisition.session.hand_steps import read_hand_step

HEAT = {"kind": "set_temperature", "temperature": "40 degC"}
DEADLINE_S = 30.0


@pytest.fixture
def hand(monkeypatch):
    """Steps by hand on a rig whose time only the test lets go on."""
    monkeypatch.setattr(ByHand, "_watch", lambda self: None)
    rig = open_rig("simulated", seed=1)
    with ByHand(rig, lambda: None, lambda error: None) as made:
        made.rig = rig
        yield made
    rig.close()


def heat(hand):
    hand.claim()
    hand.do(read_hand_step(HEAT), hand.offs)


def passed_s(hand):
    """Let a second go by, and return how much of it has passed for the rig."""
    begun_s = hand.rig.clock.now()
    hand.let_time_go_on(1.0)
    return hand.rig.clock.now() - begun_s


def temperature_c(session):
    (heater,) = [each for each in session.devices() if each["role"] == "heater"]
    return heater["readings"]["temperature_c"]


def test_a_heater_heats_after_the_step_that_has_set_it(hand):
    heat(hand)
    before_c = hand.rig.heater.status().temperature_c
    assert sum(passed_s(hand) for _ in range(60)) == pytest.approx(60.0)
    assert hand.rig.heater.status().temperature_c > before_c + 2.0


def test_time_stands_still_before_the_first_step(hand):
    assert passed_s(hand) == 0.0


def test_time_stands_still_while_a_step_is_carried_out(hand):
    heat(hand)
    hand.claim()
    assert passed_s(hand) == 0.0
    hand.do(read_hand_step(HEAT), hand.offs)
    assert passed_s(hand) == pytest.approx(1.0)


def test_a_run_has_its_own_time(hand):
    heat(hand)
    hand.claim()
    with hand.handed_over(dark=True):
        pass
    assert passed_s(hand) == 0.0


def test_time_goes_on_again_if_a_run_does_not_begin(hand):
    heat(hand)
    hand.claim()
    with pytest.raises(SessionError, match="refused"), hand.handed_over(dark=True):
        raise SessionError("refused")
    assert passed_s(hand) == pytest.approx(1.0)


def test_the_temperature_that_a_session_reads_back_rises_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(by_hand, "POLL_S", 0.05)
    with LocalSession("simulated", str(tmp_path), seed=1) as session:
        before_c = session.do_step(HEAT)["readings"]["temperature_c"]
        deadline_s = time.monotonic() + DEADLINE_S
        while temperature_c(session) <= before_c:
            assert time.monotonic() < deadline_s
