"""A simulated world can be asked for its state and truth, and broken, over a port."""

import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench
from simulators.faults import FAULTS
from simulators.wire.control import ControlServer
from simulators.wire.control_client import BenchControl
from simulators.wire.hosting import Hosting
from simulators.wire.lspad import LspadServer
from tests.simulators.worlds import shipped_sample


@pytest.fixture(name="server", scope="module")
def _server() -> Iterator[ControlServer]:
    bench = Bench(shipped_sample(), 7)
    server = ControlServer(bench, [LspadServer("spad_array", bench)])
    with Hosting([server]):
        yield server


@pytest.fixture(name="control")
def _control(server: ControlServer) -> Iterator[BenchControl]:
    with BenchControl("127.0.0.1", server.port) as control:
        yield control


def test_the_state_of_each_instrument_is_told_by_its_role(control: BenchControl) -> None:
    state = control.state()
    assert set(state) == {"spad_array", "control"}
    assert state["spad_array"]["bias"] is False
    assert state["control"]["who"] == SIMULATOR_MARK
    assert state["control"]["temperature_c"] == pytest.approx(25, abs=10)


def test_the_truth_is_what_the_bench_knows(server: ControlServer, control: BenchControl) -> None:
    server.bench.begin_point(1e6)
    assert control.truth() == json.loads(json.dumps(server.bench.truth()))


def test_things_are_broken_and_mended(server: ControlServer, control: BenchControl) -> None:
    control.begin_fault("laser_drops_pulses", share=0.5)
    assert server.bench.faults.active("laser_drops_pulses") == {"share": 0.5}
    assert control.state()["control"]["broken"] == "laser_drops_pulses"
    assert control.request(ask="faults")["broken"] == ["laser_drops_pulses"]
    control.end_fault("laser_drops_pulses")
    assert server.bench.faults.active_names() == []
    control.begin_fault("laser_stops", after_s=60.0)
    assert server.bench.faults.active_names() == []
    control.end_fault("laser_stops")


def test_the_catalogue_of_faults_can_be_asked_for(control: BenchControl) -> None:
    assert set(control.request(ask="faults")["faults"]) == set(FAULTS)


def test_interlock_and_knob_are_hands_at_the_instrument(server: ControlServer, control: BenchControl) -> None:
    server.bench.beam.emission = True
    control.set_interlock(closed=False)
    assert (server.bench.beam.interlock_closed, server.bench.beam.emission) == (False, False)
    control.set_interlock(closed=True)
    control.turn_knob(12.5)
    assert control.state()["control"]["intensity_percent"] == 12.5


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({}, "ask"),
        ({"ask": "state", "do": "set_interlock"}, "either"),
        ({"ask": "weather"}, "state, truth, faults"),
        ({"do": 7}, "begin_fault"),
        ({"do": "begin_fault"}, "name"),
        ({"do": "begin_fault", "name": "rain"}, "there is no fault 'rain'"),
        ({"do": "begin_fault", "name": "laser_stops", "after_s": -1}, "greater than or equal to 0"),
        ({"do": "begin_fault", "name": "laser_stops", "parameters": {"x": 1}}, "has no parameter x"),
        ({"do": "end_fault", "name": "rain"}, "there is no fault 'rain'"),
        ({"do": "set_interlock", "closed": "perhaps"}, "closed"),
        ({"do": "turn_knob", "intensity_percent": 101}, "intensity_percent"),
        ({"ask": "state", "more": 1}, "more"),
    ],
)
def test_a_request_that_is_refused_is_answered_with_a_reason(
    control: BenchControl, request_: Mapping[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        control.request(**request_)
    assert "spad_array" in control.state()


@given(st.binary(max_size=200).map(lambda line: line.replace(b"\n", b" ")))
@settings(max_examples=50, deadline=None)
def test_whatever_is_sent_is_answered_with_one_object(line: bytes) -> None:
    server = ControlServer(Bench(shipped_sample(), 7))
    answer = json.loads(server._answer(line))
    assert list(answer) == ["error"]


def test_another_request_can_be_added_once() -> None:
    server = ControlServer(Bench(shipped_sample(), 7))

    def double(value: int) -> dict[str, int]:
        return {"doubled": 2 * value}

    server.add("ask", "double", double)
    assert json.loads(server._answer(b'{"ask": "double", "value": 21}')) == {"doubled": 42}
    with pytest.raises(ValueError, match="once"):
        server.add("ask", "double", double)


def test_a_client_is_told_when_the_world_has_ended() -> None:
    server = ControlServer(Bench(shipped_sample(), 7))
    with Hosting([server]):
        control = BenchControl("127.0.0.1", server.port)
        control.state()
    with pytest.raises(OSError, match=r"hung up|reset|aborted|Broken pipe"):
        control.state()
    control.close()


def test_a_client_that_leaves_in_the_middle_of_a_line_disturbs_nobody(
    server: ControlServer, control: BenchControl
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 5.0) as other:
        other.sendall(b'{"ask": "st')
    assert "spad_array" in control.state()
