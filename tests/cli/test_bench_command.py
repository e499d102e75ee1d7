"""`cascadescope bench` shows what was measured, writes it, and fails if a promise is not kept."""

import json

import pytest

from acquisition.bench import registry, resume, stream
from acquisition.bench.registry import BENCHES, BenchResult
from acquisition.cli import bench
from acquisition.cli.main import main


@pytest.fixture
def benches(monkeypatch):
    found = {
        "good": lambda say: BenchResult(True, "it is quick", {"wall time in s": 0.5, "where": "here"}),
        "bad": lambda say: BenchResult(False, "it is right", {"wrong": 2}, ("one is wrong", "so is another")),
    }
    monkeypatch.setattr(bench, "BENCHES", found)


def test_a_bench_that_keeps_its_promise_succeeds_and_is_shown(benches, capsys):
    assert main(["bench", "good"]) == 0
    said = capsys.readouterr().out
    assert "wall time in s" in said
    assert "0.5" in said
    assert "kept: it is quick" in said


def test_one_that_does_not_fails_and_all_of_them_run_without_a_name(benches, tmp_path, capsys):
    file = tmp_path / "found.json"
    assert main(["bench", "--out", str(file)]) == 1
    said = capsys.readouterr()
    assert "NOT KEPT: it is right" in said.out
    assert "bad: one is wrong" in said.err
    assert json.loads(file.read_text()) == {
        "benches": {
            "good": {
                "ok": True,
                "promise": "it is quick",
                "numbers": {"wall time in s": 0.5, "where": "here"},
                "failures": [],
            },
            "bad": {
                "ok": False,
                "promise": "it is right",
                "numbers": {"wrong": 2},
                "failures": ["one is wrong", "so is another"],
            },
        }
    }


def test_a_name_that_is_no_bench_and_a_file_that_cannot_be_are_refused_before_anything_runs(benches, tmp_path, capsys):
    assert main(["bench", "good", "speed"]) == 1
    assert "speed: no such bench; there are good, bad" in capsys.readouterr().err
    assert main(["bench", "good", "--out", str(tmp_path / "nowhere" / "found.json")]) == 1
    assert "its folder does not exist" in capsys.readouterr().err


def test_the_stream_is_measured_from_a_simulation_and_from_its_recording(monkeypatch):
    monkeypatch.setattr(stream, "SECONDS", 0.2)
    monkeypatch.setattr(stream, "TIMES", 2)
    monkeypatch.setattr(stream, "LEAST_PER_S", 1.0)
    said = []
    found = BENCHES["stream"](said.append)
    assert found.ok
    assert found.numbers["photons"] > 10_000
    assert found.numbers["slowest"] <= found.numbers["from a recording, photons/s (median)"]
    assert said[-1] == "stream 2 of 2"
    monkeypatch.setattr(stream, "LEAST_PER_S", 1e15)
    slow = BENCHES["stream"](said.append)
    assert not slow.ok
    assert "photons/s" in slow.failures[0]


def test_the_bench_of_kills_keeps_the_runs_that_are_not_right(monkeypatch):
    class Killed:
        def __init__(self, out):
            out.mkdir()
            self.run, self.name, self.deaths, self.restarts, self.lives = out, out.name, [], 0, 0

        def live(self, plan=None):
            self.lives += 1
            self.restarts += plan is not None
            return plan is None

    monkeypatch.setattr(resume, "KilledRun", Killed)
    monkeypatch.setattr(resume, "differences", lambda unbroken, run, deaths: [])
    assert resume.bench_resume(lambda text: None, kills=7).numbers["kills"] == 7
    monkeypatch.setattr(resume, "differences", lambda unbroken, run, deaths: ["a point is missing"])
    found = resume.bench_resume(lambda text: None, kills=7)
    assert found.failures == ("run1: a point is missing", "run2: a point is missing")
    assert not found.ok
    kept = resume.Path(str(found.numbers["kept in"]))
    assert {folder.name for folder in kept.iterdir()} == {"unbroken", "run1", "run2"}
    resume.shutil.rmtree(kept)


def test_every_bench_says_what_it_promises():
    assert {"resume", "check", "stream", "lspad_simulator"} <= set(registry.BENCHES)
