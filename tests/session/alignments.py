"""What tests of alignments ask for again and again."""

import threading
import time

from acquisition.sequence import SequenceError
from acquisition.session import SessionError

ON = {"kind": "set_laser", "intensity": "20 %", "emission": True}
OPEN = {"kind": "set_shutter", "open": True}
TIMEOUT_S = 30.0
SCAN = {"kind": "raster_scan", "width": "4 um", "height": "4 um", "dwell": "2 s"}
DARK_WITHIN_S = 0.5


def until(ask, what):
    """Return the first answer that fits."""
    end = time.monotonic() + TIMEOUT_S
    while time.monotonic() < end:
        if what(answer := ask()):
            return answer
        threading.Event().wait(0.02)
    raise AssertionError(f"not within {TIMEOUT_S:g} s: {answer}")


def seen(session, what=lambda panel: True):
    """Return the panel as soon as it fits."""
    return until(
        lambda: session.live(panels=["alignment"])["panels"]["alignment"],
        lambda panel: panel is not None and what(panel),
    )


def device(session, role):
    return next(each for each in session.devices() if each["role"] == role)


def ended(session):
    session.stop()
    return session.wait(TIMEOUT_S)


def asked_for(session, step):
    """Ask for a step in a thread of its own; return that and what it will have raised."""
    told = []

    def ask():
        try:
            session.do_step(step)
        except (SequenceError, SessionError) as error:
            told.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, told


def lit_alignment(session):
    session.do_step(ON)
    session.do_step(OPEN)
    run = session.start_alignment()
    seen(session)
    return run
