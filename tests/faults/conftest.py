"""What the tests of faults share: no analysis where none is looked at, and one world of wires per module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from acquisition.session import run_job
from tests.faults.trials import Trial, WireWorld, trial_of, wire_world


@pytest.fixture(autouse=True)
def _no_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    monkeypatch.setattr(run_job, "write_report", lambda path: None)


@pytest.fixture(name="world", scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireWorld]:
    with wire_world(tmp_path_factory.mktemp("wire")) as world:
        yield world


@pytest.fixture(name="trial")
def _trial(world: WireWorld, tmp_path: Path) -> Iterator[Trial]:
    with trial_of(world, tmp_path) as trial:
        yield trial
