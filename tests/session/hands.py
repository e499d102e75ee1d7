"""Steps by hand with a clock that only the test moves, and what tests of them ask again and again."""

import threading

from acquisition.session.hand_steps import read_hand_step

ON = {"kind": "set_laser", "intensity": "20 %", "emission": True}
HEAT = {"kind": "set_temperature", "temperature": "40 degC"}


class Wall:
    time_s = 0.0

    def now(self):
        return self.time_s


def do(hand, step):
    hand.claim()
    return hand.do(read_hand_step(step), hand.offs)


def until(what):
    for _ in range(1000):
        if what():
            return
        threading.Event().wait(0.01)
    raise AssertionError("not within 10 s")


def emission(session):
    [laser] = [each for each in session.devices() if each["role"] == "laser"]
    return laser["emission"]
