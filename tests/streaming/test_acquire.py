"""An acquisition keeps every photon, whatever the recorder, the analysis and the detector do."""

import threading

import pytest

from acquisition.streaming import AcquisitionError, CascadeGoal, Ending, Latest, Progress, StreamSettings, acquire
from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, StateError
from drivers.interfaces.photons import Gap
from tests.streaming.fakes import INFO, FakeLive, FakeRecorder, FakeSpadArray, make_block

COMPLETE = StreamSettings(shed=False)


def fail_at(number, error):
    def check(present):
        if present == number:
            raise error

    return check


def test_everything_is_recorded_and_analysed_in_order():
    recorder, live, spad_array = FakeRecorder(), FakeLive(), FakeSpadArray()
    result = acquire(spad_array, 2.0, INFO, recorder, live, stop=threading.Event(), settings=COMPLETE)
    assert [block.first_pulse for block in recorder.blocks] == [100_000 * number for number in range(20)]
    assert [block.first_pulse for block in live.blocks] == [block.first_pulse for block in recorder.blocks]
    assert (result.ending, result.photons, result.recorded_photons) == (Ending.DURATION, 20_000, 20_000)
    assert result.elapsed_s == pytest.approx(2.0)
    assert result.live.photons == 20_000
    assert recorder.finished
    assert spad_array.closed_streams == 1
    assert result.warnings == ()


def test_the_recorder_works_in_one_thread_of_its_own_and_no_thread_is_left():
    before = set(threading.enumerate())
    recorder = FakeRecorder()
    acquire(FakeSpadArray(), 1.0, INFO, recorder, FakeLive(), stop=threading.Event())
    assert recorder.threads == {"photon recorder"}
    assert set(threading.enumerate()) == before


def only_at(number, act):
    return lambda present: act() if present == number else None


def test_a_slow_recorder_slows_the_reader_and_the_queue_stays_bounded():
    settings = StreamSettings(shed=False, queue_blocks=3, queue_photons=2500)
    spad_array = FakeSpadArray()
    recorder = FakeRecorder(on_append=only_at(0, lambda: spad_array.asked.wait_for(4)))
    result = acquire(spad_array, 5.0, INFO, recorder, stop=threading.Event(), settings=settings)
    assert recorder.photons == result.photons == 50_000
    assert result.most_queued_photons == 2000


def test_a_failing_recorder_ends_the_acquisition_with_its_error_once():
    recorder = FakeRecorder(on_append=fail_at(4, OSError(28, "No space left on device")))
    spad_array = FakeSpadArray()
    with pytest.raises(AcquisitionError, match=r"No space left on device.*4000 of") as caught:
        acquire(spad_array, 60.0, INFO, recorder, FakeLive(), stop=threading.Event(), settings=COMPLETE)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.result.recorded_photons == 4000
    assert recorder.abandoned
    assert not recorder.finished
    assert spad_array.closed_streams == 1


def test_a_failing_analysis_is_a_warning_and_the_raw_data_are_complete():
    recorder = FakeRecorder()
    live = FakeLive(on_update=fail_at(3, ZeroDivisionError("division by zero")))
    result = acquire(FakeSpadArray(), 5.0, INFO, recorder, live, stop=threading.Event(), settings=COMPLETE)
    assert recorder.photons == 50_000
    assert recorder.finished
    assert len(result.warnings) == 1
    assert "ZeroDivisionError: division by zero" in result.warnings[0]


def test_an_analysis_that_lags_is_shed_and_the_raw_data_are_complete():
    everything_recorded = threading.Event()
    recorder = FakeRecorder(on_append=lambda number: everything_recorded.set() if number == 49 else None)
    live = FakeLive(on_update=lambda number: everything_recorded.wait(10))
    settings = StreamSettings(shed=True, queue_blocks=5)
    result = acquire(FakeSpadArray(), 5.0, INFO, recorder, live, stop=threading.Event(), settings=settings)
    assert recorder.photons == 50_000
    assert result.shed_blocks == 50 - len(live.blocks) > 0
    assert result.shed_photons == 1000 * result.shed_blocks
    assert "skipped" in result.warnings[0]


def test_a_slow_analysis_without_shedding_sees_everything():
    settings = StreamSettings(shed=False, queue_blocks=1)
    spad_array = FakeSpadArray()
    live = FakeLive(on_update=only_at(0, lambda: spad_array.asked.wait_for(3)))
    result = acquire(spad_array, 3.0, INFO, FakeRecorder(), live, stop=threading.Event(), settings=settings)
    assert result.live.photons == 30_000
    assert result.shed_blocks == 0


def test_stop_in_the_middle_keeps_what_was_read():
    stop = threading.Event()
    recorder = FakeRecorder()
    spad_array = FakeSpadArray(before_block=lambda number: stop.set() if number == 7 else None)
    result = acquire(spad_array, 1000.0, INFO, recorder, FakeLive(), stop=stop, settings=COMPLETE)
    assert result.ending is Ending.STOPPED
    assert recorder.photons == result.photons == 8000
    assert recorder.finished
    assert spad_array.closed_streams == 1


def test_the_caller_hears_once_of_a_failed_detector_before_the_recorder_is_waited_for():
    heard, calls = threading.Event(), []
    recorder = FakeRecorder()
    recorder.finish = lambda: calls.append(heard.wait(10))

    def on_error():
        calls.append(threading.current_thread())
        heard.set()

    spad_array = FakeSpadArray(before_block=fail_at(2, CommunicationError("spad_array", "the cable is out")))
    with pytest.raises(AcquisitionError, match="the cable is out"):
        acquire(spad_array, 10.0, INFO, recorder, stop=threading.Event(), on_error=on_error)
    assert calls == [threading.current_thread(), True]


def test_the_caller_hears_of_a_failed_recorder_while_the_detector_still_measures():
    heard, in_time = threading.Event(), []

    def fail(number):
        spad_array.asked.wait_for(2)
        raise OSError(28, "No space left on device")

    recorder = FakeRecorder(on_append=fail)
    spad_array = FakeSpadArray(before_block=only_at(1, lambda: in_time.append(heard.wait(10))))
    with pytest.raises(AcquisitionError, match="No space left"):
        acquire(spad_array, 10.0, INFO, recorder, stop=threading.Event(), on_error=heard.set)
    assert in_time == [True]


def test_a_stop_is_no_error():
    stop, calls = threading.Event(), []
    spad_array = FakeSpadArray(before_block=only_at(3, stop.set))
    acquire(spad_array, 10.0, INFO, FakeRecorder(), stop=stop, on_error=lambda: calls.append(True))
    assert calls == []


def test_instruments_that_cannot_be_made_safe_are_told_after_the_first_error_and_the_result_is_kept():
    def on_error():
        raise CommunicationError("laser", "no answer")

    spad_array = FakeSpadArray(before_block=fail_at(2, CommunicationError("spad_array", "the cable is out")))
    with pytest.raises(AcquisitionError, match="spad_array: the cable is out; laser: no answer; 2000 of") as caught:
        acquire(spad_array, 10.0, INFO, FakeRecorder(), stop=threading.Event(), on_error=on_error)
    assert caught.value.result.recorded_photons == 2000


@pytest.mark.parametrize("missing", ["photon recorder", "live analysis", "photon reader"])
def test_a_thread_that_cannot_be_started_ends_the_others_and_closes_the_recording(missing, monkeypatch):
    before, start, told = set(threading.enumerate()), threading.Thread.start, []

    def start_others(thread):
        if thread.name == missing:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_others)
    recorder = FakeRecorder()
    with pytest.raises(AcquisitionError, match="can't start new thread; 0 of 0 photons"):
        acquire(
            FakeSpadArray(), 1.0, INFO, recorder, FakeLive(), stop=threading.Event(), on_error=lambda: told.append(1)
        )
    assert told == [1]
    assert recorder.finished or recorder.abandoned
    assert set(threading.enumerate()) == before


def test_an_array_that_was_made_safe_after_a_stop_is_no_error_but_is_told():
    stop = threading.Event()

    def before(number):
        if number == 3:
            stop.set()
            raise StateError("spad_array", "the bias is off")

    recorder = FakeRecorder()
    result = acquire(FakeSpadArray(before_block=before), 10.0, INFO, recorder, stop=stop)
    assert result.ending is Ending.STOPPED
    assert recorder.photons == 3000
    assert result.warnings == ("while stopping: spad_array: the bias is off",)


def test_a_broken_connection_keeps_the_blocks_before():
    recorder = FakeRecorder()
    spad_array = FakeSpadArray(before_block=fail_at(5, CommunicationError("spad_array", "the cable is out")))
    with pytest.raises(AcquisitionError, match="spad_array: the cable is out; 5000 of 5000 photons") as caught:
        acquire(spad_array, 10.0, INFO, recorder, FakeLive(), stop=threading.Event())
    assert isinstance(caught.value.__cause__, CommunicationError)
    assert caught.value.result.ending is Ending.ERROR
    assert recorder.photons == 5000
    assert recorder.finished


def test_a_detector_that_hangs_is_given_up_and_the_blocks_before_are_kept():
    release = threading.Event()
    recorder = FakeRecorder()
    spad_array = FakeSpadArray(before_block=lambda number: release.wait(30) if number == 2 else None)
    settings = StreamSettings(block_timeout_s=0.1)
    try:
        with pytest.raises(AcquisitionError, match="has delivered no photons for") as caught:
            acquire(spad_array, 10.0, INFO, recorder, FakeLive(), stop=threading.Event(), settings=settings)
    finally:
        release.set()
    assert isinstance(caught.value.__cause__, DeviceTimeoutError)
    assert recorder.photons == 2000
    assert recorder.finished


def test_an_analysis_that_hangs_is_given_up():
    release = threading.Event()
    live = FakeLive(on_update=lambda number: release.wait(30))
    settings = StreamSettings(shed=False, queue_blocks=1, analysis_timeout_s=0.1)
    recorder = FakeRecorder()
    try:
        result = acquire(FakeSpadArray(), 5.0, INFO, recorder, live, stop=threading.Event(), settings=settings)
    finally:
        release.set()
    assert recorder.photons == 50_000
    assert any("hung" in warning for warning in result.warnings)


def test_a_recorder_that_hangs_is_given_up_and_later_abandons_its_file():
    release, abandoned = threading.Event(), threading.Event()
    recorder = FakeRecorder(on_append=lambda number: release.wait(30) if number == 2 else None)
    recorder.abandon = abandoned.set
    settings = StreamSettings(queue_blocks=2, write_timeout_s=0.1)
    try:
        with pytest.raises(AcquisitionError, match="the disk has not taken the photons"):
            acquire(FakeSpadArray(), 5.0, INFO, recorder, stop=threading.Event(), settings=settings)
    finally:
        release.set()
    assert abandoned.wait(5)
    assert not recorder.finished


@pytest.mark.parametrize("lagging", [True, False])
def test_the_end_by_cascades_depends_on_the_photons_and_not_on_the_speed_of_the_analysis(lagging):
    def wait_for_analysis(number):
        if not lagging:
            live.updates.wait_for(number)

    def wait_for_detector(number):
        if lagging and number < 5:
            spad_array.asked.wait_for(number + 3)  # as far ahead as the reader may be

    spad_array, recorder = FakeSpadArray(before_block=wait_for_analysis), FakeRecorder()
    live = FakeLive(cascades_per_block=10, on_update=wait_for_detector)
    stop = threading.Event()
    result = acquire(spad_array, 100.0, INFO, recorder, live, stop=stop, goal=CascadeGoal(45), settings=COMPLETE)
    assert result.ending is Ending.GOAL
    assert result.live.cascades >= 45
    assert result.blocks == 7  # five blocks give 50 cascades, judged two blocks later


def test_enough_cascades_end_an_acquisition_that_sheds():
    live = FakeLive(cascades_per_block=10)
    spad_array = FakeSpadArray(before_block=lambda number: live.updates.wait_for(number))
    result = acquire(spad_array, 100.0, INFO, FakeRecorder(), live, stop=threading.Event(), goal=CascadeGoal(45))
    assert result.ending is Ending.GOAL
    assert 45 <= result.live.cascades <= 70


def test_an_interrupt_in_the_caller_makes_safe_ends_the_threads_and_keeps_the_data():
    recorder, interrupted, told = FakeRecorder(), threading.Event(), []
    before = set(threading.enumerate())

    class Impatient(Latest[Progress]):
        def put(self, value):
            if value.photons:
                interrupted.set()
                raise KeyboardInterrupt

    spad_array = FakeSpadArray(before_block=only_at(3, lambda: interrupted.wait(10)))
    with pytest.raises(KeyboardInterrupt):
        acquire(
            spad_array,
            1000.0,
            INFO,
            recorder,
            FakeLive(),
            stop=threading.Event(),
            latest=Impatient(),
            on_error=lambda: told.append(recorder.finished),
        )
    assert set(threading.enumerate()) == before
    assert told == [False]
    assert recorder.finished
    assert recorder.photons > 0


def test_the_newest_progress_can_be_pulled_at_any_time():
    latest = Latest[Progress]()
    acquire(FakeSpadArray(), 1.0, INFO, FakeRecorder(), FakeLive(), stop=threading.Event(), latest=latest)
    assert latest.get().photons == 10_000
    assert latest.get().elapsed_s == pytest.approx(1.0)


def test_losses_in_the_detector_are_counted():
    blocks = [make_block(0), make_block(1, gaps=(Gap(100_000, 100_500, "fifo overflow"),)), make_block(2)]
    result = acquire(FakeSpadArray(blocks), 0.3, INFO, FakeRecorder(), stop=threading.Event())
    assert (result.gaps, result.lost_pulses) == (1, 500)


def test_a_stream_that_ends_too_early_is_told():
    result = acquire(FakeSpadArray([make_block(0)]), 1.0, INFO, FakeRecorder(), stop=threading.Event())
    assert result.warnings == ("the detector ended its stream after 0.1 of 1 s",)
