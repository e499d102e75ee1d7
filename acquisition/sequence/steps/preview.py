"""Looking at photons that are neither kept nor counted for a result: only what steers a run by hand makes this step."""

from typing import Literal

from acquisition.sequence.steps.counting import CountPhotons


class PreviewPhotons(CountPhotons):
    """Show photons for `duration_s` at most; ends as soon as there is something else to do. No file can hold it."""

    kind: Literal["preview_photons"] = "preview_photons"  # type: ignore[assignment]
