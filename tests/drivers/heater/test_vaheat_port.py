import pytest

from drivers.heater.vaheat import Vaheat
from drivers.heater.vaheat_port import PortFound
from drivers.heater.vaheat_settings import VaheatSettings
from drivers.interfaces.errors import CommunicationError, StateError
from tests.drivers.heater.scripted_vaheat import NOTHING, ScriptedVaheat

MOUSE = PortFound("COM1", "mouse", 0x046D, 0xC077)


def vaheat_port(name: str) -> PortFound:
    return PortFound(name, "STMicroelectronics Virtual COM Port", 0x0483, 0x5740)


def found_among(devices: dict[str, ScriptedVaheat], *others: PortFound) -> Vaheat:
    """A driver that is to find its port."""
    return Vaheat(
        "heater",
        VaheatSettings(reply_timeout_s=0.1),
        open_port=lambda port, baud_rate: devices[port],
        list_ports=lambda: [*others, *map(vaheat_port, devices)],
    )


def silent() -> ScriptedVaheat:
    """Something else with the same USB identity."""
    device = ScriptedVaheat()
    device.answers["get_info"] = lambda _: NOTHING
    return device


def test_the_only_port_with_its_usb_identity_is_taken() -> None:
    device = ScriptedVaheat()
    with found_among({"COM7": device}, MOUSE) as heater:
        assert heater.identity.serial == "VA-SR-0094-1"
        rescue = heater.rescue()
    assert rescue.arguments == {"device": "heater", "port": "COM7", "baud_rate": 115_200}


def test_of_several_the_one_that_answers_is_taken() -> None:
    other = silent()
    with found_among({"COM7": other, "COM8": ScriptedVaheat()}) as heater:
        assert heater.rescue().arguments["port"] == "COM8"
    assert other.requests() == ["get_info"]
    assert other.closed


def test_no_port_is_told_with_those_that_there_are() -> None:
    with pytest.raises(CommunicationError, match=r"heater: no serial port .*0483:5740.*there is COM1 \(mouse\)"):
        found_among({}, MOUSE).connect()
    with pytest.raises(CommunicationError, match=r"there are no serial ports"):
        found_among({}).connect()


def test_several_that_answer_are_told() -> None:
    with pytest.raises(CommunicationError, match=r"more than one VAHEAT answers: .*COM7.*COM8.*Write the port"):
        found_among({"COM7": ScriptedVaheat(), "COM8": ScriptedVaheat()}).connect()


def test_several_of_which_none_answers_are_told() -> None:
    with pytest.raises(CommunicationError, match=r"none of the ports .*COM7: gave no answer.*COM8: gave no answer"):
        found_among({"COM7": silent(), "COM8": silent()}).connect()


def test_something_else_at_the_only_port_is_sent_nothing_but_the_question() -> None:
    other = silent()
    heater = found_among({"COM7": other})
    with pytest.raises(CommunicationError, match=r"get_info"):
        heater.connect()
    assert other.requests() == ["get_info"]
    with pytest.raises(StateError, match=r"not connected"):
        heater.status()


def test_limits_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must be below"):
        VaheatSettings(low_c=50.0, high_c=50.0)
