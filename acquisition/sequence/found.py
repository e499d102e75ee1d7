"""How a run that is steered by hand finds the instruments: as they are, so that nothing changes when it begins."""

from typing import Any

from acquisition.sequence.rig_check import SequenceRig
from acquisition.sequence.setup import Setup
from acquisition.sequence.steps import SetTemperature
from drivers.interfaces.errors import StateError


def found_setup(rig: SequenceRig) -> Setup:
    """Return how the instruments are set, as far as they say, so that it can be set again after a pause.

    Raises
    ------
    DeviceError
        If one does not answer.
    """
    laser, heating = rig.laser.status(), None
    if rig.heater is not None:
        heater = rig.heater.status()
        if heater.heating and heater.setpoint_c is not None:
            heating = SetTemperature(temperature_c=heater.setpoint_c)
    x_um, y_um = (None, None) if rig.stage is None else rig.stage.position_um()
    return Setup(
        repetition_rate_hz=laser.repetition_rate_hz,
        intensity_percent=laser.intensity_percent,
        emission=laser.emission,
        shutter_open=None if rig.shutter is None else rig.shutter.is_open(),
        heating=heating,
        x_um=x_um,
        y_um=y_um,
        z_um=None if rig.focus is None else rig.focus.position_um(),
        transmission_percent=_transmission_percent(rig),
    )


def _transmission_percent(rig: SequenceRig) -> float | None:
    try:
        return None if rig.attenuator is None else 100 * rig.attenuator.transmission()
    except StateError:  # nobody knows how it is set
        return None


def values_of_setup(setup: Setup) -> dict[str, Any]:
    """Return what steps that had set the instruments so would have given, for procedures that bring it back."""
    names = ("intensity_percent", "emission", "shutter_open", "x_um", "y_um", "z_um", "transmission_percent")
    return {name: value for name in names if (value := getattr(setup, name)) is not None}
