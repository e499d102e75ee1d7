import threading
import time
from collections.abc import Callable

import pytest

from simulators.clock import SimulatedClock

PATIENCE_S = 10.0


def started(target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target)
    thread.start()
    return thread


def joined(*threads: threading.Thread) -> bool:
    for thread in threads:
        thread.join(PATIENCE_S)
    return not any(thread.is_alive() for thread in threads)


def until_waiting(clock: SimulatedClock, count: int) -> None:
    """Return when `count` threads wait on the clock."""
    end_s = time.monotonic() + PATIENCE_S
    with clock._changed:
        while len(clock._waiters) < count:
            assert time.monotonic() < end_s
            clock._changed.wait(0.001)


def test_a_night_alone_takes_no_time() -> None:
    clock = SimulatedClock()
    begin_s = time.monotonic()
    for _ in range(8 * 3600):
        clock.sleep(1.0)
    assert clock.now() == pytest.approx(8 * 3600)
    assert time.monotonic() - begin_s < PATIENCE_S


def test_a_set_event_ends_a_wait_before_it_begins() -> None:
    clock, event = SimulatedClock(), threading.Event()
    event.set()
    assert clock.wait(event, 5.0)
    assert clock.now() == 0.0


def test_no_time_to_wait_returns_at_once() -> None:
    clock = SimulatedClock()
    assert not clock.wait(threading.Event(), 0.0)
    assert not clock.wait(threading.Event(), -1.0)
    assert clock.now() == 0.0


def test_refuses_to_wait_for_nan() -> None:
    with pytest.raises(ValueError, match="NaN"):
        SimulatedClock().sleep(float("nan"))


def test_participants_wake_in_the_order_of_their_deadlines() -> None:
    clock, log, ready = SimulatedClock(), [], threading.Barrier(3)

    def tick(name: str, step_s: float, count: int) -> None:
        with clock.participant():
            ready.wait(PATIENCE_S)
            for _ in range(count):
                clock.sleep(step_s)
                log.append((clock.now(), name))

    threads = [started(lambda a=arguments: tick(*a)) for arguments in (("a", 2.0, 3), ("b", 3.5, 2), ("c", 0.75, 2))]
    assert joined(*threads)
    assert log == [(0.75, "c"), (1.5, "c"), (2.0, "a"), (3.5, "b"), (4.0, "a"), (6.0, "a"), (7.0, "b")]


def test_time_stands_still_while_a_participant_works() -> None:
    clock, woken = SimulatedClock(), threading.Event()

    def sleeper() -> None:
        clock.sleep(1.0)
        woken.set()

    with clock.participant():
        thread = started(sleeper)
        until_waiting(clock, 1)
        assert clock.now() == 0.0
        assert not woken.wait(0.05)
        clock.sleep(2.0)
        assert clock.now() == 2.0
    assert joined(thread)


def test_an_event_of_a_participant_is_seen_at_the_time_at_which_it_was_set() -> None:
    clock, event, times, ready = SimulatedClock(), threading.Event(), [], threading.Barrier(2)

    def waiter() -> None:
        with clock.participant():
            ready.wait(PATIENCE_S)
            assert clock.wait(event, 100.0)
            times.append(clock.now())

    def setter() -> None:
        with clock.participant():
            ready.wait(PATIENCE_S)
            clock.sleep(3.0)
            event.set()
            clock.sleep(50.0)

    assert joined(started(waiter), started(setter))
    assert times == [3.0]
    assert clock.now() == 53.0


def test_an_event_from_outside_ends_a_wait_while_time_stands_still() -> None:
    clock, event, results = SimulatedClock(), threading.Event(), []
    with clock.participant():
        thread = started(lambda: results.append(clock.wait(event, 100.0)))
        until_waiting(clock, 1)
        event.set()
        assert joined(thread)
    assert results == [True]
    assert clock.now() == 0.0


def test_waiting_for_ever_does_not_move_the_time() -> None:
    clock, event = SimulatedClock(), threading.Event()
    thread = started(lambda: clock.wait(event, float("inf")))
    until_waiting(clock, 1)
    assert clock.now() == 0.0
    event.set()
    assert joined(thread)


def test_a_stream_drives_the_time_for_those_who_wait() -> None:
    clock, times = SimulatedClock(), []

    def waiter() -> None:
        clock.sleep(2.5)
        times.append(clock.now())

    with clock.driven():
        thread = started(waiter)
        until_waiting(clock, 1)
        clock.drive_to(1.0)
        clock.drive_to(2.0)
        assert times == []
        clock.drive_to(3.0)
        assert joined(thread)
    assert times == [3.0]


def test_time_never_runs_back() -> None:
    clock = SimulatedClock()
    clock.drive_to(5.0)
    clock.drive_to(2.0)
    assert clock.now() == 5.0


def test_the_driver_itself_may_wait() -> None:
    clock = SimulatedClock()
    with clock.driven():
        clock.sleep(4.0)
        assert clock.now() == 4.0


def test_others_go_on_when_a_stream_ends() -> None:
    clock, driving, end = SimulatedClock(), threading.Event(), threading.Event()

    def driver() -> None:
        with clock.driven():
            driving.set()
            end.wait(PATIENCE_S)

    stream = started(driver)
    assert driving.wait(PATIENCE_S)
    waiter = started(lambda: clock.sleep(10.0))
    until_waiting(clock, 1)
    assert clock.now() == 0.0
    end.set()
    assert joined(stream, waiter)
    assert clock.now() == 10.0
