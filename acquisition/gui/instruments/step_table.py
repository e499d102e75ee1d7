"""Which step sets what of an instrument, in words of physics, and what a person is asked before it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from acquisition.config.model import ConfigModel
from acquisition.config.model import unit_of as unit_of_field
from acquisition.config.quantity import QuantityUnit
from acquisition.sequence.steps import (
    MoveStage,
    SetAttenuator,
    SetCameraLight,
    SetFocus,
    SetLaser,
    SetShutter,
    SetSpectrograph,
    SetTemperature,
)

HOT_C = 60.0
"""Above this temperature a heater asks before it heats: immersion, glue and objectives begin to suffer."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that a step sets.

    Attributes
    ----------
    label : str
        For people, without the unit.
    tip : str
        What it means for the measurement.
    on, off : str
        What the two positions of a switch are called; empty for what is none.
    """

    label: str
    tip: str
    on: str = ""
    off: str = ""


@dataclass(frozen=True, slots=True)
class StepOf:
    """The step of a role, and what it sets, by the names of its fields."""

    model: type[ConfigModel]
    settings: Mapping[str, Setting]


_LASER = StepOf(
    SetLaser,
    {
        "emission": Setting(
            "Emission", "Whether pulses leave the laser. They reach the sample while the shutter is open.", "ON", "off"
        ),
        "intensity_percent": Setting(
            "Intensity", "Pulse energy in percent of full scale: sets how many excitons a pulse makes in the dot."
        ),
        "repetition_rate_hz": Setting(
            "Pulse rate",
            "Laser pulses per second. The time between two pulses must be several times the longest lifetime.",
        ),
    },
)
_SPECTROGRAPH = StepOf(
    SetSpectrograph,
    {
        "grating": Setting(
            "Grating", "More lines per mm: finer spectrum, smaller range. The SPAD bias goes off first."
        ),
        "centre_nm": Setting("Centre", "Wavelength in the middle of the detector. The SPAD bias goes off first."),
        "slit_um": Setting(
            "Entrance slit", "Narrower: sharper lines, less light and fewer neighbours. The SPAD bias goes off first."
        ),
    },
)
_STAGE = "Place on the sample that lies in the excitation spot."

STEPS: Mapping[str, StepOf] = MappingProxyType(
    {
        "laser": _LASER,
        "shutter": StepOf(
            SetShutter,
            {"open": Setting("Beam", "Whether laser light can pass to the sample.", on="OPEN", off="shut")},
        ),
        "attenuator": StepOf(
            SetAttenuator,
            {"transmission_percent": Setting("Transmission", "Share of the laser light that reaches the sample.")},
        ),
        "heater": StepOf(
            SetTemperature,
            {"temperature_c": Setting("Setpoint", "Temperature of the substrate. Setting it starts to heat.")},
        ),
        "spectrograph": _SPECTROGRAPH,
        "camera": StepOf(
            SetCameraLight,
            {"light": Setting("Light", "What falls on it: with other light than the sample's the EM gain stays off.")},
        ),
        "stage": StepOf(MoveStage, {"x_um": Setting("x", _STAGE), "y_um": Setting("y", _STAGE)}),
        "focus": StepOf(SetFocus, {"z_um": Setting("Height", "Where along the optical axis the focus lies.")}),
    }
)  # fmt: skip
"""By role."""


def unit_of(role: str, name: str) -> QuantityUnit | None:
    """Return the unit of a setting; None if it is none with a unit."""
    return unit_of_field(STEPS[role].model.model_fields[name])


def step_for(role: str, name: str, data: Any) -> dict[str, Any]:
    """Return the step that sets one thing, as `Session.do_step` takes it.

    Parameters
    ----------
    role, name : str
        Of the instrument, and of the setting.
    data : object
        As files have it: a quantity with its unit, a choice, or whether something is on.
    """
    fields = STEPS[role].model.model_fields
    return {"kind": fields["kind"].default, fields[name].alias or name: data}


def question_before(role: str, name: str, value: Any, mode: str | None) -> str:
    """Return what a person is asked before something is set; empty if nothing.

    Parameters
    ----------
    role, name : str
        Of the instrument, and of the setting.
    value : object
        What it is to be set to, in the unit of `name`.
    mode : str or None
        As of `Session.status`: in an alignment light needs no question.
    """
    if (role, name) == ("laser", "emission") and value is True and mode != "alignment":
        return "Switch the laser on? No alignment or run goes on; the light goes off 10 min after the last setting."
    if (role, name) == ("heater", "temperature_c") and isinstance(value, float) and value > HOT_C:
        return f"Heat to {value:g} °C? Sample, immersion and objective must stand more than {HOT_C:g} °C."
    return ""
