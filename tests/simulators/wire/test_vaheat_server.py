import json
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from drivers.wire.whose import SIMULATOR_MARK
from simulators.wire.hosting import Hosting
from simulators.wire.vaheat import Requests, VaheatServer
from simulators.wire.vaheat_addresses import vaheat_at
from simulators.wire.vaheat_terminal import VaheatTerminal
from tests.simulators.wire.vaheat_program import Program, bench, hosted

UNTIL_S = 10.0


@pytest.fixture
def server() -> Iterator[VaheatServer]:
    with hosted() as server:
        yield server


@pytest.fixture
def program(server: VaheatServer) -> Iterator[Program]:
    with Program(server.port) as program:
        yield program


def until(happens: Callable[[], bool]) -> None:
    """Wait for what a simulator does by itself."""
    end_s = time.monotonic() + UNTIL_S
    while not happens():
        assert time.monotonic() < end_s, "did not happen"
        time.sleep(0.005)


def test_says_what_the_real_one_says_and_that_it_is_a_simulator(program: Program) -> None:
    info = program.ask("get_info")
    assert info["command"] == "GET_INFO"
    assert info["success"] is True
    assert info["data"]["version"] == "v1.2.3 (Jul 27 2023 15:57:44)"
    assert SIMULATOR_MARK in info["data"]["serial_number"]
    assert set(info["data"]) == {
        "serial_number", "version", "setpoint_auto", "power_shock", "power_direct", "duration_shock",
    }  # fmt: skip
    assert program.ask("get_status")["data"] == {
        "mode": "AUTO",
        "keylock_active": False,
        "heating_active": False,
        "setpoint": 40.0,
        "setpoint_unit": "^C",
        "temperature": 20.0,
        "alarm": "NO_ALARM",
        "profile_number": -1,
        "step": -1,
    }


def test_prints_its_replies_on_many_lines(program: Program) -> None:
    program.send(b'{"get_status": true}')
    lines = program.next_text().split("\r\n")
    assert len(lines) > 10
    assert lines[3].strip() == '"data":'


def test_forgets_commas_in_two_replies_only(program: Program) -> None:
    step = {"duration": 1.0, "rate": 2.0, "setpoint": 30.0}
    assert program.ask("set_profile", {"profile_number": 2, "name": "a", "steps": [step, step]})["success"] is True
    program.send(b'{"get_streaming": true}')
    text = program.next_text()
    assert '"mode": "off"\r\n' in text
    assert '"rate": "1"\r\n' in text
    program.send(b'{"get_profile": {"profile_number": 2, "step": 1}}')
    assert '"duration": 1.0\r\n' in program.next_text()
    assert program.ask("get_profile", {"profile_number": 2})["data"]["steps"] == [step, step]


def test_takes_requests_in_pieces_and_several_at_once() -> None:
    requests = Requests()
    assert requests.feed(b'{"get_', 1.0) == []
    assert requests.feed(b'info": true}{"get_status": true} {"stop', 1.1) == [{"get_info": True}, {"get_status": True}]
    assert requests.feed(b'_heating": true}', 1.2) == [{"stop_heating": True}]


def test_forgets_a_request_that_does_not_end() -> None:
    requests = Requests()
    assert requests.feed(b'{"start_heating": {"mo', 1.0) == []
    assert requests.feed(b'{"stop_heating": true}', 2.0) == [{"stop_heating": True}]


def test_heats_to_its_setpoint_and_goes_on_when_the_program_hangs_up(server: VaheatServer) -> None:
    with Program(server.port) as program:
        assert program.ask("start_heating", {"mode": "auto", "temperature": 60})["success"] is True
        until(lambda: abs(server.state()["plate_c"] - 60) < 1)
    until(lambda: server.state()["connections"] == 0)
    assert server.state()["heating"] is True
    until(lambda: server.state()["power"] > 0)
    with Program(server.port) as program:
        program.ask("stop_heating")
    assert server.state()["heating"] is False
    assert server.state()["power"] == 0


def test_direct_has_no_end_and_shock_has_one(server: VaheatServer, program: Program) -> None:
    program.ask("start_heating", {"mode": "DIRECT", "power": 25})
    assert server.state()["power"] == 0.25
    status = program.ask("get_status")["data"]
    assert (status["mode"], status["setpoint"], status["setpoint_unit"]) == ("DIRECT", 25.0, "%")
    program.ask("start_heating", {"mode": "SHOCK", "power": 50, "duration": 0.2})
    assert server.state()["power"] == 0.5
    until(lambda: server.state()["heating"] is False)
    assert server.state()["power"] == 0


def test_follows_a_profile_and_ends_it(server: VaheatServer, program: Program) -> None:
    steps = [
        {"duration": 0.3, "rate": 1000, "setpoint": 40},
        {"duration": 0.5, "rate": 20, "setpoint": 80},
    ]
    program.ask("set_profile", {"profile_number": 1, "name": "up", "steps": steps})
    program.ask("start_heating", {"mode": "PROFILE", "profile_number": 1})
    until(lambda: program.ask("get_status")["data"]["step"] == 2)
    assert program.ask("get_status")["data"]["profile_number"] == 1
    assert 40 <= server.state()["setpoint"] <= 51
    until(lambda: server.state()["heating"] is False)


def test_its_own_limit_forbids_setpoints_and_stops_heating_above_it(server: VaheatServer, program: Program) -> None:
    program.ask("set_settings", {"temperature_limit": 50.0, "limit_enabled": True})
    refused = program.ask("start_heating", {"mode": "AUTO", "temperature": 50.1})
    assert refused["success"] is False
    assert "limit" in refused["error"]
    program.ask("start_heating", {"mode": "DIRECT", "power": 100})
    until(lambda: server.state()["heating"] is False)
    assert server.state()["sensor_c"] > 40
    assert program.ask("get_settings")["data"]["temperature_limit"] == 50.0


def test_streams_packets_between_replies_to_all_that_listen(program: Program) -> None:
    wanted = {"mode": "continuous", "rate": 20, "temperature": True, "onoff": True}
    assert program.ask("set_streaming", wanted)["success"] is True
    packets = [program.next_object() for _ in range(3)]
    assert all(set(packet) == {"temperature", "onoff"} for packet in packets)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("make_coffee", True),
        ("start_heating", {"mode": "GRILL"}),
        ("start_heating", {"mode": "AUTO", "temperature": "hot"}),
        ("start_heating", True),
        ("start_heating", {"mode": "PROFILE", "profile_number": 4}),
        ("set_settings", [1]),
        ("set_streaming", {"rate": 3}),
        ("set_profile", {"profile_number": 0, "steps": []}),
        ("set_profile", {"profile_number": 1, "steps": 5}),
        ("set_keylock", "on"),
        ("get_profile", True),
    ],
)
def test_refuses_what_it_does_not_know(program: Program, command: str, arguments: object) -> None:
    reply = program.ask(command, arguments)
    assert reply["success"] is False
    assert reply["error"]
    assert program.ask("get_status")["success"] is True


def test_an_alarm_stops_the_heating_until_it_is_over(server: VaheatServer, program: Program) -> None:
    program.ask("start_heating", {"mode": "AUTO", "temperature": 60})
    server.bench.faults.begin("heater_alarm")
    until(lambda: server.state()["heating"] is False)
    assert program.ask("get_status")["data"]["alarm"] == "SIMULATED_ALARM"
    assert program.ask("start_heating", {"mode": "AUTO", "temperature": 60})["success"] is False
    server.bench.faults.end("heater_alarm")
    assert program.ask("get_status")["data"]["alarm"] == "NO_ALARM"
    assert server.state()["heating"] is False


def test_the_port_vanishes_and_comes_back_while_it_heats_on(server: VaheatServer) -> None:
    with Program(server.port) as program:
        program.ask("start_heating", {"mode": "AUTO", "temperature": 60})
        server.bench.faults.begin("heater_port_vanishes")
        with pytest.raises(ConnectionError):
            [program.next_text() for _ in range(2)]
        assert server.state()["heating"] is True
    server.bench.faults.end("heater_port_vanishes")
    until(lambda: _answers(server.port))


def _answers(port: int) -> bool:
    try:
        with Program(port) as program:
            return bool(program.ask("get_info")["success"])
    except OSError:
        return False


def test_an_address_of_a_rig_file_says_which_simulator_answers(tmp_path) -> None:
    world = bench()
    assert vaheat_at("socket://127.0.0.1:4001", "heater", world).address == "socket://127.0.0.1:4001"
    assert isinstance(vaheat_at(str(tmp_path / "heater"), "heater", world), VaheatTerminal)
    (tmp_path / "taken").write_text("data")
    for address in ("auto", "COM3", "socket://192.168.0.7:4001", str(tmp_path / "taken")):
        with pytest.raises(ValueError, match=address.replace("/", ".")):
            vaheat_at(address, "heater", world)


def test_a_reply_is_json_again_once_the_commas_are_there(program: Program) -> None:
    program.send(b'{"get_streaming": true}')
    text = program.next_text()
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert text.count('": ') >= 12


def test_a_system_without_pseudo_terminals_is_told_what_to_use_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pty", None)
    with pytest.raises(OSError, match="use the TCP port"), Hosting([VaheatTerminal("heater", bench())]):
        pass


def test_a_stuck_sensor_and_an_overshoot_are_seen_on_the_plate_only(server: VaheatServer, program: Program) -> None:
    program.ask("start_heating", {"mode": "AUTO", "temperature": 60})
    server.bench.faults.begin("heater_sensor_stuck")
    until(lambda: server.state()["plate_c"] > 100)
    status = program.ask("get_status")["data"]
    assert status["temperature"] < 50
    assert status["setpoint"] == 60.0
    assert status["alarm"] == "NO_ALARM"
    server.bench.faults.end("heater_sensor_stuck")
    server.bench.faults.begin("heater_overshoot", overshoot_c=30.0)
    until(lambda: program.ask("get_status")["data"]["temperature"] < 95)
    until(lambda: abs(program.ask("get_status")["data"]["temperature"] - 90) < 2)
    assert program.ask("get_status")["data"]["setpoint"] == 60.0
