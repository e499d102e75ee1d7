"""A VAHEAT whose port was lost: what is told, and that it is not taken for off."""

from collections.abc import Iterator

import pytest

from drivers.heater.vaheat import Vaheat
from drivers.interfaces.errors import CommunicationError
from tests.drivers.heater.scripted_vaheat import ScriptedVaheat, data, driver


@pytest.fixture
def device() -> ScriptedVaheat:
    return ScriptedVaheat()


@pytest.fixture
def heater(device: ScriptedVaheat) -> Iterator[Vaheat]:
    with driver(device) as heater:
        yield heater


def test_a_port_that_vanishes_is_told_and_the_driver_reconnects(device: ScriptedVaheat) -> None:
    ports = [device, ScriptedVaheat(), ScriptedVaheat()]
    heater = Vaheat("heater", driver(device)._settings, open_port=lambda port, baud_rate: ports.pop(0))
    heater.connect()
    heater.heat_to_c(40.0)
    device.vanish()
    with pytest.raises(
        CommunicationError, match=r"heater: cannot be reached: device disconnected.*may still be.*reconn"
    ):
        heater.status()
    assert not heater.connected
    with pytest.raises(CommunicationError, match=r"may still be"):
        heater.make_safe()
    heater.close()
    heater.connect()
    assert heater.connected
    assert heater.status().temperature_c == 26.6
    heater.close()


def test_closing_after_the_port_was_lost_stops_the_heating_over_a_new_connection(device: ScriptedVaheat) -> None:
    again = ScriptedVaheat()
    ports = [device, again]
    heater = Vaheat("heater", driver(device)._settings, open_port=lambda port, baud_rate: ports.pop(0))
    heater.connect()
    heater.heat_to_c(40.0)
    again.status["heating_active"] = True
    device.vanish()
    heater.close()
    assert again.requests()[0] == "stop_heating"
    assert again.status["heating_active"] is False
    assert again.closed
    heater.close()
    heater.make_safe()


def test_a_heating_that_cannot_be_stopped_is_told_at_each_close_until_it_is_off(device: ScriptedVaheat) -> None:
    again = ScriptedVaheat()
    again.status["heating_active"] = True
    ports: list[ScriptedVaheat | OSError] = [device, OSError("no such port"), OSError("no such port"), again]

    def open_next(port: str, baud_rate: int) -> ScriptedVaheat:
        found = ports.pop(0)
        if isinstance(found, OSError):
            raise found
        return found

    heater = Vaheat("heater", driver(device)._settings, open_port=open_next)
    heater.connect()
    heater.heat_to_c(40.0)
    device.vanish()
    with pytest.raises(CommunicationError, match=r"heater: was heating and may still be: .*Switch it off at the dev"):
        heater.close()
    with pytest.raises(CommunicationError, match=r"may still be: .*no such port"):
        heater.make_safe()
    heater.close()
    assert again.status["heating_active"] is False
    assert ports == []


def test_a_reconnection_that_failed_does_not_hide_that_it_may_be_heating(device: ScriptedVaheat) -> None:
    def refuse(port: str, baud_rate: int) -> ScriptedVaheat:
        if opened:
            raise OSError("no such port")
        opened.append(port)
        return device

    opened: list[str] = []
    heater = Vaheat("heater", driver(device)._settings, open_port=refuse)
    heater.connect()
    heater.heat_to_c(40.0)
    device.vanish()
    with pytest.raises(CommunicationError, match="cannot be reached"):
        heater.status()
    with pytest.raises(CommunicationError, match="cannot be opened"):
        heater.connect()
    with pytest.raises(CommunicationError, match="was heating and may still be"):
        heater.make_safe()
    with pytest.raises(CommunicationError, match="was heating and may still be"):
        heater.close()


def test_another_device_that_answers_instead_is_not_taken_for_the_one_that_was_heating(device: ScriptedVaheat) -> None:
    other = ScriptedVaheat()
    other.answers["get_info"] = lambda _: data({"serial_number": "VA-SR-0001-1", "version": "v1.2.3"})
    ports = [device, other]
    heater = Vaheat("heater", driver(device)._settings, open_port=lambda port, baud_rate: ports.pop(0))
    heater.connect()
    heater.heat_to_c(40.0)
    device.vanish()
    with pytest.raises(CommunicationError, match=r"answers the VAHEAT VA-SR-0001-1, where VA-SR-0094-1 was"):
        heater.close()


def test_closing_a_lost_device_that_was_not_heating_is_quiet(device: ScriptedVaheat) -> None:
    heater = driver(device)
    heater.connect()
    heater.heat_to_c(40.0)
    heater.stop_heating()
    device.vanish()
    with pytest.raises(CommunicationError, match="cannot be reached"):
        heater.status()
    heater.close()
    assert not heater.connected


def test_connecting_again_without_closing_replaces_a_broken_connection(device: ScriptedVaheat) -> None:
    ports = [device, ScriptedVaheat()]
    heater = driver(device)
    heater._open_port = lambda port, baud_rate: ports.pop(0)
    heater.connect()
    device.vanish()
    with pytest.raises(CommunicationError):
        heater.status()
    heater.connect()
    assert heater.status().temperature_c == 26.6
    assert device.closed
    heater.close()
