from collections.abc import Iterator

import pytest

from drivers.spad_array.spad_lambda import SpadLambda
from tests.drivers.spad_array.scripted_lspad import ScriptedLspad, driver


@pytest.fixture
def server() -> Iterator[ScriptedLspad]:
    with ScriptedLspad() as scripted:
        yield scripted


@pytest.fixture
def array(server: ScriptedLspad) -> Iterator[SpadLambda]:
    with driver(server) as connected:
        connected.set_bias(True)
        yield connected
