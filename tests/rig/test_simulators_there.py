"""Rig files of simulated instruments at wires, while nobody simulates them."""

import socket
import time
from pathlib import Path

import pytest

from acquisition.config import load_config
from acquisition.config.shipped import CONFIGS
from acquisition.rig import open_rig
from acquisition.rig.file import RigFile
from acquisition.rig.simulators_there import refuse_missing_simulators
from drivers.interfaces.errors import CommunicationError

WIRE = (CONFIGS / "rigs" / "wire.yaml").read_text(encoding="utf-8")
HARDWARE = (CONFIGS / "rigs" / "microscope.yaml").read_text(encoding="utf-8")


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def rig_at(port: int, folder: Path) -> Path:
    path = folder / "rig.yaml"
    path.write_text(WIRE.replace("socket://127.0.0.1:9101", f"socket://127.0.0.1:{port}"), encoding="utf-8")
    return path


def test_a_rig_whose_simulators_do_not_run_is_refused_at_once_and_says_how_to_start_them(
    port: int, tmp_path: Path
) -> None:
    path = rig_at(port, tmp_path)
    begun_s = time.monotonic()
    with pytest.raises(CommunicationError, match=rf"shutter: .*127\.0\.0\.1:{port}.*`cascadescope simulate {path}`"):
        open_rig(path)
    assert time.monotonic() - begun_s < 5.0


def test_simulators_that_run_are_not_in_the_way(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        path = rig_at(server.getsockname()[1], tmp_path)
        assert refuse_missing_simulators(str(path), load_config(path, RigFile).roles) is None


def test_instruments_that_are_no_simulators_are_not_asked(port: int, tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    there = f'kind: sc10, address: "socket://127.0.0.1:{port}"'
    path.write_text(HARDWARE.replace("kind: sc10, address: fill in", there), encoding="utf-8")
    assert there in path.read_text(encoding="utf-8")
    assert refuse_missing_simulators(str(path), load_config(path, RigFile).roles) is None
