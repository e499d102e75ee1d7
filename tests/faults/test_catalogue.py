"""The catalogue of faults is written down, each row is tried, and a rig file plans what its simulators can show."""

import json
import re
from pathlib import Path

import pytest

from acquisition.config import ConfigError
from acquisition.config.shipped import CONFIGS
from acquisition.rig import open_rig
from acquisition.rig.simulated_world import SimulatedWorld
from acquisition.rig.twin import open_twin
from acquisition.rig.wire_bench import make_wire_bench
from acquisition.session import LocalSession
from simulators.clock import SimulatedClock
from simulators.faults import FAULTS, FaultBoard
from tests.faults.trials import wire_world

ROOT = Path(__file__).resolve().parent.parent.parent


def rig_with(fault: str, folder: Path) -> Path:
    text = (CONFIGS / "rigs" / "simulated.yaml").read_text(encoding="utf-8")
    path = folder / "rig.yaml"
    path.write_text(text.replace("  seed: 1\n", f"  seed: 1\n  faults: [{fault}]\n"), encoding="utf-8")
    return path


def test_the_table_has_a_row_for_each_fault_in_their_order_and_no_empty_field() -> None:
    table = (ROOT / "simulators" / "README.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| `")]
    assert [row[0].strip(" `") for row in rows] == list(FAULTS)
    assert all(len(row) == 4 and all(field.strip() for field in row) for row in rows)


def test_each_fault_is_tried_in_a_run() -> None:
    tried = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*_faults.py"))
    assert not [name for name in FAULTS if not re.search(rf"\b{name}\b", tried)]


def test_faults_are_planned_with_units_from_when_the_rig_is_opened(tmp_path: Path) -> None:
    with open_rig(rig_with("{name: slow_disk, after: 2 min, duration: 10 s, delay: 200 ms}", tmp_path)) as rig:
        faults = rig._bench.faults
        assert faults.active("slow_disk") is None
        rig.clock.sleep(125.0)
        assert faults.active("slow_disk") == {"delay_s": 0.2}
        rig.clock.sleep(10.0)
        assert faults.active("slow_disk") is None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("{name: heater_alarmm}", "did you mean 'heater_alarm'"),
        ("{name: heater_alarm, lost: 1 s}", "heater_alarm takes no lost_s; it takes nothing"),
        ("{name: slow_disk, after: 3}", "3 has no unit"),
        ("{name: slow_disk, delay: 3 degC}", "is not a time"),
        ("{name: spad_silent}", r"nobody can show it in this rig; it shows camera_acquiring, .*slow_disk"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_what_can(fault: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=words):
        open_rig(rig_with(fault, tmp_path))


def test_a_world_of_wires_shows_what_its_rig_file_plans_and_refuses_what_it_cannot_show(tmp_path: Path) -> None:
    with wire_world(tmp_path) as world:
        text = world.rig.read_text(encoding="utf-8")
    planned = "faults: [{name: spad_silent}, {name: disk_full}], seed: 1"
    world.rig.write_text(text.replace("seed: 1", planned), encoding="utf-8")
    with SimulatedWorld(world.rig).start() as simulated:
        assert simulated._bench.faults.active_names() == ["spad_silent"]
        with pytest.raises(ConfigError, match="happens in the program that records; write it into the rig file"):
            simulated.begin_fault("disk_full", 0.0, {})
        with pytest.raises(ConfigError, match=r"camera_vanished .*nobody can show it in this rig"):
            simulated.begin_fault("camera_vanished", 0.0, {})
        with pytest.raises(ConfigError, match="there is no fault 'disk_fall'"):
            simulated.begin_fault("disk_fall", 0.0, {})


def test_the_twin_of_a_rig_is_not_broken_by_what_its_file_plans(tmp_path: Path) -> None:
    rig = rig_with("{name: laser_stops}", tmp_path)
    with open_rig(rig) as real:
        assert real._bench.faults.active_names() == ["laser_stops"]
    with open_twin(rig) as twin:
        assert twin._bench.faults.active_names() == []


def test_a_rig_of_wires_takes_the_faults_of_the_disk_in_the_program_that_records(tmp_path: Path) -> None:
    with wire_world(tmp_path) as world:
        text = world.rig.read_text(encoding="utf-8").replace("seed: 1", "seed: 1, faults: [{name: disk_full}]")
        world.rig.write_text(text, encoding="utf-8")
        assert make_wire_bench(world.rig).bench.faults.active_names() == []
        with open_rig(world.rig) as rig, pytest.raises(OSError, match="No space left"):
            rig.disk()


@pytest.mark.parametrize(
    ("rig", "text", "words"),
    [
        ("simulated", "slow_disk@5,lag=0.2", "lag: Extra inputs are not permitted"),
        ("simulated", "slow_disk@soon", "'soon' is no number"),
        ("simulated", "disk_fall", "did you mean 'disk_full'"),
        ("simulated", "spad_silent", "nobody can show it in this rig"),
        ("wire", "spad_silent", "happens at a wire: give it to `cascadescope simulate`"),
    ],
)
def test_a_fault_of_the_command_line_that_cannot_be_is_refused_with_what_to_write(
    rig: str, text: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        open_rig(rig, faults=[text])


def test_the_bench_tells_once_what_has_begun() -> None:
    clock = SimulatedClock()
    board = FaultBoard(clock)
    board.begin("spad_garbage", after_s=2.0)
    board.begin("laser_stops", after_s=1.0, duration_s=0.5)
    assert board.newly_begun() == []
    with clock.driven():
        clock.drive_to(clock.now() + 3.0)
    assert board.take("spad_garbage") is not None
    assert board.newly_begun() == ["laser_stops", "spad_garbage"]
    assert board.newly_begun() == []


def test_a_session_takes_faults_as_the_command_line_gives_them(tmp_path: Path) -> None:
    with LocalSession("simulated", str(tmp_path), faults=["disk_full@2"]) as session:
        session.start([{"kind": "soak", "duration": "5 s"}])
        status = session.wait(60)
    assert status["outcome"] == "failed"
    assert "No space left on device" in status["message"]
    record = json.loads((Path(status["run"]) / "run.json").read_text(encoding="utf-8"))
    assert record["planned_faults"] == [{"name": "disk_full", "after_s": 2.0}]
