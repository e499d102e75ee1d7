"""Runs as a session lists them, and how tests choose among them."""

from tests.gui.state_content import analysis, results_of


def run(name, **more):
    about = {
        "path": f"/runs/{name}", "name": name, "date": "2026-11-20", "started_at": "2026-11-20T22:15:03.000+00:00",
        "sample": "CdSe 12", "operator": "ada", "outcome": "completed", "kind": "sequence", "verdict": None,
        "simulated": False, "points": 1, "photons": 6_349_675, "measured_s": 60.0, "duration_s": 95.0,
        "resumable": False, "not_resumable_because": "it is complete", "problem": None,
    }  # fmt: skip
    return about | more


KILLED = {"outcome": "killed", "resumable": True, "not_resumable_because": None}
RUNS = [
    run("dot07"),
    run("dot08", started_at="2026-11-21T08:00:00.000+00:00", photons=900, verdict="keep", sample="CdSe 13"),
    run("broken", started_at="2026-11-19T08:00:00.000+00:00", **KILLED),
]


def read(run):
    record = {
        "metadata": {"purpose": "<b>bold</b>"}, "judgement": {"verdict": "keep", "comment": "bright", "by": "ada"},
        "points": [{"number": 1, "warnings": ["2 gaps"], "conditions": {"temperature_c": 21.5}}],
    }  # fmt: skip
    return {"run": record, "results": results_of(("X",)), "truth": None, "report": f"{run}/report.html"}


def figures(run, point=None):
    arrays, values = analysis()
    conditions = {"temperature_c": 20.0 if run.endswith("7") else 40.0}
    return {
        "run": run, "point": point or 1, "label": None, "conditions": conditions, "simulated": True, "points": [1],
        "arrays": arrays, "values": values,
    }  # fmt: skip


def select(page, *names):
    page.table.select_paths({f"/runs/{name}" for name in names})


def shown(page):
    return [each["name"] for each in page.table.runs]
