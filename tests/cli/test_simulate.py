"""`cascadescope simulate` puts simulated instruments at the addresses of a rig, breaks them, and tells the truth."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from acquisition.cli.main import main
from acquisition.cli.simulate import PlannedFault, planned_fault
from acquisition.config import ConfigError
from simulators.faults import FAULTS
from tests.wire.simulation import END_TIMEOUT_S, simulate_command, simulated_wire


def test_what_can_break_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--faults"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in FAULTS)
    assert "lost_s=0.01" in said


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("laser_stops", PlannedFault("laser_stops", 0.0, {})),
        ("laser_stops@2.5", PlannedFault("laser_stops", 2.5, {})),
        ("spad_fifo_overflow@5 s,lost_s=0.02", PlannedFault("spad_fifo_overflow", 5.0, {"lost_s": 0.02})),
    ],
)
def test_a_fault_is_planned_by_name_moment_and_parameters(text: str, meant: PlannedFault) -> None:
    assert planned_fault(text) == meant


@pytest.mark.parametrize("text", ["x@", "x@soon", "x@-1", "x@nan", "x,y", "x,y=", "x,y=inf"])
def test_a_fault_that_cannot_be_read_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match=r"write NAME\[@SECONDS\]"):
        planned_fault(text)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["simulated"], "no role of this rig is reached over a wire"),
        (["microscope"], "no role of this rig has `simulated: true`"),
        (["no_such_rig"], "no such file"),
        (["wire", "--truth", "/no/such/folder/truth.json"], "its folder does not exist"),
        (["wire", "--fault", "x@soon"], "'soon' is no number"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *arguments]) == 1
    assert says in capsys.readouterr().err


def test_instruments_answer_until_the_program_is_told_to_end_and_then_the_truth_is_written(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    options = ("--truth", str(truth), "--seed", "11", "--sample", "dark", "--fault", "laser_drops_pulses,share=0.5")
    with simulated_wire(tmp_path, *options) as world:
        assert any("laser_drops_pulses begins 0 s after the instruments answer" in line for line in world.said)
        assert any("SIMULATED" in line for line in world.said)
        assert {"spad_array", "laser", "shutter", "heater"} <= {line.split()[0] for line in world.said if line.strip()}
        assert world.control.state()["control"]["broken"] == "laser_drops_pulses"
        again = subprocess.run(
            simulate_command(world.rig), capture_output=True, text=True, timeout=END_TIMEOUT_S, check=False
        )
        assert again.returncode == 1
        assert "does another `simulate` run?" in again.stderr
        assert world.process.stdout.readline().endswith(" laser_drops_pulses begins\n")
        world.process.send_signal(signal.SIGTERM if sys.platform != "win32" else signal.CTRL_BREAK_EVENT)
        assert world.process.wait(END_TIMEOUT_S) == 0
    assert json.loads(truth.read_text(encoding="utf-8"))["seed"] == 11


def test_a_fault_that_does_not_exist_ends_the_program(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="there is no fault 'rain'"), simulated_wire(tmp_path, "--fault", "rain"):
        pass
