"""Two programs must not drive the same instruments: the second one is refused and told who has them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from acquisition.rig.file import RigFile
from acquisition.rig.holding import Holding, RigTaken
from acquisition.rig.opening import read_parts

HOLDER = """
import sys, time
from pathlib import Path
from acquisition.rig.holding import Holding
held = Holding(Path(sys.argv[1]), sys.argv[2:])
held.note_run("runs/night")
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("CASCADESCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture
def other(tmp_path):
    """Another program that holds the rig `mine.yaml` with the port COM3."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "mine.yaml"), "COM3"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == "held"
    yield process
    process.kill()
    process.wait(10)
    process.stdout.close()


def is_free(rig: Path, addresses: list[str]) -> bool:
    try:
        Holding(rig, addresses).close()
    except RigTaken:
        return False
    return True


@pytest.mark.parametrize(("rig", "address"), [("mine.yaml", "COM4"), ("theirs.yaml", "COM3")])
def test_the_same_rig_file_or_the_same_address_is_refused_with_who_has_it(rig, address, other, tmp_path) -> None:
    with pytest.raises(RigTaken) as refused:
        Holding(tmp_path / rig, [address])
    said = str(refused.value)
    assert f"is in use by process {other.pid} since 2" in said
    assert str(tmp_path / "mine.yaml") in said
    assert "in the run runs/night" in said
    assert "cascadescope status" in said


def test_what_was_refused_holds_nothing(other, tmp_path) -> None:
    with pytest.raises(RigTaken):
        Holding(tmp_path / "theirs.yaml", ["COM3", "COM1"])
    assert is_free(tmp_path / "theirs.yaml", ["COM1"])


@pytest.mark.skipif(os.name == "nt", reason="sends signals as only POSIX knows them")
def test_a_program_that_was_killed_holds_nothing(other, tmp_path) -> None:
    other.send_signal(signal.SIGKILL)
    other.wait(10)
    assert is_free(tmp_path / "mine.yaml", ["COM3"])


def test_another_rig_at_other_addresses_is_free(other, tmp_path) -> None:
    assert is_free(tmp_path / "theirs.yaml", ["COM4"])


def test_a_rig_is_free_again_when_it_was_closed(tmp_path) -> None:
    Holding(tmp_path / "mine.yaml", ["COM3"]).close()
    assert is_free(tmp_path / "mine.yaml", ["COM3"])


def test_every_wire_of_a_rig_file_counts_and_nothing_that_lives_in_this_process() -> None:
    def addresses(file: RigFile) -> set[str]:
        return {address for role in file.roles.present().values() for address in role.addresses}

    assert addresses(read_parts("wire").file) == {
        "socket://127.0.0.1:9101",
        "TCPIP::127.0.0.1::9102::SOCKET",
        "socket://127.0.0.1:9103",
        "TCPIP::127.0.0.1::9104::SOCKET",
        "127.0.0.1:9199",
    }
    assert addresses(read_parts("simulated").file) == set()
