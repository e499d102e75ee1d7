"""Steps that take frames of a camera behind a spectrograph."""

from typing import Annotated, Literal

from pydantic import Field

from acquisition.sequence.steps.base import Duration, PlainStepModel
from acquisition.sequence.steps.counting import Label


class AcquireSpectra(PlainStepModel):
    """Take single frames and keep each; a point of the run.

    After a pause the frames that are missing follow, and a frame during which the light went off is taken again.
    The EM gain is set for the frames only and back to its minimum afterwards.

    Attributes
    ----------
    exposure_s : float
        Of each frame.
    frames : int
        How many.
    em_gain : float
        Electron-multiplying gain; 1 is none.
    """

    kind: Literal["acquire_spectra"] = "acquire_spectra"
    exposure_s: Duration
    frames: Annotated[int, Field(ge=1, le=100_000)] = 1
    em_gain: Annotated[float, Field(ge=1, le=10_000)] = 1.0
    label: Label = ""

    @property
    def duration_s(self) -> float:
        """Time of all exposures."""
        return self.exposure_s * self.frames
