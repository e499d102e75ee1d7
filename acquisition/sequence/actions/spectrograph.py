"""Spectrograph and the light of the camera: setting, reading back."""

from collections.abc import Callable
from typing import Any

from acquisition.sequence.actions.context import StepContext
from acquisition.sequence.errors import StepError
from acquisition.sequence.rig_check import require
from acquisition.sequence.steps import SetCameraLight, SetSpectrograph
from drivers.interfaces.errors import InterlockError
from drivers.interfaces.spectrograph import SpectrographStatus

CENTRE_TOLERANCE_NM = 1.0
SLIT_TOLERANCE_UM = 5.0
"""How far what is read back may be from what was set: turrets and slits move in steps."""


def set_spectrograph(step: SetSpectrograph, context: StepContext) -> dict[str, Any]:
    """Set grating, centre and slit, in this order, and read them back.

    A move that would harm the SPAD array is made with its bias off, which stays off until the next acquisition.

    Raises
    ------
    StepError
        If the spectrograph reads back something else.
    """
    spectrograph = require(context.rig.spectrograph, "spectrograph", step)
    moves: list[Callable[[], None]] = []
    if (grating := step.grating) is not None and spectrograph.status().grating != grating:
        moves.append(lambda: spectrograph.set_grating(grating))
    if (centre_nm := step.centre_nm) is not None:
        moves.append(lambda: spectrograph.set_centre_nm(centre_nm))
    if (slit_um := step.slit_um) is not None:
        moves.append(lambda: spectrograph.set_slit_um(slit_um))
    for move in moves:
        context.check()
        _harmless(move, context)
    found = spectrograph.status()
    if wrong := _differences(step, found):
        raise StepError(f"{spectrograph.name}: {'; '.join(wrong)}; it may be set by hand")
    return {"grating": found.grating, "centre_nm": found.centre_nm, "slit_um": found.slit_um}


def set_camera_light(step: SetCameraLight, context: StepContext) -> dict[str, Any]:
    """Tell the camera what light falls on it."""
    require(context.rig.camera, "camera", step).declare_light(step.light)
    return {}


def is_set(step: SetSpectrograph, context: StepContext) -> bool:
    """Whether the spectrograph stands as the step says, so that nothing has to move."""
    return not _differences(step, require(context.rig.spectrograph, "spectrograph", step).status())


def _harmless(move: Callable[[], None], context: StepContext) -> None:
    """Move; if the guard of the rig does not let it, as the bias of the SPAD array may be on, with the bias off."""
    try:
        move()
    except InterlockError as refused:
        context.rig.spad_array.set_bias(False)
        context.log.note("bias_off", message="for a move of the spectrograph", reason=str(refused))
        move()


def _differences(step: SetSpectrograph, found: SpectrographStatus) -> list[str]:
    """Return what is not as the step says, in words."""
    wrong = []
    if step.grating is not None and found.grating != step.grating:
        wrong.append(f"grating {step.grating} was set, but {found.grating} reads back")
    if step.centre_nm is not None and abs(found.centre_nm - step.centre_nm) > CENTRE_TOLERANCE_NM:
        wrong.append(f"a centre of {step.centre_nm:g} nm was set, but {found.centre_nm:g} nm reads back")
    if step.slit_um is not None and (found.slit_um is None or abs(found.slit_um - step.slit_um) > SLIT_TOLERANCE_UM):
        read = "none" if found.slit_um is None else f"{found.slit_um:g} um"
        wrong.append(f"a slit of {step.slit_um:g} um was set, but {read} reads back")
    return wrong
