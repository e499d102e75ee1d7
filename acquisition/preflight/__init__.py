"""Trying a sequence on the twin of a rig before anything is switched on: time, data, light dose, precision."""

from acquisition.preflight.forecast import Forecast, PointForecast, SettlingForecast, StepForecast
from acquisition.preflight.foresee import foresee
from acquisition.preflight.settling import Learnt, Settled, read_settled

__all__ = [
    "Forecast",
    "Learnt",
    "PointForecast",
    "Settled",
    "SettlingForecast",
    "StepForecast",
    "foresee",
    "read_settled",
]
