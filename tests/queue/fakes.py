"""A session without instruments that does what a script says, and writes down in files what it was asked."""

import json
from pathlib import Path

from acquisition.sequence import Sequence

SEQUENCE = {"name": "dot", "steps": [{"kind": "acquire_photons", "duration": "1 s"}]}


class FakeSession:
    """Each run has the next of `outcomes`: completed by default, `refused` for a start that raises.

    Parameters
    ----------
    out : str
        Where run folders go, and `starts.jsonl`, which says what was begun.
    outcomes : list of str
        Taken one after the other, also by other sessions of the same test.
    at : callable
        Is told each moment: ``start``, ``run``, ``wait``.
    """

    def __init__(self, out, outcomes=(), at=lambda moment: None):
        self.out, self.outcomes, self.at = Path(out), outcomes, at
        self.aborts, self.closed, self.broken = 0, False, False
        self.run, self.outcome = None, None
        self.attended = []

    def check(self, sequence, overrides=None, attended=True):
        Sequence.model_validate(sequence).changed(overrides or {})
        return {
            "ok": True,
            "problems": ["the disk is small"],
            "warnings": [],
            "asked": ["is it in focus?"],
            "duration_s": 3600.0,
        }

    def start(self, sequence, overrides=None, attended=True):
        self.at("start")
        self.attended.append(attended)
        self._write_down("start", sequence, overrides)
        outcome = self._next()
        if outcome == "refused":
            raise ValueError("the rig does not allow it")
        run = self.out / f"run_{len(self.starts())}"
        (run / "points").mkdir(parents=True)
        return self._begin(run, outcome, {"status": "running", "metadata": sequence["metadata"]})

    def resume_run(self, run, allow_changes=False, attended=True):
        self.attended.append(attended)
        if self.outcomes and self.outcomes[0] == "refused":
            self.outcomes.pop(0)
            raise ValueError("another laser stands there now")
        self._write_down("resume", run, None)
        return self._begin(Path(run), self._next(), json.loads((Path(run) / "run.json").read_text()))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def wait(self, timeout_s):
        self.at("wait")
        return self.status()

    def status(self):
        going_on = self.outcome == "goes on"
        return {
            "state": "broken" if self.broken else "running" if going_on else "idle",
            "outcome": None if going_on else self.outcome,
            "ok": self.outcome in ("completed", "stopped"),
            "message": "" if self.outcome == "completed" else f"it was {self.outcome}",
            "question": None,
            "paused_because": "",
            "run": self.run,
        }

    def abort(self):
        self.aborts += 1
        if self.outcome == "goes on":
            self.outcome = "aborted"

    def close(self):
        self.closed = True

    def starts(self):
        return starts(self.out)

    def _next(self):
        return self.outcomes.pop(0) if self.outcomes else "completed"

    def _begin(self, run, outcome, record):
        self.run, self.outcome = str(run), outcome.removeprefix("broken ")
        self.broken = outcome.startswith("broken ")
        self._write_record({**record, "status": "running"})
        self.at("run")
        if self.outcome != "goes on":
            self._write_record({**record, "status": self.outcome})
        self.at("end")
        return self.run

    def _write_record(self, record):
        (Path(self.run) / "run.json").write_text(json.dumps(record), encoding="utf-8")

    def _write_down(self, verb, what, overrides):
        self.out.mkdir(parents=True, exist_ok=True)
        with (self.out / "starts.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps([verb, what, overrides]) + "\n")


def starts(out):
    """Return what sessions were asked to begin: verb, sequence or run, overrides."""
    file = Path(out) / "starts.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
