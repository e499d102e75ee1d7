"""The twin of a rig: the same rig file with a simulated instrument in every role, to try a sequence beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from acquisition.analysis.expected_errors import (
    ChargeStateLight,
    Detection,
    assigned_share,
    expected_errors,
)
from acquisition.analysis.settings import AnalysisSettings
from acquisition.rig.expected import CHARGE_STATES, Expected, LightOnDetector
from acquisition.rig.file import RigFile
from acquisition.rig.opening import RigParts, make_rig, read_parts
from acquisition.rig.rig import Rig
from acquisition.rig.roles.spad_array import SimulatedSpadArrayRole, SpadLambdaRole
from acquisition.rig.simulated_roles import with_simulated_roles
from acquisition.rig.twin_by_hand import needing_people
from acquisition.rig.unfilled import unfilled
from simulators.bench import Bench
from simulators.detector import DetectorSettings
from simulators.expectation import FloatArray, Stream, StreamExpectation
from simulators.learnt_plant import LearntPlant, SettleTime
from simulators.light import Excitation
from simulators.spad_array import VIRTUAL_PERIOD_PS
from simulators.spot import spot_shares

ZERO_CELSIUS_K = 273.15
MAP_BIN_NS = 0.5
FEWEST_BINS, MOST_BINS, COARSE_BINS = 50, 5000, 200
"""Delay bins in a laser period: at least and at most in maps of `MAP_BIN_NS`, and for quick looks."""

LIGHTS_KEPT = 2
"""Conditions of which the maps are kept, 40 MB each."""

RESULTS_KEPT = 1000

PLACE_DECIMALS = 2
"""Of a place in um: 10 nm is less than a stage repeats."""


@dataclass(frozen=True, slots=True)
class MissingCalibration:
    """A table that the rig file does not name, and what cannot be had or trusted without it."""

    name: str
    consequence: str


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an acquisition depends on: laser, temperature and place, laser period in ps, and whether pulses come."""

    excitation: Excitation
    period_ps: float
    pulsed: bool


class TwinRig(Rig):
    """A rig of simulated instruments that also says what an acquisition will give; made by `open_twin`.

    Parameters
    ----------
    name, **parts
        As of `Rig`.
    file : RigFile
        Of the rig, with simulated roles.
    bench : Bench
        The simulated world.
    not_filled_in : sequence of str, optional
        Keys of the rig file whose values the lab has still to write.
    """

    def __init__(
        self, name: str, *, file: RigFile, bench: Bench, not_filled_in: Sequence[str] = (), **parts: Any
    ) -> None:
        super().__init__(name, bench=bench, **parts)
        self._not_filled_in = tuple(not_filled_in)
        self._world = bench
        self._plant = file.world.plant
        array = file.roles.spad_array
        described: DetectorSettings = file.world.spad_array
        self._detector = array.settings() if isinstance(array, SimulatedSpadArrayRole) else described
        self._file = file
        self._lights = lru_cache(maxsize=LIGHTS_KEPT)(self._light)
        self._expectations = lru_cache(maxsize=RESULTS_KEPT)(self._expectation)
        self._precisions = lru_cache(maxsize=RESULTS_KEPT)(self._precision)

    def expectation(self, duration_s: float) -> Expected:
        """Return the mean counts of an acquisition under the present conditions, without drawing a photon.

        Parameters
        ----------
        duration_s : float
            Above 0, in s.
        """
        return self._expectations(self.conditions, duration_s)

    def precision(self, duration_s: float) -> Mapping[str, Any]:
        """Return about which values and errors the analysis of such an acquisition will give.

        Returns
        -------
        mapping
            ``states``, ``g2``, ``model``, ``emitters`` and ``excitations_per_pulse`` as in results.json;
            what will not be found is absent. Empty unless light of exactly one emitter is seen. It is
            assumed that the charge states can be told apart.
        """
        conditions = self.conditions
        return self._precisions(conditions, duration_s) if conditions.pulsed else {}

    def light(self, conditions: Conditions) -> LightOnDetector:
        """Return what the detector sees under conditions that were met before."""
        return self._lights(conditions)

    def counts_per_pulse(self) -> tuple[FloatArray, FloatArray]:
        """Return the mean time tags per pulse under the present conditions, for quick looks in coarse delay bins.

        Returns
        -------
        counts : float64 array, shape (pixels, bins)
        edges_ns : float64 array, shape (bins + 1,)
            Delays as the detector says them.
        """
        stream = self._stream(self.conditions, COARSE_BINS)
        found = StreamExpectation(stream)
        return np.asarray(found.signal + found.glow + found.dark), stream.edges_ns

    def pass_time(self, duration_s: float) -> None:
        """Let the time of the twin jump, as if an acquisition had taken place."""
        clock = self._world.clock
        with clock.driven():
            clock.drive_to(clock.now() + duration_s)

    @property
    def sample_name(self) -> str:
        """What lies under the objective of the twin."""
        return self._world.sample.name

    @property
    def light_on_sample_percent(self) -> float:
        """Laser intensity in percent of full scale that falls on the sample now."""
        return 100.0 * self._world.excitation().intensity

    def learn_settling(self, settle_time: SettleTime) -> None:
        """Let the heated substrate settle as it was seen to do, where that is known; call it before heating."""
        with self._world.lock:
            self._world.plant = LearntPlant(self._plant, settle_time)

    @property
    def not_filled_in(self) -> tuple[str, ...]:
        """Keys of the rig file whose values only the lab knows, and has still to write."""
        return self._not_filled_in

    @property
    def missing_calibrations(self) -> tuple[MissingCalibration, ...]:
        """What has not been measured for this rig."""
        files, found = self._file.calibrations, []
        if files.wavelength is None:
            found.append(MissingCalibration("wavelength", "no spectra, energies and PP fractions"))
        if files.relative_efficiency is None:
            found.append(
                MissingCalibration(
                    "relative_efficiency", "spectra as detected, and a wider error of the quantum efficiencies"
                )
            )
        return tuple(found)

    @property
    def conditions(self) -> Conditions:
        """The present conditions, rounded so that equal ones are computed once."""
        with self._world.lock:
            pulsed = self._world.beam.emission
            rate_hz = self._world.beam.repetition_rate_hz
        excitation = self._world.excitation()
        x_um, y_um = (round(value, PLACE_DECIMALS) for value in excitation.place)
        rounded = replace(excitation, temperature_c=round(excitation.temperature_c, 1), place=(x_um, y_um))
        return Conditions(rounded, 1e12 / rate_hz if pulsed else VIRTUAL_PERIOD_PS, pulsed)

    def _stream(self, conditions: Conditions, fewest_bins: int) -> Stream:
        """Return the stream with the emitters that are in sight; the others of the sample send nothing."""
        world, period_ns = self._world, 1e-3 * conditions.period_ps
        bin_ns = period_ns / fewest_bins
        place = conditions.excitation.place
        seen = tuple(emitter for emitter in world.sample.emitters if any(spot_shares(emitter, place, world.optics)))
        sample = world.sample.model_copy(update={"emitters": seen})
        return Stream(sample, world.optics, self._detector, conditions.excitation, period_ns, bin_ns)

    def _light(self, conditions: Conditions) -> LightOnDetector:
        period_ns = 1e-3 * conditions.period_ps
        bins = max(FEWEST_BINS, min(round(period_ns / MAP_BIN_NS), MOST_BINS))
        return LightOnDetector(self._stream(conditions, bins), self.calibration, AnalysisSettings())

    def _expectation(self, conditions: Conditions, duration_s: float) -> Expected:
        return self._lights(conditions).expected(duration_s, pulsed=conditions.pulsed)

    def _precision(self, conditions: Conditions, duration_s: float) -> Mapping[str, Any]:
        light = self._lights(conditions)
        if len(light.expectation.emitters) != 1 or conditions.excitation.intensity <= 0:
            return {}
        (charges,) = light.expectation.emitters
        stream, settings = light.stream, light.settings
        pulses = 1e12 * duration_s / conditions.period_ps
        states = [
            ChargeStateLight(
                name=CHARGE_STATES[charge.charge],
                pulses=pulses * charge.share * assigned_share(charge.leaves_hz, settings.bin_width_s),
                light=charge.signal + light.expectation.glow,
                pairs=light.pairs[charge],
                efficiency_ratio_bx=charge.efficiency_ratio_bx,
            )
            for charge in charges
        ]
        detection = Detection(
            light.selected,
            light.expectation.dark,
            stream.period_ns,
            stream.bin_ns,
            stream.time_zero_ns,
            stream.irf_sigma_ns,
            self.calibration,
            settings,
        )
        temperature_k = conditions.excitation.temperature_c + ZERO_CELSIUS_K
        return expected_errors(detection, states, charges[0].excitations_per_pulse, temperature_k).plain()


def open_twin(path_or_name: str | Path, *, sample: str | Path | None = None) -> TwinRig:
    """Read a rig file and make its twin; no instrument is opened.

    Parameters
    ----------
    path_or_name : str or Path
        Path of a rig file, or the name of a shipped one such as ``simulated``.
    sample : str or Path, optional
        Sample of the twin instead of the file's: a path, or the name of a shipped one.

    Raises
    ------
    ConfigError
        If the rig, sample or a calibration file cannot be used, that of a device included.
    """
    parts = read_parts(path_or_name, sample=sample)
    array = parts.file.roles.spad_array
    if isinstance(array, SpadLambdaRole):
        array.read_calibration("spad_array", parts.path)  # a run could not begin without it
    file = with_simulated_roles(parts.file)
    world = Bench(parts.bench.sample, parts.bench.seed, optics=file.world.optics, plant=file.world.plant)

    missing = [".".join(place) for place in unfilled(parts.file)]

    def new(name: str, **devices: Any) -> TwinRig:
        people = needing_people(devices, parts.file.roles.present())
        return TwinRig(name, file=file, not_filled_in=missing, **people)

    twin = make_rig(RigParts(parts.path, file, world, parts.sample), new)
    twin.connect()
    return twin
