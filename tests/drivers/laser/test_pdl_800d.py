"""What a PDL 800-D does by itself, what it asks a person for, and what it never says."""

import threading

import pytest

from drivers.interfaces.errors import (
    CommunicationError,
    DeviceError,
    DeviceTimeoutError,
    FaultError,
    OperatorNeeded,
    StateError,
)
from drivers.interfaces.laser import LaserAuthority
from drivers.laser.pdl_800d import Pdl800D
from drivers.wire.whose import SIMULATOR_MARK
from simulators.shutter import SimulatedShutter
from simulators.wire.scpi_generator import ScpiGeneratorServer
from tests.drivers.laser.pdl_800d_lasers import gated, triggered, uncontrolled
from tests.drivers.laser.settings import (
    shutter_settings,
    trigger_settings,
)
from tests.drivers.laser.talking import TalkingGenerator, bench


def test_the_output_goes_off_before_anything_else_is_sent() -> None:
    generator = TalkingGenerator()
    triggered(generator).connect()
    assert generator.said[:2] == ["*IDN?", "OUTP 0"]


def test_the_output_goes_on_only_after_load_and_levels_were_read_back() -> None:
    generator = TalkingGenerator()
    laser = triggered(generator)
    laser.connect()
    generator.said.clear()
    laser.set_emission(True)
    on = generator.said.index("OUTP 1")
    before = generator.said[:on]
    for command in ("OUTP?", "OUTP:LOAD 50", "OUTP:LOAD?", "VOLT:HIGH?", "VOLT:LOW?", "FREQ?", "SYST:ERR?"):
        assert command in before
    assert generator.said[on + 1] == "OUTP?"
    assert "OUTP 1" not in before


def test_emission_is_what_the_generator_says_now_whoever_switched_it() -> None:
    generator = TalkingGenerator()
    laser = triggered(generator)
    laser.connect()
    laser.set_emission(True)
    generator.brain.answer(b"OUTP OFF")  # somebody at its front panel
    assert not laser.status().emission
    generator.brain.answer(b"FREQ 2E6")
    assert laser.status().repetition_rate_hz == 2e6


def test_only_what_nothing_reads_is_declared() -> None:
    assert triggered(TalkingGenerator()).declared == {"intensity_percent", "interlock_closed"}
    assert gated(TalkingGenerator()).declared == {"intensity_percent", "interlock_closed", "repetition_rate_hz"}
    assert "emission" in uncontrolled().declared


def test_what_its_generator_says_is_no_number_of_the_laser() -> None:
    laser = triggered(TalkingGenerator())
    laser.connect()
    assert (laser.identity.model, laser.identity.serial, laser.identity.firmware) == ("PDL 800-D", "", "")
    settings = laser.settings()
    assert SIMULATOR_MARK in str(settings["held_back_by"])
    assert settings["generator"] == "Keysight33250A"
    assert settings["generator_address"]


def test_the_knob_is_turned_by_a_person() -> None:
    laser = triggered(TalkingGenerator())
    laser.connect()
    laser.set_intensity_percent(20.0)  # where it is declared to be
    with pytest.raises(OperatorNeeded, match="turn the intensity knob of the PDL 800-D to 35 %") as needed:
        laser.set_intensity_percent(35.0)
    assert laser.status().intensity_percent == 20.0
    needed.value.confirm()
    laser.set_intensity_percent(35.0)
    assert laser.status().intensity_percent == 35.0


def test_the_rate_of_its_own_clock_is_set_by_a_person() -> None:
    laser = gated(TalkingGenerator(ScpiGeneratorServer("laser", bench(), purpose="gate")))
    laser.connect()
    laser.set_repetition_rate_hz(1e6)
    with pytest.raises(OperatorNeeded, match=r"to 2\.5 MHz at its front panel"):
        laser.set_repetition_rate_hz(2.5e6)
    assert laser.status().repetition_rate_hz == 1e6


def test_a_closed_gate_is_driven_and_never_an_output_that_is_off() -> None:
    world = bench()
    generator = TalkingGenerator(ScpiGeneratorServer("laser", world, purpose="gate"))
    laser = gated(generator)
    laser.connect()
    assert generator.brain.state()["output"]
    assert not world.beam.emission
    laser.set_emission(True)
    assert world.beam.emission
    laser.make_safe()
    assert generator.brain.state()["output"]
    assert not world.beam.emission


def test_a_gate_that_nobody_drives_counts_as_light_until_it_is_made_safe() -> None:
    world = bench()
    generator = TalkingGenerator(ScpiGeneratorServer("laser", world, purpose="gate"))
    laser = gated(generator)
    laser.connect()
    generator.brain.answer(b"OUTP OFF")  # somebody at its front panel
    assert world.beam.emission
    assert laser.status().emission
    laser.make_safe()
    assert not world.beam.emission
    assert not laser.status().emission


def test_a_shutter_is_armed_and_not_opened_by_switching_on() -> None:
    shutter = SimulatedShutter("shutter", bench())
    laser = Pdl800D("laser", shutter_settings(), shutter)
    laser.connect()
    assert not laser.status().emission
    laser.set_emission(True)
    assert laser.status().emission
    assert not shutter.is_open()
    shutter.set_open(True)
    laser.make_safe()
    assert not shutter.is_open()
    assert not laser.status().emission


def test_an_open_shutter_counts_as_emission() -> None:
    shutter = SimulatedShutter("shutter", bench())
    laser = Pdl800D("laser", shutter_settings(), shutter)
    laser.connect()
    shutter.set_open(True)
    assert laser.status().emission


def test_a_shutter_must_be_there_and_as_real_as_the_laser() -> None:
    with pytest.raises(StateError, match="needs a role `shutter`"):
        Pdl800D("laser", shutter_settings())
    hardware = shutter_settings().model_copy(update={"simulated": False})
    with pytest.raises(StateError, match="its shutter is simulated"):
        Pdl800D("laser", hardware, SimulatedShutter("shutter", bench())).connect()


def test_without_authority_making_safe_says_that_the_laser_is_not_under_control() -> None:
    laser = uncontrolled()
    assert laser.authority is LaserAuthority.NONE
    assert laser.status().emission  # nobody knows, so it counts as on
    with pytest.raises(FaultError, match=r"LASER NOT UNDER CONTROL: .*key switch"):
        laser.make_safe()
    with pytest.raises(OperatorNeeded, match="off at its key switch") as needed:
        laser.set_emission(False)
    needed.value.confirm()
    laser.set_emission(False)
    laser.make_safe()
    assert not laser.status().emission


def test_without_authority_closing_fails_loudly_only_after_light_was_declared() -> None:
    laser = uncontrolled()
    laser.close()
    laser.connect()
    with pytest.raises(OperatorNeeded) as needed:
        laser.set_emission(True)
    needed.value.confirm()
    with pytest.raises(FaultError, match="LASER NOT UNDER CONTROL"):
        laser.close()
    assert not laser.connected


def test_a_simulator_is_not_taken_for_hardware_and_nothing_is_sent_to_it() -> None:
    generator = TalkingGenerator()
    settings = trigger_settings().model_copy(update={"simulated": False})
    with pytest.raises(StateError, match="a simulator answers"):
        Pdl800D("laser", settings, open_wire=generator).connect()
    assert generator.said == ["*IDN?"]


def test_another_instrument_at_the_address_is_left_alone() -> None:
    generator = TalkingGenerator(ScpiGeneratorServer("laser", bench(), model="E36312A"))
    with pytest.raises(StateError, match="which is no Keysight33250A"):
        triggered(generator).connect()
    assert generator.said == ["*IDN?"]


def test_a_generator_that_clips_is_noticed() -> None:
    generator = TalkingGenerator(change=lambda asked, said: "+2.0E+00" if asked == "VOLT:HIGH?" else said)
    with pytest.raises(FaultError, match=r"high level \(V\) of 2.5 but reads 2"):
        triggered(generator).connect()
    assert not generator.brain.state()["output"]


def test_an_error_in_the_queue_keeps_the_laser_dark() -> None:
    generator = TalkingGenerator()
    laser = triggered(generator)
    laser.connect()
    generator.brain.answer(b"NONSENSE 1")
    with pytest.raises(FaultError, match="-113 Undefined header"):
        laser.set_emission(True)
    assert not generator.brain.state()["output"]


def test_an_error_queue_without_end_ends() -> None:
    generator = TalkingGenerator(change=lambda asked, said: '-1,"again"' if asked == "SYST:ERR?" else said)
    with pytest.raises(FaultError, match="-1 again"):
        triggered(generator).connect()
    assert generator.said.count("SYST:ERR?") <= 20


def test_silence_is_a_timeout_that_names_the_laser_and_its_light_goes_off_over_a_new_connection() -> None:
    generator = TalkingGenerator()
    laser = triggered(generator)
    laser.connect()
    laser.set_emission(True)
    generator.change = lambda asked, said: None
    with pytest.raises(DeviceTimeoutError, match=r"laser: .* did not answer"):
        laser.status()
    assert not laser.connected
    generator.change = None
    laser.make_safe()
    assert generator.opened == 2
    assert not generator.brain.state()["output"]


def test_after_a_lost_connection_it_can_be_connected_again() -> None:
    generator = TalkingGenerator()
    laser = triggered(generator)
    laser.connect()
    laser.set_repetition_rate_hz(2e6)
    generator.change = lambda asked, said: "what?"
    with pytest.raises(CommunicationError):
        laser.status()
    with pytest.raises(CommunicationError, match="connect it again"):
        laser.status()
    generator.change = None
    laser.close()
    laser.connect()
    assert laser.status().repetition_rate_hz == 2e6


def test_when_nobody_answers_any_more_making_safe_says_what_to_do() -> None:
    generator = TalkingGenerator()
    laser = triggered(generator)
    laser.connect()
    laser.set_emission(True)
    generator.change = lambda asked, said: None
    generator.refused = 5
    with pytest.raises(CommunicationError, match=r"not be made dark for certain.*key switch"):
        laser.make_safe()


def test_a_laser_that_may_shine_after_closing_and_connecting_failed_goes_dark_by_making_safe() -> None:
    generator = TalkingGenerator()
    laser = triggered(generator)
    laser.connect()
    laser.set_emission(True)
    generator.change, generator.refused = (lambda asked, said: None), 3
    generator.brain.answer(b"OUTP 1")
    with pytest.raises(CommunicationError, match="could not be made dark for certain"):
        laser.close()
    with pytest.raises(CommunicationError, match="cannot be reached"):
        laser.connect()
    generator.brain.answer(b"OUTP 1")
    with pytest.raises(CommunicationError, match="could not be made dark for certain"):
        laser.make_safe()
    generator.change, generator.refused = None, 0
    laser.make_safe()
    assert not generator.brain.state()["output"]
    assert not laser.connected


def test_the_light_goes_off_while_another_thread_waits_for_an_answer() -> None:
    generator = TalkingGenerator()
    laser = triggered(generator)
    laser.connect()
    laser.set_emission(True)
    asked, answered = threading.Event(), threading.Event()

    def slowly(question: str, answer: str) -> str:
        if question == "FREQ?":
            asked.set()
            assert answered.wait(10.0)
        return answer

    generator.change = slowly
    reader = threading.Thread(target=laser.status)
    reader.start()
    assert asked.wait(10.0)
    safe = threading.Thread(target=laser.make_safe)
    safe.start()
    dark = threading.Event()
    for _ in range(500):
        if not generator.brain.state()["output"]:
            dark.set()
            break
        dark.wait(0.01)
    answered.set()
    reader.join(10.0)
    safe.join(10.0)
    assert dark.is_set()
    assert not safe.is_alive()


def test_it_stays_dark_if_it_is_made_safe_while_being_switched_on() -> None:
    generator = TalkingGenerator()
    laser = triggered(generator)
    laser.connect()

    def meanwhile(question: str, answer: str) -> str:
        if question == "SYST:ERR?":
            generator.change = None
            threading.Thread(target=laser.make_safe).start()
            for _ in range(500):
                if "OUTP 0" in generator.said[-1:]:
                    break
                threading.Event().wait(0.01)
        return answer

    generator.said.clear()
    generator.change = meanwhile
    with pytest.raises(StateError, match="was made safe while"):
        laser.set_emission(True)
    assert not generator.brain.state()["output"]


def test_every_error_names_the_laser() -> None:
    generator = TalkingGenerator()
    generator.refused = 1
    with pytest.raises(DeviceError, match=r"laser: the function generator .* cannot be reached"):
        triggered(generator).connect()
