"""Settings of a PDL 800-D: what limits its rate and levels, and what is refused."""

import pytest
from pydantic import ValidationError

from simulators.wire.scpi_generator import ScpiGeneratorServer
from tests.drivers.laser.pdl_800d_lasers import triggered
from tests.drivers.laser.settings import (
    DECLARED,
    pdl_settings,
    trigger_settings,
    visa,
)
from tests.drivers.laser.talking import TalkingGenerator, bench


def test_a_pulse_width_limits_the_rate() -> None:
    laser = triggered(TalkingGenerator(), pulse_width="200 ns")
    assert laser.limits["repetition_rate_hz"].high == pytest.approx(2.5e6)
    laser.connect()
    laser.set_repetition_rate_hz(2.5e6)
    assert laser.status().repetition_rate_hz == pytest.approx(2.5e6)


def test_a_generator_set_to_high_impedance_shows_twice_what_the_input_gets() -> None:
    generator = TalkingGenerator(ScpiGeneratorServer("laser", bench(), model="33220A"))
    generator.brain.answer(b"OUTP:LOAD INF")
    laser = triggered(generator, model="Agilent33220A", load="high impedance", high="2.4 V")
    laser.connect()
    laser.set_emission(True)
    assert generator.brain.state()["high_v"] == pytest.approx(2.4)
    assert laser.readings()["trigger_high_v"] == pytest.approx(2.4)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"high": "5.1 V"}, "less than or equal to 5"),
        ({"low": "-6 V"}, "greater than or equal to -5"),
        ({"high": "0 V"}, "at least 0.1 V above"),
        ({"load": "50 ohm"}, "is set to 50 ohm and read back"),
        ({"model": "Agilent33220A"}, "write `load: 50 ohm`"),
        ({"model": "Agilent33220A", "load": "high impedance", "high": "3 V"}, r"within \+-2.5 V"),
        ({"model": "Agilent33220A", "load": "50 ohm", "pulse_width": "100 ns"}, "remove `pulse_width`"),
        ({"channel": 2}, "has 1 channel"),
        ({"pulse_width": "5 ns"}, "shortest pulse .* 8 ns"),
        ({"highest_rate": "100 kHz"}, "repetition_rate is above"),
    ],
)
def test_settings_that_could_do_harm_or_cannot_work_are_refused(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        trigger_settings(**settings)


def test_the_authority_needs_its_means_and_no_other() -> None:
    generator = {"model": "Keysight33250A", "address": visa(1)}
    with pytest.raises(ValidationError, match="needs the key generator"):
        pdl_settings(authority="trigger")
    with pytest.raises(ValidationError, match="remove it, or change authority"):
        pdl_settings(authority="none", generator=generator)
    with pytest.raises(ValidationError, match="switched to external triggering"):
        pdl_settings(authority="trigger", generator=generator, declared={**DECLARED, "triggering": "internal"})
