"""A queue of its own for each test, and a way to fill it."""

import pytest

from acquisition.queue import Request, RunQueue
from tests.queue.fakes import SEQUENCE


@pytest.fixture
def queue(tmp_path):
    return RunQueue(tmp_path / "queue.sqlite")


@pytest.fixture
def add(queue, tmp_path):
    return lambda **more: queue.add(Request(sequence=SEQUENCE, **{"out": str(tmp_path / "runs"), **more}))
