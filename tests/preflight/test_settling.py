import json
from pathlib import Path
from typing import Any

import pytest

from acquisition.preflight import Learnt, Settled, read_settled
from acquisition.sequence import WaitUntilStable
from tests.preflight.sequences import forecast, heat_and_wait

TWENTY_UP = [Settled(20.0, 40.0, seconds, 0.2, 30.0) for seconds in (90.0, 100.0, 140.0)]


def run_folder(out: Path, name: str, rig: str, *events: Any) -> None:
    folder = out / name
    (folder / "points").mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"rig": {"name": rig}}), encoding="utf-8")
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    (folder / "journal.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def waited(from_c: float, to_c: float, seconds: float, **more: Any) -> dict[str, Any]:
    values = {"from_c": from_c, "to_c": to_c, "settled_after_s": seconds, "stable": True}
    values |= {"tolerance_c": 0.2, "window_s": 30.0, **more}
    return {"event": "step_ended", "kind": "wait_until_stable", "step": 2, "values": values}


def test_three_waits_like_it_say_how_long_the_next_takes() -> None:
    found = Learnt(TWENTY_UP).about(25.0, 43.0)
    assert found is not None
    assert (found.median_s, found.count) == (100.0, 3)
    assert 90.0 <= found.low_s < found.high_s <= 140.0


@pytest.mark.parametrize(("from_c", "to_c"), [(40.0, 20.0), (20.0, 60.0), (20.0, 25.0), (20.0, 20.0)])
def test_waits_of_other_size_or_direction_say_nothing(from_c: float, to_c: float) -> None:
    assert Learnt(TWENTY_UP).about(from_c, to_c) is None


def test_two_waits_say_nothing() -> None:
    assert Learnt(TWENTY_UP[:2]).settle_time(20.0, 40.0) is None


def test_waits_are_read_from_the_journals_of_the_same_rig(tmp_path: Path) -> None:
    run_folder(tmp_path, "1", "mine", waited(20, 40, 90.0), waited(40, 60, 80.0), {"event": "run_ended"})
    run_folder(tmp_path, "2", "other", waited(20, 40, 10.0))
    run_folder(tmp_path, "3", "mine", waited(20, 40, 500.0, stable=False), waited(20, 40, 95.0), '{"event": "torn')
    assert read_settled(tmp_path, "mine") == (
        Settled(20.0, 40.0, 95.0, 0.2, 30.0),
        Settled(20.0, 40.0, 90.0, 0.2, 30.0),
        Settled(40.0, 60.0, 80.0, 0.2, 30.0),
    )


def test_folders_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "no_run").mkdir()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_text("{", encoding="utf-8")
    run_folder(tmp_path, "whole", "mine", waited(20, 40, 90.0))
    assert len(read_settled(tmp_path, "mine")) == 1
    assert read_settled(tmp_path / "nowhere", "mine") == ()


def test_what_was_learnt_takes_the_place_of_the_simulated_plate() -> None:
    found = forecast(*heat_and_wait(40.0), waits=TWENTY_UP)
    (wait,) = found.settling
    assert (wait.learnt_from, wait.from_c, wait.to_c) == (3, pytest.approx(20.0), 40.0)
    assert wait.settled_after_s == pytest.approx(100.0, abs=0.5)
    assert found.duration_s == pytest.approx(130.0, abs=1.0)
    assert not any("simulated plate" in note for note in found.notes)


@pytest.mark.parametrize("other", [{"tolerance_c": 0.5}, {"window_s": 60.0}])
def test_waits_for_another_tolerance_or_window_say_nothing(other: dict[str, float]) -> None:
    setting, wait = heat_and_wait(40.0)
    assert forecast(setting, {**wait, **other}, waits=TWENTY_UP).settling[0].learnt_from == 0


def test_the_tightest_of_several_waits_says_how_long() -> None:
    loose = [Settled(20.0, 40.0, seconds, 1.0, 30.0) for seconds in (10.0, 11.0, 12.0)]
    steps = [WaitUntilStable(tolerance_c=1.0), WaitUntilStable(tolerance_c=0.2)]
    assert Learnt([*TWENTY_UP, *loose]).for_waits(steps).settle_time(20.0, 40.0) == 100.0
    assert Learnt([*TWENTY_UP, *loose]).for_waits(steps[:1]).settle_time(20.0, 40.0) == 11.0
    assert Learnt(TWENTY_UP).for_waits([]).settle_time(20.0, 40.0) is None


def test_a_wait_that_does_not_say_what_it_waited_for_is_passed_over(tmp_path: Path) -> None:
    run_folder(tmp_path, "old", "mine", waited(20, 40, 90.0, tolerance_c=None))
    assert read_settled(tmp_path, "mine") == ()


def test_without_it_the_plate_says_how_long_and_the_forecast_says_so() -> None:
    found = forecast(*heat_and_wait(40.0), waits=TWENTY_UP[:2])
    assert found.settling[0].learnt_from == 0
    assert found.settling[0].settled_after_s < 60.0
    assert any("simulated plate" in note for note in found.notes)
