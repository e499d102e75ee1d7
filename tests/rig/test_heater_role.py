import re
from pathlib import Path

import pytest

from acquisition.config import ConfigError, find_config, load_config
from acquisition.rig.file import RigFile
from acquisition.rig.roles.heater import SimulatedHeaterRole, VaheatRole
from acquisition.rig.roles.world import World
from acquisition.rig.simulated_roles import with_simulated_roles
from acquisition.rig.wire_bench import make_wire_bench
from drivers.heater.vaheat import Vaheat
from simulators.wire.vaheat import VaheatServer

HEATER = "  heater: {kind: simulated}\n"
WRITTEN = """\
  heater:
    kind: vaheat
    port: %s
    low: 15 degC
    high: 80 degC
    highest_ramp: 5 degC/s
    permits: {direct: {longest: 1 min, highest_power: 20 %%}}
    simulated: true
"""


def rig_file(folder: Path, port: str) -> Path:
    shipped = find_config("rigs", "simulated").read_text(encoding="utf-8")
    assert HEATER in shipped
    path = folder / "rig.yaml"
    path.write_text(shipped.replace(HEATER, WRITTEN % port), encoding="utf-8")
    return path


def test_a_rig_file_names_a_vaheat_with_its_limits_and_permits(tmp_path: Path) -> None:
    role = load_config(rig_file(tmp_path, "socket://127.0.0.1:9998"), RigFile).roles.heater
    assert isinstance(role, VaheatRole)
    assert (role.low_c, role.high_c, role.highest_ramp_c_per_s) == (15.0, 80.0, 5.0)
    assert role.permits.direct is not None
    assert (role.permits.direct.longest_s, role.permits.direct.highest_power_percent) == (60.0, 20.0)
    assert role.permits.shock is None
    assert not role.in_process


def test_its_simulated_counterpart_has_the_same_range(tmp_path: Path) -> None:
    file = with_simulated_roles(load_config(rig_file(tmp_path, "auto"), RigFile))
    assert isinstance(file.roles.heater, SimulatedHeaterRole)
    assert (file.roles.heater.low_c, file.roles.heater.high_c) == (15.0, 80.0)


def test_a_simulator_is_made_at_its_address(tmp_path: Path) -> None:
    made = make_wire_bench(rig_file(tmp_path, "socket://127.0.0.1:9998"))
    (server,) = [server for server in made.servers if server.role == "heater"]
    assert isinstance(server, VaheatServer)
    assert server.port == 9998
    assert Vaheat("heater").rescue().arguments["port"] == "auto"


def test_an_address_at_which_nothing_can_be_simulated_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"line \d+, .*roles.heater.port.*nothing can be simulated at 'COM3'"):
        make_wire_bench(rig_file(tmp_path, "COM3"))


def test_the_device_is_allowed_no_more_than_the_weakest_part_of_the_rig_stands(tmp_path: Path) -> None:
    path = rig_file(tmp_path, "auto")
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^  objective: .*$", "  objective: 50 degC", text), encoding="utf-8")
    file = load_config(path, RigFile)
    assert file.roles.heater is not None
    heater = file.roles.heater.make("heater", World(path, None, file.world, file.limits))
    assert heater.settings()["temperature_limit_c"] == 50.0
    assert heater.limits["temperature_c"].high == 50.0


def test_a_range_that_a_part_of_the_rig_does_not_stand_at_all_is_told_with_its_line(tmp_path: Path) -> None:
    path = rig_file(tmp_path, "auto")
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^  objective: .*$", "  objective: 10 degC", text), encoding="utf-8")
    file = load_config(path, RigFile)
    assert file.roles.heater is not None
    with pytest.raises(ConfigError, match=r"line \d+, .*roles.heater.*low = 15 degC is not below what the objective"):
        file.roles.heater.make("heater", World(path, None, file.world, file.limits))
