"""What lies on the simulated coverslip: nanocrystals, their photophysics and how they charge, read from a file."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import (
    Celsius,
    ElectronVolts,
    Hertz,
    Micrometres,
    MilliElectronVolts,
    Nanoseconds,
    PerMicrosecond,
)
from acquisition.photophysics.microstates import Levels, RateConstants

StateName: TypeAlias = Literal["X", "X-", "X2-", "BX", "BX-", "BX2-"]

STATES: dict[StateName, tuple[int, int]] = {
    "X": (1, 0),
    "X-": (1, 1),
    "X2-": (1, 2),
    "BX": (2, 0),
    "BX-": (2, 1),
    "BX2-": (2, 2),
}
"""Number of excitons and of excess electrons of each named state."""


class StateValues(ConfigModel):
    """Measured lifetime and quantum efficiency of one state."""

    lifetime_ns: Nanoseconds = Field(gt=0, le=10_000)
    quantum_efficiency: float = Field(gt=0, le=1)


class RateConstantValues(ConfigModel):
    """Rate constants of the microstate model, per carrier number."""

    b_per_us: PerMicrosecond = Field(gt=0, default=55.7)
    c_minus_per_us: PerMicrosecond = Field(ge=0, default=1.68)
    c_plus_per_us: PerMicrosecond = Field(ge=0, default=3.96)

    def constants(self) -> RateConstants:
        """Return the constants as the model takes them."""
        return RateConstants(self.b_per_us, self.c_minus_per_us, self.c_plus_per_us)


class TablePhotophysics(ConfigModel):
    """Lifetimes and efficiencies of the six states from a table, everything else relative to it by the model.

    Table values hold at `reference_temperature_c`. A state of n excitons and q excess electrons takes
    the table value of the same q and min(n, 2) excitons, times the model's ratio between the two
    states and temperatures; efficiencies are capped at 1.
    """

    kind: Literal["table"]
    reference_temperature_c: Celsius = Field(gt=-273.15, le=1000, default=20.0)
    states: dict[StateName, StateValues]
    constants: RateConstantValues = RateConstantValues()

    @model_validator(mode="after")
    def _all_states(self) -> Self:
        missing = [name for name in STATES if name not in self.states]
        if missing:
            raise ValueError(f"states {', '.join(missing)} are missing; the table needs {', '.join(STATES)}")
        return self


class MicrostatePhotophysics(ConfigModel):
    """Lifetimes and efficiencies of all states from the microstate model."""

    kind: Literal["microstate"]
    constants: RateConstantValues = RateConstantValues()


Photophysics: TypeAlias = Annotated[TablePhotophysics | MicrostatePhotophysics, Field(discriminator="kind")]


class LevelScheme(ConfigModel):
    """Splitting between SS and PP transition, shared out over electron and hole by their masses."""

    splitting_mev: MilliElectronVolts = Field(gt=0, le=1000, default=57.0)
    electron_mass: float = Field(gt=0, default=0.13)
    hole_mass: float = Field(gt=0, default=0.45)

    def levels(self) -> Levels:
        """Return the levels as the model takes them."""
        return Levels(self.splitting_mev * 1e-3, self.electron_mass, self.hole_mass)


class Spectrum(ConfigModel):
    """Two Lorentzians of equal width: SS at `energy_ss_ev` with one electron, PP one splitting above."""

    energy_ss_ev: ElectronVolts = Field(gt=1.0, lt=3.0, default=1.78)
    red_shift_per_electron_mev: MilliElectronVolts = Field(ge=0, le=50, default=6.0)
    linewidth_mev: MilliElectronVolts = Field(gt=0, le=500, default=50.0)


class Charging(ConfigModel):
    """Rates of a Markov chain between the charges 0, -1 and -2; no rates, no charging."""

    neutral_to_minus1_hz: Hertz = Field(ge=0, le=1000, default=0.0)
    minus1_to_neutral_hz: Hertz = Field(ge=0, le=1000, default=0.0)
    minus1_to_minus2_hz: Hertz = Field(ge=0, le=1000, default=0.0)
    minus2_to_minus1_hz: Hertz = Field(ge=0, le=1000, default=0.0)

    @model_validator(mode="after")
    def _reversible(self) -> Self:
        pairs = (
            ("neutral_to_minus1", self.neutral_to_minus1_hz, "minus1_to_neutral", self.minus1_to_neutral_hz),
            ("minus1_to_minus2", self.minus1_to_minus2_hz, "minus2_to_minus1", self.minus2_to_minus1_hz),
        )
        for there, there_hz, back, back_hz in pairs:
            if (there_hz > 0) != (back_hz > 0):
                raise ValueError(f"{there} and {back} must both be zero or both be above zero")
        return self


class Emitter(ConfigModel):
    """One nanocrystal, at its place on the sample; a larger one absorbs more."""

    photophysics: Photophysics
    position_x_um: Micrometres = Field(ge=-1e5, le=1e5, default=0.0)
    position_y_um: Micrometres = Field(ge=-1e5, le=1e5, default=0.0)
    relative_absorption: float = Field(gt=0, le=10, default=1.0)
    levels: LevelScheme = LevelScheme()
    spectrum: Spectrum = Spectrum()
    charging: Charging = Charging()


class Background(ConfigModel):
    """Light of glass and oil that follows each laser pulse, in detected photons; none by default."""

    photons_per_pulse_at_full_intensity: float = Field(ge=0, le=0.1, default=0.0)
    lifetime_ns: Nanoseconds = Field(gt=0, le=1000, default=1.5)
    energy_ev: ElectronVolts = Field(gt=1.0, lt=3.0, default=2.0)
    linewidth_mev: MilliElectronVolts = Field(gt=0, le=5000, default=500.0)


class Sample(ConfigModel):
    """What lies under the objective.

    The mean number of excitations per pulse is proportional to the laser intensity at the emitter; the
    one given holds in the middle of the spot for an emitter of relative absorption 1. Of n excitons
    that a pulse makes, at most 4 cascade down (`cascade`) or at most 2 (`cap2`).
    """

    name: str = Field(min_length=1)
    description: str = ""
    emitters: tuple[Emitter, ...] = Field(max_length=32)
    excitations_per_pulse_at_full_intensity: float = Field(ge=0, le=10, default=1.0)
    multiexciton: Literal["cascade", "cap2"] = "cascade"
    background: Background = Background()

    @property
    def most_excitons(self) -> int:
        """The number of excitons that a pulse can leave behind at most."""
        return 4 if self.multiexciton == "cascade" else 2
