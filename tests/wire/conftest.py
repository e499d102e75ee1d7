"""Simulated rigs at free ports, in processes of their own."""

from collections.abc import Iterator

import pytest

from tests.wire.simulation import WireWorld, simulated_wire


@pytest.fixture(name="wire_world", scope="module")
def _wire_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireWorld]:
    """The simulated instruments of configs/rigs/wire.yaml; those of a module share one world."""
    with simulated_wire(tmp_path_factory.mktemp("wire")) as world:
        yield world
