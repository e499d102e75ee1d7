import ast
import time
from pathlib import Path

import pytest

import drivers.rescue.lspad
from drivers.rescue.lspad import rescue
from tests.drivers.spad_array.scripted_lspad import ScriptedLspad
from tests.drivers.spad_array.wire_bytes import record


def test_the_bias_is_switched_off_from_nothing() -> None:
    with ScriptedLspad() as server:
        before = time.monotonic()
        rescue("127.0.0.1", server.port)
        assert time.monotonic() - before < 1.5
        server.wait_for("POW,0")
        assert server.commands == ["STOP", "POW,0"]


def test_a_running_stream_does_no_harm() -> None:
    with ScriptedLspad() as server:
        server.banner += record(0, 5, 0, 0) * 20_000
        rescue("127.0.0.1", server.port)
        server.wait_for("POW,0")
        assert server.commands == ["STOP", "POW,0"]


def test_a_server_that_cannot_be_reached_is_an_error() -> None:
    with ScriptedLspad() as server:
        port = server.port
    with pytest.raises(OSError, match=r"refused|timed out"):
        rescue("127.0.0.1", port)


def test_a_server_that_says_nothing_is_an_error_with_what_to_do() -> None:
    with ScriptedLspad() as server:
        server.banner, server.replies = b"", {}
        with pytest.raises(TimeoutError, match="switch the SPAD array off by hand"):
            rescue("127.0.0.1", server.port)
        server.wait_for("POW,0")


def test_it_needs_the_standard_library_only() -> None:
    tree = ast.parse(Path(drivers.rescue.lspad.__file__).read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert names == {"socket", "time"}
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))
