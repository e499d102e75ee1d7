"""What the simulated camera sees of the sample: a streak of light for each emitter that lies in the slit."""

from math import erf, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Micrometres, Nanometres
from simulators.charging import ChargePath
from simulators.emission import exciton_number_probabilities
from simulators.light import Acquisition, Excitation
from simulators.motion import Place
from simulators.nanocrystal import named_states, state_properties
from simulators.optics import lorentzian_shares
from simulators.sample import Emitter
from simulators.seeding import Purpose, generator


class WidefieldSettings(ConfigModel):
    """Light path of a camera behind a slit and a grating; lengths in um are those on the sample.

    The whole field gets `illumination`, a share of the intensity in the middle of a focused spot. The slit
    runs along y; the middle row sees the place where the stage stands. `efficiency` is the share of the
    emitted photons that make an electron, the same at all wavelengths.
    """

    first_column_nm: Nanometres = Field(gt=0, default=570.0)
    column_step_nm: Nanometres = Field(gt=0, default=0.5)
    row_step_um: Micrometres = Field(gt=0, le=100, default=0.1)
    slit_um: Micrometres = Field(gt=0, le=1000, default=1.0)
    image_fwhm_um: Micrometres = Field(gt=0, le=100, default=0.4)
    illumination: float = Field(gt=0, le=1, default=0.05)
    efficiency: float = Field(ge=0, le=1, default=0.1)

    def wavelength_nm(self, columns: int) -> NDArray[np.float64]:
        """Return the wavelength at the centre of each column."""
        return self.first_column_nm + self.column_step_nm * np.arange(columns, dtype=np.float64)

    def row_of(self, emitter: Emitter, place: Place, rows: int) -> float:
        """Return the row on whose centre the emitter lies, with its fraction."""
        return (emitter.position_y_um - place[1]) / self.row_step_um + (rows - 1) / 2

    def through_slit(self, emitter: Emitter, place: Place) -> float:
        """Return the share of an emitter's image that passes the slit."""
        x_um = emitter.position_x_um - place[0]
        return float(_gaussian_share(np.array([-0.5, 0.5]) * self.slit_um - x_um, self.image_fwhm_um)[0])


class WidefieldLight:
    """Mean number of electrons that the sample makes in the frames of one acquisition.

    Lasers are taken to be so slow that an emitter has decayed when the next pulse comes.
    """

    def __init__(self, acquisition: Acquisition, settings: WidefieldSettings, shape: tuple[int, int]) -> None:
        self._acquisition, self._settings, self._shape = acquisition, settings, shape
        self.paths = [
            ChargePath(emitter.charging, generator(acquisition.seed, Purpose.CHARGE, number, acquisition.point))
            for number, emitter in enumerate(acquisition.sample.emitters)
        ]
        places = np.arange(shape[1] + 1, dtype=np.float64) - 0.5
        self._edges_nm: NDArray[np.float64] = settings.first_column_nm + settings.column_step_nm * places
        self._spectra: dict[tuple[int, int, Excitation], NDArray[np.float64]] = {}

    def electrons(self, begin_s: float, end_s: float, excitation: Excitation) -> NDArray[np.float64]:
        """Return what falls on each pixel in [begin_s, end_s) since the acquisition began; shape (rows, columns)."""
        electrons = np.zeros(self._shape)
        if excitation.intensity <= 0:
            return electrons
        pulses_per_s = 1e12 / self._acquisition.period_ps
        electrons += pulses_per_s * (end_s - begin_s) * self._background(excitation)
        for number, emitter in enumerate(self._acquisition.sample.emitters):
            passes = self._settings.through_slit(emitter, excitation.place)
            rows = self._rows(emitter, excitation.place)
            if passes * rows.sum() < 1e-6:
                continue
            spectrum = np.zeros(self._shape[1])
            for charge, spent_s in self._time_in_charges(number, begin_s, end_s):
                spectrum += pulses_per_s * spent_s * self._spectrum(number, charge, excitation)
            electrons += passes * rows[:, None] * spectrum
        return electrons

    def truth(self, excitation: Excitation) -> dict[str, Any]:
        """Return under which conditions the emitters stood, and where their streaks lie, as plain data."""
        emitters = self._acquisition.sample.emitters
        streaks = [{"emitter": number, **self._streak(emitter, excitation)} for number, emitter in enumerate(emitters)]
        mean = widefield_excitations(self._acquisition, self._settings, excitation)
        return {"excitations_per_pulse": mean, "streaks": streaks}

    def _streak(self, emitter: Emitter, excitation: Excitation) -> dict[str, Any]:
        states = named_states(emitter, excitation.temperature_c)
        return {
            "row": self._settings.row_of(emitter, excitation.place, self._shape[0]),
            "through_slit": self._settings.through_slit(emitter, excitation.place),
            "states": {name: state.to_dict() for name, state in states.items()},
        }

    def _rows(self, emitter: Emitter, place: Place) -> NDArray[np.float64]:
        """Return the share of an emitter's image on each row."""
        row = self._settings.row_of(emitter, place, self._shape[0])
        edges = np.arange(self._shape[0] + 1, dtype=np.float64) - 0.5 - row
        return _gaussian_share(self._settings.row_step_um * edges, self._settings.image_fwhm_um)

    def _time_in_charges(self, number: int, begin_s: float, end_s: float) -> list[tuple[int, float]]:
        segments = self.paths[number].segments(begin_s, end_s)
        ends_s = [*(start_s for start_s, _ in segments[1:]), end_s]
        return [(charge, until_s - start_s) for (start_s, charge), until_s in zip(segments, ends_s, strict=True)]

    def _spectrum(self, number: int, charge: int, excitation: Excitation) -> NDArray[np.float64]:
        """Return the mean number of electrons per laser pulse in each column."""
        key = (number, charge, excitation)
        if key not in self._spectra:
            self._spectra[key] = self._new_spectrum(self._acquisition.sample.emitters[number], charge, excitation)
        return self._spectra[key]

    def _new_spectrum(self, emitter: Emitter, charge: int, excitation: Excitation) -> NDArray[np.float64]:
        sample = self._acquisition.sample
        mean = widefield_excitations(self._acquisition, self._settings, excitation) * emitter.relative_absorption
        made = exciton_number_probabilities(mean, sample.most_excitons)
        width_ev = 1e-3 * emitter.spectrum.linewidth_mev
        spectrum = np.zeros(self._shape[1])
        for excitons in range(1, sample.most_excitons + 1):
            state = state_properties(emitter, excitons, charge, excitation.temperature_c)
            photons = sum(made[excitons:]) * state.quantum_efficiency
            lines = (1 - state.pp_fraction) * lorentzian_shares(self._edges_nm, state.energy_ss_ev, width_ev)
            lines += state.pp_fraction * lorentzian_shares(self._edges_nm, state.energy_pp_ev, width_ev)
            spectrum += photons * lines
        return self._settings.efficiency * spectrum

    def _background(self, excitation: Excitation) -> NDArray[np.float64]:
        """Return the mean number of electrons of background per laser pulse in each column; each row gets a spot's."""
        background = self._acquisition.sample.background
        light = background.photons_per_pulse_at_full_intensity * excitation.intensity * self._settings.illumination
        return light * lorentzian_shares(self._edges_nm, background.energy_ev, 1e-3 * background.linewidth_mev)


def widefield_excitations(acquisition: Acquisition, settings: WidefieldSettings, excitation: Excitation) -> float:
    """Return the mean number of excitations per pulse in an emitter of relative absorption 1."""
    full = acquisition.sample.excitations_per_pulse_at_full_intensity
    return excitation.intensity * settings.illumination * full


def _gaussian_share(edges: NDArray[np.float64], fwhm: float) -> NDArray[np.float64]:
    """Return the shares of a Gaussian around 0 between neighbouring edges."""
    scaled: NDArray[np.float64] = 2 * sqrt(log(2)) * edges / fwhm
    return np.diff([0.5 * erf(edge) for edge in scaled.tolist()])
