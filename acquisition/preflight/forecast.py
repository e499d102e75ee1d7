"""What a pre-flight found, as frozen data that can be shown, sent and stored."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StepForecast:
    """A step as it will be carried out: its number from 1, kind, words, and how long it takes in s."""

    number: int
    kind: str
    text: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class SettlingForecast:
    """A wait for the temperature.

    Attributes
    ----------
    step : int
        Its number.
    from_c, to_c : float
        Temperatures at the beginning and at the end, in degC.
    settled_after_s : float
        Time until the temperature is there to stay.
    learnt_from : int
        Number of waits of earlier runs that say so; 0 if the simulated plate does.
    low_s, high_s : float or None
        Quartiles of those waits.
    """

    step: int
    from_c: float
    to_c: float
    settled_after_s: float
    learnt_from: int
    low_s: float | None
    high_s: float | None


@dataclass(frozen=True, slots=True)
class PointForecast:
    """An acquisition as it is expected.

    Attributes
    ----------
    number, label
        Of the point.
    duration_s : float
        Time that it takes.
    goal : str
        What it waits for, in words; empty if for nothing but its time.
    goal_reached : bool
        Whether that is expected to come first.
    temperature_c, intensity_percent, repetition_rate_hz : float
        Conditions; the temperature is None without a heater, the intensity that on the sample.
    count_rate_cps, photons, signal_photons, cascades, accidental_pairs : float
        Time tags per second and in all, those of emitters, pairs of cascades and of chance in region and window.
    dose_percent_s, dose_uj : float
        Light on the sample; the energy is None where the power at the sample is not known.
    precision_percent : mapping
        About the relative standard error in percent of each result, by its place in results.json, e.g.
        ``states.BX-.lifetime_ns``.
    notes : tuple of str
        What one should know of it.
    """

    number: int
    label: str
    duration_s: float
    goal: str
    goal_reached: bool
    temperature_c: float | None
    intensity_percent: float
    repetition_rate_hz: float
    count_rate_cps: float
    photons: float
    signal_photons: float
    cascades: float
    accidental_pairs: float
    dose_percent_s: float
    dose_uj: float | None
    precision_percent: Mapping[str, float]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What running a sequence on a rig would be like, by its twin.

    Attributes
    ----------
    sequence, rig : str
        Names.
    ok : bool
        Whether it can work; if not, `problems` say why.
    problems : tuple of str
    warnings : tuple of str
        What lets it run and makes its data worthless, as points on which no light falls.
    duration_s, acquiring_s, waiting_s : float
        In all, for acquisitions, and for temperatures and soaks.
    photons, signal_photons : float
        Time tags of all points, and those of emitters among them.
    segment_bytes, file_bytes, peak_bytes : float
        Photons on the disk while the run goes on, afterwards, and at most.
    dose_percent_s, lit_s : float
        Light on the sample over the whole run, and for how long.
    dose_uj : float or None
        The same as energy; None where the power at the sample is not known.
    limits : tuple of str
        What comes within 5 % of a limit of the rig.
    missing_calibrations : mapping
        What has not been measured for this rig, and what that means.
    asked : tuple of str
        Questions that a person has to answer; the time until then is not known and not counted.
    settling, points, steps : tuples
    notes : tuple of str
        What the forecast rests on.
    """

    sequence: str
    rig: str
    ok: bool
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    duration_s: float
    acquiring_s: float
    waiting_s: float
    photons: float
    signal_photons: float
    segment_bytes: float
    file_bytes: float
    peak_bytes: float
    dose_percent_s: float
    lit_s: float
    dose_uj: float | None
    limits: tuple[str, ...]
    missing_calibrations: Mapping[str, str]
    asked: tuple[str, ...]
    settling: tuple[SettlingForecast, ...]
    points: tuple[PointForecast, ...]
    steps: tuple[StepForecast, ...]
    notes: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Return dicts, lists, text, numbers and None only."""
        data: dict[str, Any] = _plain(asdict(self))
        return data


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
