"""However a Python program ends that `cascadescope script` runs on instruments over wires, they are safe afterwards."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from acquisition.user_folders import VARIABLE
from tests.wire.guarded_session import is_there, sources_on, until

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="sends signals as only POSIX knows them"),
    pytest.mark.timeout(300),
]

SAFE_WITHIN_S = 10.0

SWEEP = """
import os, sys
from pathlib import Path
from acquisition.scripting import open_rig, run_steps
from acquisition.sequence import AcquirePhotons, SetLaser, SetShutter, SetTemperature

rig, folder = sys.argv[1], Path(sys.argv[2])


def sweep():
    yield SetTemperature(temperature_c=40)
    yield SetLaser(repetition_rate_hz=1e6, intensity_percent=20, emission=True)
    yield SetShutter(open=True)
    yield AcquirePhotons(duration_s=300)


def note_photons(status):
    if status["photons"]:
        (folder / "photons.txt").touch()


with open_rig(rig) as rig:
    (folder / "pid.txt").write_text(str(os.getpid()))
    try:
        run_steps(rig, sweep(), name="sweep", out=folder / "runs", analyse=False, on_progress=note_photons)
    except KeyboardInterrupt:
        print("interrupted in the program", flush=True)
        raise
"""


class Script:
    """A sweep under `cascadescope script` that measures for minutes; it leads a process group of its own."""

    def __init__(self, rig: Path, folder: Path) -> None:
        self.folder, self._said = folder, folder / "said.txt"
        file = folder / "sweep.py"
        file.write_text(SWEEP)
        command = [sys.executable, "-m", "acquisition", "script", str(file), str(rig), str(folder)]
        with self._said.open("wb") as said:
            self.launcher = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)

    @property
    def said(self) -> str:
        return self._said.read_text()

    @property
    def pid(self) -> int:
        return int((self.folder / "pid.txt").read_text())

    def measure(self, world) -> None:
        """Wait until everything is on and photons come."""

        def measures() -> bool:
            assert self.launcher.poll() is None, self.said
            return (self.folder / "photons.txt").exists() and len(sources_on(world)) == 5

        until(measures)


@pytest.fixture
def script(wire_world, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    script = Script(wire_world.rig, tmp_path)
    yield script
    if script.launcher.poll() is None:
        script.launcher.terminate()
    script.launcher.wait(60)


def test_a_program_that_is_killed_leaves_light_heat_and_bias_off(script, wire_world):
    script.measure(wire_world)
    os.kill(script.pid, signal.SIGKILL)
    assert until(lambda: not sources_on(wire_world), SAFE_WITHIN_S) < SAFE_WITHIN_S
    assert script.launcher.wait(30) == 1
    assert "was ended by SIGKILL; the guardian has made safe: " in script.said
    assert "NOT SAFE" not in script.said
    [run] = (script.folder / "runs").iterdir()
    assert (run / "guardian.jsonl").is_file()
    assert list(run.glob("points/0001/photons/*.seg"))


def test_ctrl_c_reaches_the_program_once_which_makes_all_safe_itself(script, wire_world):
    script.measure(wire_world)
    os.killpg(script.launcher.pid, signal.SIGINT)  # what a terminal does
    assert until(lambda: not sources_on(wire_world), SAFE_WITHIN_S) < SAFE_WITHIN_S
    assert script.launcher.wait(60) == 130
    assert script.said.count("interrupted in the program") == 1
    assert "KeyboardInterrupt" in script.said
    assert "the guardian has made safe" not in script.said
    assert not is_there(script.pid)


def test_a_program_that_is_told_to_end_by_its_launcher_ends_in_good_order(script, wire_world):
    script.measure(wire_world)
    script.launcher.terminate()
    assert until(lambda: not sources_on(wire_world), SAFE_WITHIN_S) < SAFE_WITHIN_S
    assert script.launcher.wait(60) == 130
    assert script.said.count("interrupted in the program") == 1
