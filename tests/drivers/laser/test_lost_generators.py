"""A generator that cannot be reached any more: it is opened again by itself, and never claimed to be dark."""

import errno
import threading

import pytest
from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError
from drivers.laser.generator_control import TRIES
from drivers.laser.pdl_800d import Pdl800D
from drivers.wire.said import in_words
from tests.drivers.laser.settings import gate_settings, trigger_settings
from tests.drivers.laser.talking import TalkingGenerator

ALWAYS = 1000


def shining(generator: TalkingGenerator) -> Pdl800D:
    laser = Pdl800D("laser", trigger_settings(), open_wire=generator)
    laser.connect()
    laser.set_emission(True)
    return laser


def silent_once(generator: TalkingGenerator) -> None:
    """Let one answer be missing."""

    def change(asked: str, said: str) -> None:
        generator.change = None

    generator.change = change


def vanish(generator: TalkingGenerator) -> None:
    generator.change = lambda asked, said: None
    generator.refused = ALWAYS


def test_light_of_a_generator_that_vanished_is_not_claimed_to_be_off_after_it_was_closed() -> None:
    generator = TalkingGenerator()
    laser = shining(generator)
    vanish(generator)
    with pytest.raises(CommunicationError, match=r"could not be made dark for certain.*key switch"):
        laser.close()
    with pytest.raises(CommunicationError, match="cannot be reached"):
        laser.connect()
    for _ in range(2):
        with pytest.raises(CommunicationError, match=r"could not be made dark for certain.*key switch"):
            laser.make_safe()
    with pytest.raises(CommunicationError, match="could not be made dark for certain"):
        laser.close()


def test_once_it_is_there_again_a_closed_laser_is_made_dark_and_stays_closed() -> None:
    generator = TalkingGenerator()
    laser = shining(generator)
    vanish(generator)
    with pytest.raises(CommunicationError):
        laser.close()
    generator.change, generator.refused = None, 0
    generator.brain.answer(b"OUTP 1")  # as if it had never heard that it should be off
    laser.make_safe()
    assert not generator.brain.state()["output"]
    assert not laser.connected
    opened = generator.opened
    laser.make_safe()
    laser.close()
    assert generator.opened == opened  # its darkness was read back


def test_a_laser_that_never_shone_needs_nobody_when_it_is_closed() -> None:
    generator = TalkingGenerator()
    laser = Pdl800D("laser", trigger_settings(), open_wire=generator)
    laser.make_safe()
    laser.close()
    assert generator.opened == 0


def test_a_laser_that_could_not_be_set_up_is_made_dark_when_it_is_closed() -> None:
    generator = TalkingGenerator(change=lambda asked, said: None if asked == "OUTP?" else said)
    generator.brain.answer(b"OUTP 1")
    laser = Pdl800D("laser", trigger_settings(), open_wire=generator)
    with pytest.raises(CommunicationError):
        laser.connect()
    generator.refused = ALWAYS
    with pytest.raises(CommunicationError, match="could not be made dark"):
        laser.close()


def test_the_reason_of_the_loss_stays_in_the_message() -> None:
    generator = TalkingGenerator()
    laser = shining(generator)
    generator.change = lambda asked, said: None
    with pytest.raises(DeviceTimeoutError):
        laser.status()
    generator.refused = ALWAYS
    with pytest.raises(CommunicationError, match=r"cannot be reached.*the connection was lost: Timeout expired"):
        laser.make_safe()


def test_after_one_late_answer_the_next_question_goes_over_a_new_connection() -> None:
    generator = TalkingGenerator()
    laser = shining(generator)
    silent_once(generator)
    with pytest.raises(DeviceTimeoutError, match="`cascadescope pause`, then `cascadescope reconnect laser`"):
        laser.status()
    generator.brain.answer(b"OUTP OFF")  # what it does is read, and not what it did before
    assert not laser.status().emission
    assert laser.connected
    assert generator.opened == 2


def test_another_instrument_at_the_address_is_not_taken_for_the_generator() -> None:
    generator = TalkingGenerator()
    laser = shining(generator)
    silent_once(generator)
    with pytest.raises(DeviceTimeoutError):
        laser.status()
    generator.change = lambda asked, said: "Somebody,33250A,2,else" if asked == "*IDN?" else said
    with pytest.raises(CommunicationError, match="Somebody"):
        laser.status()
    assert not laser.connected


def test_it_is_opened_again_a_few_times_and_then_waits_for_a_person() -> None:
    generator = TalkingGenerator()
    laser = shining(generator)
    vanish(generator)
    for _ in range(TRIES + 5):
        with pytest.raises(CommunicationError):
            laser.status()
    assert ALWAYS - generator.refused == TRIES
    generator.change, generator.refused = None, 0
    with pytest.raises(CommunicationError, match="`cascadescope reconnect laser`"):
        laser.status()
    laser.close()
    laser.connect()
    assert not laser.status().emission


def test_an_answer_that_is_late_while_it_is_switched_on_does_not_cost_the_light() -> None:
    generator = TalkingGenerator()
    laser = Pdl800D("laser", trigger_settings(), open_wire=generator)
    laser.connect()
    silent_once(generator)
    laser.set_emission(True)
    assert generator.brain.state()["output"]
    assert laser.status().emission


def test_a_lost_gate_is_opened_again_and_read() -> None:
    generator = TalkingGenerator()
    laser = Pdl800D("laser", gate_settings(), open_wire=generator)
    laser.connect()
    laser.set_emission(True)
    silent_once(generator)
    with pytest.raises(DeviceTimeoutError):
        laser.status()
    assert laser.status().emission
    vanish(generator)
    with pytest.raises(CommunicationError, match="could not be made dark for certain"):
        laser.close()


def test_a_connection_that_is_opened_again_is_not_opened_over_a_new_one() -> None:
    generator = TalkingGenerator()
    laser = shining(generator)
    silent_once(generator)
    with pytest.raises(DeviceTimeoutError):
        laser.status()
    both = threading.Barrier(2)

    def ask() -> None:
        both.wait(10.0)
        laser.status()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10.0)
    assert generator.opened == 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "nobody listens there"),
        (OSError("could not open port socket://h:1: [Errno 111] Connection refused"), "nobody listens there"),
        (VisaIOError(StatusCode.error_timeout), r"Timeout expired before operation completed (VI_ERROR_TMO)"),
        (ValueError("-1073807339"), r"Timeout expired before operation completed (VI_ERROR_TMO)"),
        (TimeoutError(), "no answer in time"),
        (ValueError("what?"), "what?"),
    ],
)
def test_errors_of_libraries_are_said_in_words(error: Exception, words: str) -> None:
    assert words in in_words(error)
