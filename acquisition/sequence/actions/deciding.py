"""Steps that decide what follows: asking a person, analysing a point."""

from collections.abc import Iterator, Mapping
from typing import Any

from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.errors import StepError
from acquisition.sequence.steps import Analyze, Prompt


def prompt(step: Prompt, context: StepContext) -> dict[str, Any]:
    """Ask and wait, in the dark unless the step says otherwise."""
    answer = context.ask(step.text, step.choices, step.timeout_s, step.light)
    if answer is None:
        if step.on_timeout == "fail":
            raise StepError(f"nobody has answered {step.text!r} for {step.timeout_s:g} s")
        answer = step.choices[0]
        context.log.note("warning", message=f"nobody has answered {step.text!r}; going on with {answer!r}")
    return {"answer": answer}


def analyze(step: Analyze, context: StepContext) -> dict[str, Any]:
    """Analyse the newest point, and return its results as flat values."""
    if not context.point:
        raise StepError("there is nothing to analyse yet; put an acquire_photons step before")
    return dict(flat(context.services.analyze(context.point)))


def flat(results: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield names and numbers of results.json: ``BX-.lifetime_ns`` and ``BX-.lifetime_ns.error``."""
    for state, numbers in results.get("states", {}).items():
        yield from _values(state, numbers)
    for group in ("g2", "model", "emitters"):
        yield from _values(group, results.get(group, {}))


def _values(prefix: str, part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in part.items():
        name = f"{prefix}.{key}"
        if isinstance(value, Mapping) and "value" in value:
            yield name, value["value"]
            yield f"{name}.error", value["error"]
        elif isinstance(value, Mapping):
            yield from _values(name, value)
        elif isinstance(value, str | int | float | bool):
            yield name, value
