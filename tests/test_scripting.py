"""From a script or notebook: steps are plain Python, run in the thread of the caller, and every way out is safe."""

import json
import threading

import pytest

from acquisition.scripting import RunFailed, open_rig, run_steps
from acquisition.sequence import (
    AcquirePhotons,
    Prompt,
    RunStatus,
    SequenceError,
    SetLaser,
    SetShutter,
    SetTemperature,
    load_sequence,
)
from acquisition.session import LocalSession, SessionError, run_job
from drivers.interfaces.errors import StateError

LIGHT = [SetLaser(repetition_rate_hz=1e6, intensity_percent=20, emission=True), SetShutter(open=True)]


@pytest.fixture(autouse=True)
def _no_analysis(monkeypatch):
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)


@pytest.fixture
def rig():
    with open_rig("simulated") as rig:
        yield rig


@pytest.fixture
def run(rig, tmp_path):
    def run(steps, **more):
        return run_steps(rig, steps, **{"name": "test", "out": tmp_path, **more})

    return run


def is_safe(rig):
    heating = rig.heater.status().heating
    return not (rig.laser.status().emission or rig.shutter.is_open() or heating or rig.spad_array.settings()["bias"])


def record_of(tmp_path):
    [path] = tmp_path.glob("*_test/run.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_list_of_steps_gives_a_run_with_its_points(rig, run):
    result = run([*LIGHT, AcquirePhotons(duration_s=1, label="dot 7")], metadata={"sample": "dot 7"})
    assert result.status == RunStatus.COMPLETED
    [point] = result.points
    assert point["label"] == "dot 7"
    assert point["photons"] > 10_000
    assert load_sequence(result.run / "sequence.yaml")[0].metadata == {"sample": "dot 7"}
    assert is_safe(rig)


def test_steps_may_be_dicts_with_quantities_as_in_files(run):
    result = run([{"kind": "set_shutter", "open": True}, {"kind": "acquire_photons", "duration": "500 ms"}])
    assert result.points[0]["elapsed_s"] == pytest.approx(0.5, abs=1e-5)


def test_a_generator_is_told_what_each_step_gave_in_the_thread_of_the_caller(run):
    told, threads = [], set()

    def steps():
        yield from LIGHT
        for _ in range(2):
            told.append((yield AcquirePhotons(duration_s=0.5)))
            threads.add(threading.current_thread())

    result = run(steps())
    assert threads == {threading.current_thread()}
    assert [values["photons"] for values in told] == [point["photons"] for point in result.points]


def test_what_a_generator_did_stands_in_a_sequence_file_that_can_be_run(run, rig):
    def steps():
        yield from LIGHT
        values = yield AcquirePhotons(duration_s=0.5)
        while values["elapsed_s"] < 1:
            values = yield AcquirePhotons(duration_s=2 * values["elapsed_s"])

    result = run(steps(), cleanup=[SetLaser(emission=False)])
    sequence, _ = load_sequence(result.run / "sequence.yaml")
    assert [step.kind for step in sequence.steps] == [*["set_laser", "set_shutter"], *["acquire_photons"] * 2]
    assert sequence.steps[-1].duration_s == 1.0
    assert [step.kind for step in sequence.cleanup] == ["set_laser"]


def test_a_wrong_list_is_refused_before_anything_is_written_or_switched_on(run, rig, tmp_path):
    with pytest.raises(SequenceError, match="70"):
        run([*LIGHT, SetTemperature(temperature_c=90)])
    with pytest.raises(SequenceError, match="no step"):
        run(iter(()))
    with pytest.raises(SequenceError, match="soack"):
        run([{"kind": "soack"}])
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_step_of_a_generator_fails_the_run_safe_and_keeps_its_points(run, rig):
    def steps():
        yield from LIGHT
        yield AcquirePhotons(duration_s=0.5)
        yield SetTemperature(temperature_c=90)

    with pytest.raises(RunFailed, match="70") as failed:
        run(steps())
    assert failed.value.result.points[0]["photons"] > 0
    assert is_safe(rig)


def test_an_error_of_the_program_fails_the_run_safe_and_is_the_cause(run, rig):
    def steps():
        yield from LIGHT
        raise ZeroDivisionError("a mistake")

    with pytest.raises(RunFailed, match="a mistake") as failed:
        run(steps())
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    assert failed.value.result.status == RunStatus.FAILED
    assert is_safe(rig)


@pytest.mark.parametrize("where", ["in the program", "while a step goes on"])
def test_ctrl_c_makes_safe_keeps_what_was_recorded_and_is_raised_again(run, rig, tmp_path, where):
    def steps():
        yield from LIGHT
        yield AcquirePhotons(duration_s=0.5)
        if where == "in the program":
            raise KeyboardInterrupt
        yield AcquirePhotons(duration_s=36_000)

    def press(status):
        if where == "while a step goes on" and status["point"] == 2 and status["photons"]:
            raise KeyboardInterrupt

    threads = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt) as interrupt:
        run(steps(), on_progress=press)
    assert "what was recorded is in" in interrupt.value.__notes__[0]
    assert is_safe(rig)
    record = record_of(tmp_path)
    assert record["status"] == RunStatus.ABORTED
    assert record["points"][0]["photons"] > 0
    assert set(threading.enumerate()) <= threads


def test_the_generator_is_closed_whatever_happens(run):
    closed = []

    def steps():
        try:
            yield from LIGHT
            raise KeyboardInterrupt
        finally:
            closed.append(True)

    with pytest.raises(KeyboardInterrupt):
        run(steps())
    assert closed == [True]


def test_questions_are_answered_by_the_program(run):
    asked = []

    def answer(question, choices):
        asked.append((question, tuple(choices)))
        return "no" if len(asked) > 1 else "perhaps"

    def steps():
        asked.append((yield Prompt(text="In focus?", choices=("yes", "no"))))

    run(steps(), answer=answer)
    assert asked == [("In focus?", ("yes", "no")), ("In focus?", ("yes", "no")), {"answer": "no"}]


def test_a_run_goes_on_with_its_next_step_when_nobody_answers_in_time(run):
    given_up = threading.Event()
    asked = []

    def answer(question, choices):
        asked.append(question)
        assert given_up.wait(60)
        return "no"

    def steps():
        asked.append((yield Prompt(text="In focus?", choices=("yes", "no"), timeout_s=0.2, on_timeout="continue")))
        yield SetShutter(open=True)
        yield SetShutter(open=False)

    assert run(steps(), answer=answer).status == RunStatus.COMPLETED
    given_up.set()
    assert asked == ["In focus?", {"answer": "yes"}]


def test_an_answer_that_comes_late_does_not_answer_the_next_question(run):
    late, asked = threading.Event(), []

    def answer(question, choices):
        asked.append(question)
        if question == "In focus?":
            assert late.wait(60)
            return "no"
        return "yes"

    def steps():
        yield Prompt(text="In focus?", choices=("yes", "no"), timeout_s=0.2, on_timeout="continue")
        late.set()
        asked.append((yield Prompt(text="Hotter?", choices=("yes", "no"), timeout_s=60)))

    run(steps(), answer=answer)
    assert asked == ["In focus?", "Hotter?", {"answer": "yes"}]


def test_what_answering_raises_is_raised_by_the_run_and_leaves_all_safe(run, rig):
    def answer(question, choices):
        raise EOFError("no more input")

    with pytest.raises(EOFError, match="no more input"):
        run([*LIGHT, Prompt(text="In focus?")], answer=answer)
    assert is_safe(rig)


def test_progress_is_told_in_the_thread_of_the_caller(run):
    seen = []
    run(
        [*LIGHT, AcquirePhotons(duration_s=20)],
        on_progress=lambda status: seen.append((status["state"], threading.current_thread())),
    )
    assert {thread for _, thread in seen} == {threading.current_thread()}


def test_after_a_run_nothing_goes_on_by_hand_before_the_rig_is_armed(run, rig):
    run(LIGHT)
    with pytest.raises(StateError, match="start a run"):
        rig.laser.set_emission(True)
    rig.arm()
    rig.laser.set_emission(True)
    assert rig.laser.status().emission
    rig.make_safe()
    assert is_safe(rig)


def test_a_run_without_analysis_has_no_results(run, monkeypatch):
    def analyze_run(folder, report):
        raise AssertionError

    monkeypatch.setattr(run_job, "analyze_run", analyze_run)
    result = run([*LIGHT, AcquirePhotons(duration_s=0.5)], analyse=False)
    assert (result.results, result.report) == (None, None)


def points_until(seconds, told):
    yield from LIGHT
    recorded_s = 0.0
    while recorded_s < seconds:
        told.append((yield AcquirePhotons(duration_s=40, label=f"after {recorded_s:g} s")))
        recorded_s += told[-1]["elapsed_s"]


def test_a_generator_that_was_interrupted_goes_on_where_it_was_in_another_process(run, tmp_path):
    def press(status):
        if status["point"] == 2 and status["photons"]:
            raise KeyboardInterrupt

    first, second = [], []
    with pytest.raises(KeyboardInterrupt):
        run(points_until(100, first), on_progress=press)
    [folder] = tmp_path.iterdir()
    with open_rig("simulated") as another:
        result = run_steps(another, points_until(100, second), name="test", out=tmp_path, resume=folder)
    assert result.run == folder
    assert second[0] == first[0]
    lit_s = [point["elapsed_s"] - point.get("dark_s", 0) for point in result.points]
    assert lit_s == pytest.approx([40, 40, 40], abs=1e-4)
    steps = load_sequence(folder / "sequence.yaml")[0].steps
    assert [step.kind for step in steps] == ["set_laser", "set_shutter", *["acquire_photons"] * 3]


def test_a_program_that_yields_other_steps_than_the_run_had_is_refused(run, tmp_path):
    def steps():
        yield from LIGHT
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(steps())
    [folder] = tmp_path.iterdir()
    with open_rig("simulated") as another, pytest.raises(RunFailed, match="resume with the sequence as it was run"):
        run_steps(another, (step for step in [SetShutter(open=True)]), name="test", resume=folder)


def test_what_a_program_decided_cannot_go_on_without_it(run, rig, tmp_path):
    with pytest.raises(RunFailed):
        run(step for step in [*LIGHT, SetTemperature(temperature_c=90)])
    [folder] = tmp_path.iterdir()
    with LocalSession("simulated", str(tmp_path)) as session, pytest.raises(SessionError, match="a Python program"):
        session.resume_run(str(folder))
