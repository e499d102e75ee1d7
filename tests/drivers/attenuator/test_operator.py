"""A person sets the attenuator, and nothing is said of it that nobody has said."""

import pytest

from drivers.attenuator.operator import OperatorAttenuator, OperatorAttenuatorSettings
from drivers.interfaces.errors import OperatorNeeded, StateError


@pytest.fixture
def attenuator():
    attenuator = OperatorAttenuator("attenuator", OperatorAttenuatorSettings(description="filter wheel"))
    attenuator.connect()
    return attenuator


def test_nobody_knows_how_it_is_set_before_it_was_said(attenuator):
    with pytest.raises(StateError, match="attenuator: nobody has said how it is set"):
        attenuator.transmission()
    assert attenuator.settings()["transmission"] is None


def test_a_person_is_asked_and_what_was_said_is_returned(attenuator):
    with pytest.raises(OperatorNeeded, match="set the filter wheel so that 10 % of the light pass") as needed:
        attenuator.set_transmission(0.1)
    with pytest.raises(StateError):
        attenuator.transmission()
    needed.value.confirm()
    attenuator.set_transmission(0.1)
    assert attenuator.transmission() == 0.1


def test_what_was_said_is_forgotten_when_it_is_closed(attenuator):
    with pytest.raises(OperatorNeeded) as needed:
        attenuator.set_transmission(0.1)
    needed.value.confirm()
    attenuator.close()
    attenuator.connect()
    with pytest.raises(StateError, match="nobody has said"):
        attenuator.transmission()
