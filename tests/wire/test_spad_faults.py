"""What goes wrong between a SPAD Lambda and its driver: what is said, what data remain, and how a loss is marked."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest

from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, FaultError
from drivers.interfaces.photons import PhotonBlock
from drivers.spad_array.spad_lambda import SpadLambda
from drivers.spad_array.spad_lambda_settings import SpadLambdaSettings
from simulators.bench import Bench
from simulators.real_time import RealTimeClock
from simulators.wire.hosting import Hosting
from simulators.wire.lspad import LspadServer
from simulators.wire.lspad_settings import LspadSettings
from tests.simulators.worlds import shining, shipped_sample

SAMPLE = shipped_sample()
KIND = LspadSettings(shared_tdc_dead_time_ns=0)
"""No photon is lost by design, so that each can be looked for; the order is disturbed as usual."""


@dataclass(frozen=True)
class Pair:
    """A driver and the simulator at the other end of its wire."""

    driver: SpadLambda
    server: LspadServer

    def begin(self, fault: str, after_s: float = 0.0, **parameters: float) -> None:
        self.server.bench.faults.begin(fault, after_s=after_s, **parameters)


@contextmanager
def paired(settings: LspadSettings = KIND) -> Iterator[Pair]:
    bench = Bench(SAMPLE, 7, clock=RealTimeClock())
    bench.beam.emission, bench.beam.intensity_percent = True, 20.0
    server = LspadServer("spad_array", bench, 0, settings)
    with Hosting([server]):
        wanted = SpadLambdaSettings(port=server.port, simulated=True, silence_timeout_s=1.0)
        driver = SpadLambda("spad_array", wanted)
        driver.connect()
        driver.set_bias(True)
        try:
            yield Pair(driver, server)
        finally:
            driver.close()


@pytest.fixture(name="pair")
def _pair() -> Iterator[Pair]:
    with paired() as pair:
        yield pair


def measured(driver: SpadLambda, duration_s: float) -> tuple[list[PhotonBlock], DeviceError | None]:
    """Return the blocks of an acquisition and what ended it early."""
    blocks: list[PhotonBlock] = []
    try:
        for block in driver.photons(duration_s):
            blocks.append(block)  # one by one: those before an error stay
    except DeviceError as error:
        return blocks, error
    return blocks, None


def photons(blocks: list[PhotonBlock]) -> np.ndarray:
    """Return pulse, delay and pixel of all photons, sorted."""
    found = np.empty(sum(len(block) for block in blocks), [(name, np.int64) for name in ("pulse", "delay_ps", "pixel")])
    for name in ("pulse", "delay_ps", "pixel"):
        found[name] = np.concatenate([getattr(block, name) for block in blocks])
    return np.sort(found)


def gaps(blocks: list[PhotonBlock]) -> list[tuple[int, int]]:
    return [(gap.first_pulse, gap.end_pulse) for block in blocks for gap in block.gaps]


def reasons(blocks: list[PhotonBlock]) -> str:
    return "; ".join(gap.reason for block in blocks for gap in block.gaps)


def outside(found: np.ndarray, stretches: list[tuple[int, int]]) -> np.ndarray:
    lost = np.zeros(len(found), bool)
    for begin, end in stretches:
        lost |= (found["pulse"] >= begin) & (found["pulse"] < end)
    return found[~lost]


def truth(duration_s: float) -> np.ndarray:
    return photons(list(shining(SAMPLE, 7).array.photons(duration_s)))


def assert_all_but_the_gaps(blocks: list[PhotonBlock], duration_s: float) -> None:
    """Every photon outside the gaps is there and right, and the gaps are short."""
    marked = gaps(blocks)
    assert marked
    assert sum(end - begin for begin, end in marked) < 0.5e6 * duration_s
    assert blocks[-1].end_pulse == round(1e6 * duration_s)
    assert np.array_equal(outside(photons(blocks), marked), outside(truth(duration_s), marked))


def test_without_a_fault_nothing_is_marked_and_nothing_is_missing(pair: Pair) -> None:
    blocks, error = measured(pair.driver, 1.0)
    assert error is None
    assert not gaps(blocks)
    assert np.array_equal(photons(blocks), truth(1.0))


def test_pixels_that_share_a_converter_lose_a_few_photons() -> None:
    with paired(LspadSettings()) as pair:
        blocks, _ = measured(pair.driver, 1.0)
    everything = truth(1.0)
    assert np.isin(photons(blocks), everything).all()
    assert 0 < len(everything) - len(photons(blocks)) < 0.003 * len(everything)


def test_a_server_that_hangs_up_is_named_what_came_stays_and_it_can_be_connected_again(pair: Pair) -> None:
    pair.begin("spad_connection_dropped", after_s=1.0)
    blocks, error = measured(pair.driver, 5.0)
    assert isinstance(error, CommunicationError)
    assert str(error).startswith("spad_array")
    assert not pair.driver.connected
    assert np.array_equal(photons(blocks), part_of_truth(blocks))
    pair.driver.close()
    pair.driver.connect()
    assert pair.server.state()["bias"] is False
    pair.driver.set_bias(True)
    assert measured(pair.driver, 0.2)[1] is None


def part_of_truth(blocks: list[PhotonBlock]) -> np.ndarray:
    everything = truth(5.0)
    return everything[everything["pulse"] < blocks[-1].end_pulse]


def test_a_silent_server_is_noticed_and_nobody_claims_that_it_is_safe(pair: Pair) -> None:
    pair.begin("spad_silent", after_s=0.5)
    asked_s = time.monotonic()
    blocks, error = measured(pair.driver, 30.0)
    assert isinstance(error, CommunicationError | DeviceTimeoutError)
    assert str(error).startswith("spad_array: lSPAD has sent nothing for ")
    assert "restart lSPAD" in str(error)
    assert time.monotonic() - asked_s < 0.5 + pair.driver._settings.silence_timeout_s + 1.5  # when the light goes off
    assert np.array_equal(photons(blocks), part_of_truth(blocks))
    clock = RealTimeClock()
    begin_s = clock.now()
    with pytest.raises(CommunicationError, match="the bias may be on"):  # nobody has confirmed that it is not
        pair.driver.make_safe()
    assert clock.now() - begin_s < 2.0
    assert pair.server.state()["bias"] is False
    pair.server.bench.faults.end("spad_silent")
    pair.driver.close()
    pair.driver.connect()
    pair.driver.set_bias(True)
    assert measured(pair.driver, 0.2)[1] is None


@pytest.mark.parametrize("byte_count", [1, 64])
def test_bytes_that_are_no_record_are_marked_as_a_gap(pair: Pair, byte_count: int) -> None:
    pair.begin("spad_garbage", after_s=0.7, byte_count=byte_count)
    blocks, error = measured(pair.driver, 1.5)
    assert error is None
    assert_all_but_the_gaps(blocks, 1.5)
    assert pair.driver.readings()["stream_resyncs"] >= 1


def test_an_overflow_is_marked_with_all_that_it_lost(pair: Pair) -> None:
    pair.begin("spad_fifo_overflow", after_s=0.7, lost_s=0.1)
    blocks, error = measured(pair.driver, 1.5)
    assert error is None
    assert_all_but_the_gaps(blocks, 1.5)
    assert "FIFO" in reasons(blocks)
    assert sum(end - begin for begin, end in gaps(blocks)) >= 99_000
    assert len(photons(blocks)) < len(truth(1.5)) - 2000


def test_a_jump_of_a_chip_is_marked_and_then_corrected(pair: Pair) -> None:
    pair.begin("spad_chip_jump", after_s=0.7)
    blocks, error = measured(pair.driver, 1.5)
    assert error is None
    assert_all_but_the_gaps(blocks, 1.5)
    assert pair.driver.readings()["stream_chip_jumps"] == 1


def test_a_laser_that_stops_is_named_as_missing_pulses(pair: Pair) -> None:
    pair.begin("laser_stops", after_s=0.7)
    blocks, error = measured(pair.driver, 30.0)
    assert isinstance(error, CommunicationError)
    assert "laser" in str(error)
    assert "pulse" in str(error)
    assert np.array_equal(photons(blocks), part_of_truth(blocks))


def test_a_laser_that_leaves_pulses_out_is_named_as_missing_pulses(pair: Pair) -> None:
    pair.begin("laser_drops_pulses", after_s=0.5, share=0.1)
    blocks, error = measured(pair.driver, 20.0)
    assert isinstance(error, CommunicationError)
    assert "pulses are missing" in str(error)
    assert blocks[-1].end_pulse < 10_000_000  # long before the end


def switched_off_by_another_program(pair: Pair) -> None:
    with socket.create_connection(("127.0.0.1", pair.server.port), timeout=10.0) as other:
        other.sendall(b"POW,0\n")
        clock = RealTimeClock()
        end_s = clock.now() + 10.0
        while pair.server.state()["bias"]:
            assert clock.now() < end_s
            other.recv(65536)  # it gets the stream, too


def test_a_bias_that_another_program_switches_off_during_a_stream_is_told_and_marked(pair: Pair) -> None:
    stream = pair.driver.photons(30.0)
    blocks = [next(stream)]
    switched_off_by_another_program(pair)
    with pytest.raises(FaultError, match=r"spad_array: no photon for 1 s.*switched off by another program"):
        blocks.extend(stream)
    assert "was the bias off?" in reasons(blocks)
    dark = [(gap.first_pulse, gap.end_pulse) for block in blocks for gap in block.gaps if "bias" in gap.reason]
    assert sum(end - begin for begin, end in dark) > 900_000
    assert max(end for _, end in dark) == blocks[-1].end_pulse
    assert photons(blocks)["pulse"].max() <= min(begin for begin, _ in dark)


def test_a_bias_that_another_program_has_switched_off_is_on_again_in_the_next_stream(pair: Pair) -> None:
    switched_off_by_another_program(pair)
    blocks, error = measured(pair.driver, 1.0)
    assert error is None
    assert np.array_equal(photons(blocks), truth(1.0))


def test_a_made_safe_detector_ends_its_stream_and_acquires_again(pair: Pair) -> None:
    stream = pair.driver.photons(30.0)
    next(stream)
    pair.driver.make_safe()
    assert len(list(stream)) < 10
    assert pair.server.state()["bias"] is False
    pair.driver.set_bias(True)
    assert measured(pair.driver, 0.2)[1] is None
