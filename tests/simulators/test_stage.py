"""The simulated stage takes its time on the clock of the bench, and says where it really is."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from drivers.interfaces.errors import StateError
from simulators.bench import Bench
from simulators.stage import SimulatedStage, StageSettings
from tests.simulators.worlds import shipped_sample


def connected(seed: int = 1, **settings: float) -> tuple[Bench, SimulatedStage]:
    bench = Bench(shipped_sample("dark"), seed)
    stage = SimulatedStage("stage", bench, StageSettings(**settings))
    stage.connect()
    return bench, stage


def test_a_move_takes_its_way_over_its_speed_and_the_time_to_come_to_rest() -> None:
    bench, stage = connected(speed_um_per_s=100.0, settling_s=0.2, repeatability_nm=0.0)
    stage.move_to_um(30.0, 40.0)
    assert bench.clock.now() == pytest.approx(0.5 + 0.2)
    assert bench.place == stage.position_um() == (30.0, 40.0)


def test_it_ends_up_beside_the_target_by_its_repeatability() -> None:
    _, stage = connected(repeatability_nm=20.0)
    off_nm = []
    for number in range(400):
        target = (float(number % 7), float(number % 3))
        stage.move_to_um(*target)
        off_nm += [1e3 * (found - wanted) for found, wanted in zip(stage.position_um(), target, strict=True)]
    assert np.std(off_nm) == pytest.approx(20.0, abs=4 * 20 / (2 * len(off_nm)) ** 0.5)
    assert abs(np.mean(off_nm)) < 4 * 20 / len(off_nm) ** 0.5


def test_the_same_seed_ends_at_the_same_places() -> None:
    def places(seed: int) -> list[tuple[float, float]]:
        _, stage = connected(seed)
        found = []
        for target in ((1.0, 2.0), (0.0, 0.0)):
            stage.move_to_um(*target)
            found.append(stage.position_um())
        return found

    assert places(4) == places(4)
    assert places(4) != places(5)


def begin_a_long_move(bench: Bench, stage: SimulatedStage) -> tuple[threading.Thread, list[bool]]:
    """Send the stage on a way of 100 s in a thread of its own, with time standing still meanwhile."""
    arrived: list[bool] = []
    thread = threading.Thread(target=lambda: arrived.append(stage.move_to_um(100.0, 0.0)))
    thread.start()
    while not stage.is_moving():
        thread.join(0.001)
    return thread, arrived


@pytest.mark.parametrize("cut", [SimulatedStage.stop, SimulatedStage.make_safe, SimulatedStage.close])
def test_another_thread_stops_it_on_its_way(cut: Callable[[SimulatedStage], None]) -> None:
    bench, stage = connected(speed_um_per_s=1.0)
    with bench.clock.driven():
        thread, arrived = begin_a_long_move(bench, stage)
        bench.clock.drive_to(40.0)
        assert stage.position_um() == pytest.approx((40.0, 0.0), abs=0.1)
        with pytest.raises(StateError, match="moving already"):
            stage.move_to_um(0.0, 0.0)
        cut(stage)
        thread.join(10)
        bench.clock.drive_to(60.0)
    assert arrived == [False]
    assert bench.place == pytest.approx((40.0, 0.0), abs=0.1)


def test_an_interrupt_stops_it_on_its_way() -> None:
    bench, stage = connected(speed_um_per_s=1.0)
    interrupt, arrived = threading.Event(), []
    thread = threading.Thread(target=lambda: arrived.append(stage.move_to_um(100.0, 0.0, interrupt)))
    with bench.clock.driven():
        thread.start()
        while not stage.is_moving():
            thread.join(0.001)
        bench.clock.drive_to(10.0)
        interrupt.set()
        thread.join(10)
    assert arrived == [False]
    assert bench.place == pytest.approx((10.0, 0.0), abs=0.1)


def test_travel_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match=r"low \(2000 um\) must lie below high \(1000 um\)"):
        StageSettings(low_um=2000.0)
    with pytest.raises(ValueError, match=r"y_low \(-1000 um\) must lie below y_high \(-2000 um\)"):
        StageSettings(y_high_um=-2000.0)


def test_travel_in_y_may_be_another_one() -> None:
    _, stage = connected(y_low_um=-5.0, y_high_um=7.0)
    assert (stage.limits["y_um"].low, stage.limits["y_um"].high) == (-5.0, 7.0)
    assert (stage.limits["x_um"].low, stage.limits["x_um"].high) == (-1000.0, 1000.0)
