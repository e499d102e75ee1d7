"""A run that was broken off asks a person where a step or a point may not be repeated."""

import pytest

from acquisition.session import LocalSession, run_job
from acquisition.storage import RunFolder, read_journal, write_json
from tests.session.broken_off import LIGHT, acquire, carried_out, points_of, resume


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    """Count photons instead of analysing them."""

    def analyze_run(folder, report):
        points = [{"number": point["number"]} for point in folder.read_run_json()["points"]]
        write_json(folder.results_json, {"points": points})

    monkeypatch.setattr(run_job, "analyze_run", analyze_run)
    monkeypatch.setattr(run_job, "write_report", lambda path: None)
    monkeypatch.setattr(run_job, "warm_up", lambda pixel_count, calibration: None)


BLEACH = [*LIGHT, {"kind": "soak", "duration": "60 s", "repeatable": False, "note": "bleach"}, acquire(1)]


def test_a_step_that_changes_the_sample_is_only_done_again_if_a_person_says_so(killed):
    run = killed(BLEACH, "step_started", 3)

    def answered(answer):
        with LocalSession.of_run(str(run)) as session:
            session.resume_run(str(run))
            while (question := session.status()["question"]) is None:
                assert session.wait(0.01)["outcome"] is None
            assert "Step 3 (soak for 60 s) was interrupted and changes the sample" in question["text"]
            assert not session.devices()[0]["readings"].get("emission")
            session.answer(answer)
            return carried_out(session, run)

    stopped = answered("stop")
    assert stopped["outcome"] == "failed"
    assert "resume the run again to skip it or go on" in stopped["message"]
    assert answered("skip")["ok"]
    events = read_journal(run / "journal.jsonl").events
    assert [event["answer"] for event in events if event["event"] == "asked"] == ["stop", "skip"]
    assert len(points_of(run)) == 1


def test_a_point_that_must_not_go_on_stays_as_it_is(killed_in_second_point):
    run = killed_in_second_point
    text = (run / "sequence.yaml").read_text()
    (run / "sequence.yaml").write_text(text.replace("label: second", "label: second\n  repeatable: false"))
    with LocalSession.of_run(str(run)) as session:
        session.resume_run(str(run), allow_changes=True)
        while session.status()["question"] is None:
            assert session.wait(0.01)["outcome"] is None
        session.answer("skip")
        assert carried_out(session, run)["ok"]
    second = points_of(run)[1]
    assert (second["label"], second["complete"]) == ("second", False)
    assert second["elapsed_s"] == pytest.approx(2)
    assert RunFolder.open(run).point(2).photons_h5.exists()


def test_another_step_in_the_place_of_one_that_was_carried_out_ends_the_resumed_run(killed_in_second_point):
    run = killed_in_second_point
    text = (run / "sequence.yaml").read_text()
    (run / "sequence.yaml").write_text(text.replace("duration: 2.0 s", "duration: 5.0 s"))
    status = resume(run, allow_changes=True)
    assert status["outcome"] == "failed"
    assert "step 3 of the run was 'acquire photons for 2 s (first)', but the sequence now says" in status["message"]
    (run / "sequence.yaml").write_text(text)
    assert resume(run, allow_changes=True)["ok"]
