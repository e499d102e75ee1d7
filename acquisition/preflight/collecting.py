"""Writes down what happens while a sequence runs on a twin."""

from collections.abc import Mapping
from typing import Any

from acquisition.preflight.dose import DoseMeter
from acquisition.preflight.forecast import SettlingForecast, StepForecast
from acquisition.preflight.limits import LimitWatch
from acquisition.preflight.settling import Learnt
from acquisition.rig.twin import TwinRig


class Collector:
    """The journal of a run on a twin.

    Parameters
    ----------
    twin : TwinRig
    learnt : Learnt
        Settle times of earlier runs.

    Attributes
    ----------
    steps, settling : list
        Steps that were carried out, and waits for the temperature.
    warnings : list of str
    dose : DoseMeter
    limits : LimitWatch
    """

    def __init__(self, twin: TwinRig, learnt: Learnt) -> None:
        self._twin, self._learnt = twin, learnt
        self.steps: list[StepForecast] = []
        self.settling: list[SettlingForecast] = []
        self.warnings: list[str] = []
        self.dose = DoseMeter()
        self.limits = LimitWatch(twin)
        self._texts: dict[int, tuple[str, float]] = {}

    def note(self, event: Mapping[str, Any]) -> None:
        """Take an event, as the engine writes them."""
        time_s = float(event["time_s"])
        self.dose.look(time_s, self._twin.light_on_sample_percent)
        match event["event"]:
            case "step_started":
                self._texts[event["step"]] = event["text"], time_s
            case "step_ended":
                text, started_s = self._texts[event["step"]]
                self.steps.append(StepForecast(event["step"], event["kind"], text, time_s - started_s))
                self.limits.look()
                if event["kind"] == "wait_until_stable":
                    self._settle(event["step"], event["values"])
            case "warning":
                self.warnings.append(event["message"])

    def _settle(self, step: int, values: Mapping[str, Any]) -> None:
        from_c, to_c = values["from_c"], values["to_c"]
        learnt = self._learnt.about(from_c, to_c)
        self.settling.append(
            SettlingForecast(
                step=step,
                from_c=from_c,
                to_c=to_c,
                settled_after_s=values["settled_after_s"],
                learnt_from=0 if learnt is None else learnt.count,
                low_s=None if learnt is None else learnt.low_s,
                high_s=None if learnt is None else learnt.high_s,
            )
        )
