"""Looking at photons: they are shown as they come, and nothing of them is kept."""

from typing import Any

from acquisition.sequence.actions.context import Interrupted, StepContext
from acquisition.sequence.actions.counting import PhotonReading, darken
from acquisition.sequence.handed import HandedSteps
from acquisition.sequence.states import State
from acquisition.sequence.steps.preview import PreviewPhotons

BETWEEN = "not looked at meanwhile"
"""What lies between two looks at the photons."""


def preview_photons(
    step: PreviewPhotons, context: StepContext, reading: PhotonReading, handed: HandedSteps
) -> dict[str, Any]:
    """Show photons until a step is handed in or the run is to end; it has no values.

    Raises
    ------
    Interrupted
        If the run is paused.
    AcquisitionError
        If the detector fails; everything is safe then.
    """
    array = context.rig.spad_array
    array.set_bias(True)
    info = array.stream_info()
    preview = handed.show(info)
    reading.acquire(
        preview.source, step.duration_s, info, preview.recorder, preview.live,
        stop=context.interrupt, first_pulse=preview.first_pulse, interruption=BETWEEN, settings=reading.stream,
        latest=reading.latest, on_error=context.rig.make_safe, on_stop=lambda: darken(context, reading),
        tick=lambda progress: context.look(progress.live.count_rate_cps if progress.live else None),
        enough=handed.wanted,
    )  # fmt: skip
    if reading.state() in (State.PAUSING, State.PAUSED, State.ABORTING, State.BROKEN):
        raise Interrupted
    return {}
