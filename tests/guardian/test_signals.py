"""A program that deals with Ctrl-C in its own way, such as Bluesky's RunEngine, gets each of them once."""

import signal

import pytest

from acquisition.guardian import signals
from acquisition.guardian.signals import TO_SESSION, SignalsOfSession


@pytest.fixture
def sent(monkeypatch):
    """The signals that the session gives itself because they were handed on."""
    before = {name: signal.getsignal(getattr(signal, name)) for name in (*TO_SESSION, "SIGTSTP")}
    sent = []
    monkeypatch.setattr(signals, "send_to_this_process", sent.append)
    monkeypatch.setattr(signals, "SAME_S", 0.01)
    yield sent
    for name, handler in before.items():
        signal.signal(getattr(signal, name), handler)


@pytest.mark.skipif(not hasattr(signal, "SIGTSTP"), reason="signals as only POSIX knows them")
@pytest.mark.parametrize("terminal", [True, False])
def test_ctrl_c_that_the_program_has_heard_itself_is_not_handed_on_to_it(sent, monkeypatch, terminal):
    monkeypatch.setattr(signals, "_hears_the_terminal", lambda: terminal)
    session = SignalsOfSession()
    signal.signal(signal.SIGINT, lambda number, frame: None)
    session.take("SIGINT")
    assert sent == ([] if terminal else ["SIGINT"])
    session.take("SIGTERM")
    assert sent[-1:] == ["SIGTERM"]
