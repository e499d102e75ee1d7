import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.heater.vaheat import Vaheat
from drivers.heater.vaheat_profile import ProfileStep
from drivers.heater.vaheat_settings import PowerPermit, VaheatPermits, VaheatSettings
from drivers.interfaces.errors import CommunicationError, DeviceError, FaultError, InterlockError
from drivers.rescue.vaheat import rescue
from simulators.wire.hosting import Hosting
from simulators.wire.vaheat import VaheatServer
from simulators.wire.vaheat_terminal import VaheatTerminal
from tests.drivers.heater.scripted_vaheat import NOTHING, ScriptedVaheat
from tests.simulators.wire.vaheat_program import bench, hosted

PERMIT = PowerPermit(longest_s=5, highest_power_percent=50)
UNTIL_S = 10.0
SAFE_WITHIN_S = 2.0


@pytest.fixture
def server() -> Iterator[VaheatServer]:
    with hosted() as server:
        yield server


@pytest.fixture
def heater(server: VaheatServer) -> Iterator[Vaheat]:
    with driver(server) as heater:
        yield heater


def driver(server: VaheatServer) -> Vaheat:
    permits = VaheatPermits(direct=PERMIT, shock=PERMIT)
    settings = VaheatSettings(
        port=server.address, simulated=True, high_c=90.0, permits=permits, highest_ramp_c_per_s=100.0
    )
    return Vaheat("heater", settings)


def until(happens: Callable[[], bool]) -> None:
    end_s = time.monotonic() + UNTIL_S
    while not happens():
        assert time.monotonic() < end_s, "did not happen"
        time.sleep(0.005)


def test_connecting_makes_a_hot_device_safe_and_limits_it(server: VaheatServer) -> None:
    server.answer({"start_heating": {"mode": "DIRECT", "power": 100}})
    with driver(server) as heater:
        state = server.state()
        assert (state["heating"], state["limit_c"], state["limit_enabled"]) == (False, 90.0, True)
        assert heater.identity.simulated


@pytest.mark.parametrize(
    ("heat", "mode"),
    [
        (lambda heater: heater.heat_to_c(60.0), "AUTO"),
        (lambda heater: heater.heat_with_power(20.0, 5.0), "DIRECT"),
        (lambda heater: heater.shock(20.0, 5.0), "SHOCK"),
        (lambda heater: heater.run_profile([ProfileStep(9.0, 50.0, 60.0), ProfileStep(9.0, 1.0, 40.0)]), "PROFILE"),
    ],
)
def test_every_mode_heats_and_stops(
    server: VaheatServer, heater: Vaheat, heat: Callable[[Vaheat], None], mode: str
) -> None:
    heat(heater)
    assert (server.state()["mode"], server.state()["heating"]) == (mode, True)
    assert heater.readings()["mode"] == mode
    until(lambda: heater.status().temperature_c > 25)
    heater.stop_heating()
    assert server.state()["heating"] is False
    assert server.state()["power"] == 0


def test_direct_ends_in_time_though_the_device_would_go_on(server: VaheatServer, heater: Vaheat) -> None:
    heater.heat_with_power(20.0, 0.2)
    until(lambda: server.state()["heating"] is False)
    assert not heater.status().heating


def test_streaming_disturbs_no_reply(server: VaheatServer, heater: Vaheat) -> None:
    heater.stream(20)
    assert heater.streaming_rate_hz() == 20.0
    until(lambda: heater.packet is not None)
    for setpoint_c in (30.0, 40.0, 50.0):
        heater.heat_to_c(setpoint_c)
        assert heater.status().setpoint_c == setpoint_c
    heater.stream(None)
    assert heater.streaming_rate_hz() is None


def test_a_profile_that_is_stored_can_be_read_step_by_step(heater: Vaheat) -> None:
    steps = (ProfileStep(1.0, 2.0, 30.0), ProfileStep(3.0, 4.0, 50.0))
    heater.run_profile(steps, number=2)
    assert heater.profile(2) == steps
    assert heater.profile_step(2, 2) == steps[1]


def test_an_alarm_is_told_and_keeps_the_heating_off(server: VaheatServer, heater: Vaheat) -> None:
    heater.heat_to_c(60.0)
    server.bench.faults.begin("heater_alarm")
    status = heater.status()
    assert status.alarm == "SIMULATED_ALARM"
    assert not status.heating
    with pytest.raises(FaultError, match="SIMULATED_ALARM"):
        heater.heat_to_c(60.0)


def test_the_devices_own_limit_holds_when_nobody_watches(server: VaheatServer, heater: Vaheat) -> None:
    server.bench.faults.begin("heater_overshoot", overshoot_c=60.0)
    heater.heat_to_c(80.0)
    until(lambda: server.state()["heating"] is False)
    assert heater.status().alarm == "TEMPERATURE_LIMIT"


def test_the_keylock_of_a_person_is_respected(server: VaheatServer, heater: Vaheat) -> None:
    server.press_keylock(on=True)
    with pytest.raises(InterlockError, match="keylock"):
        heater.heat_to_c(60.0)
    assert server.state()["heating"] is False


def test_a_port_that_vanishes_leaves_it_heating_and_reconnecting_switches_it_off(server: VaheatServer) -> None:
    heater = driver(server)
    heater.connect()
    heater.heat_to_c(60.0)
    server.bench.faults.begin("heater_port_vanishes")
    until(lambda: not heater.connected)
    with pytest.raises(CommunicationError, match=r"heater: cannot be reached.*may still be.*switch it off"):
        heater.status()
    assert server.state()["heating"] is True
    with pytest.raises(CommunicationError, match=r"was heating and may still be.*Switch it off at the device"):
        heater.close()
    with pytest.raises(CommunicationError, match="cannot be opened"):
        heater.connect()
    server.bench.faults.end("heater_port_vanishes")
    until(lambda: _connects(heater))
    assert server.state()["heating"] is False
    heater.close()


def test_another_process_makes_it_safe_from_nothing_when_the_program_was_killed(server: VaheatServer) -> None:
    program = (
        "import sys, time\n"
        "from drivers.heater.vaheat import Vaheat\n"
        "from drivers.heater.vaheat_settings import VaheatSettings\n"
        "heater = Vaheat('heater', VaheatSettings(port=sys.argv[1], simulated=True))\n"
        "heater.connect()\n"
        "heater.heat_to_c(60.0)\n"
        "print('hot', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, server.address], stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline().strip() == b"hot"
        killed.kill()
    assert server.state()["heating"] is True
    begin_s = time.monotonic()
    rescue(**driver(server).rescue().arguments)
    assert time.monotonic() - begin_s < SAFE_WITHIN_S
    assert server.state()["heating"] is False


def test_a_program_that_ends_without_closing_stops_the_heating(server: VaheatServer) -> None:
    program = (
        "import sys\n"
        "from drivers.heater.vaheat import Vaheat\n"
        "from drivers.heater.vaheat_settings import VaheatSettings\n"
        "heater = Vaheat('heater', VaheatSettings(port=sys.argv[1], simulated=True))\n"
        "heater.connect()\n"
        "heater.heat_to_c(60.0)\n"
    )
    subprocess.run([sys.executable, "-c", program, server.address], check=True, timeout=60)
    until(lambda: server.state()["heating"] is False)


def test_the_rescue_needs_no_more_than_a_guardian_has() -> None:
    program = (
        "import sys, drivers.rescue.vaheat\n"
        "heavy = {'pydantic', 'pint', 'numpy', 'numba', 'acquisition', 'simulators', 'pyvisa'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, timeout=60)
    assert done.stderr == b""
    assert done.returncode == 0


def test_a_rescue_that_cannot_open_the_port_or_is_not_answered_fails_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with hosted() as gone:
        address = gone.address
    with pytest.raises(OSError, match="Could not open port"):
        rescue("heater", address, 115_200)
    deaf = ScriptedVaheat()
    deaf.answers = {name: lambda _: NOTHING for name in deaf.answers}
    monkeypatch.setattr("drivers.rescue.vaheat.open_port", lambda port, baud_rate: deaf)
    begin_s = time.monotonic()
    with pytest.raises(CommunicationError, match=r"heater: does not confirm at COM3.*switch it off"):
        rescue("heater", "COM3", 115_200)
    assert time.monotonic() - begin_s < SAFE_WITHIN_S
    assert deaf.requests()[:2] == ["stop_heating", "get_status"]
    assert deaf.closed


def test_a_rescue_is_not_content_while_the_device_heats(monkeypatch: pytest.MonkeyPatch) -> None:
    device = ScriptedVaheat()
    stop, device.status["heating_active"] = device.answers["stop_heating"], True
    heard: list[object] = []
    device.answers["stop_heating"] = lambda asked: heard.append(asked) or (stop(asked) if len(heard) > 1 else NOTHING)
    monkeypatch.setattr("drivers.rescue.vaheat.open_port", lambda port, baud_rate: device)
    rescue("heater", "COM3", 115_200)
    assert len(heard) == 2
    assert device.status["heating_active"] is False


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_at_a_terminal_the_address_stays_when_the_port_vanishes_and_comes_back(tmp_path: Path) -> None:
    link = tmp_path / "ttyVaheat"
    server = VaheatTerminal("heater", bench(), link)
    with Hosting([server]):
        assert server.address == str(link)
        heater = driver(server)
        heater.connect()
        heater.heat_to_c(60.0)
        server.bench.faults.begin("heater_port_vanishes")
        until(lambda: not heater.connected)
        assert not link.exists()
        with pytest.raises(CommunicationError, match="was heating and may still be"):
            heater.close()
        server.bench.faults.end("heater_port_vanishes")
        until(link.exists)
        rescue(**heater.rescue().arguments)
        assert server.state()["heating"] is False
        until(lambda: _connects(heater))
        heater.close()
    assert not link.is_symlink()


def _connects(heater: Vaheat) -> bool:
    try:
        heater.connect()
    except DeviceError:
        return False
    return True
