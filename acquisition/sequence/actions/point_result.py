"""What a point has given: for the journal, for later steps, and from the journal of an earlier process."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from acquisition.streaming import AcquisitionResult, Ending


def restored(result: AcquisitionResult, said: Mapping[str, Any]) -> AcquisitionResult:
    """Return what is recorded of a point with what the journal said when it ended."""
    known = {str(ending): ending for ending in Ending}
    return replace(
        result,
        ending=known.get(str(said["ending"]), result.ending),
        shed_photons=int(said.get("shed_photons", 0)),
        warnings=tuple(map(str, said.get("warnings", ()))),
        reason=str(said.get("reason", "")),
    )


def plain_result(result: AcquisitionResult) -> dict[str, Any]:
    """Return what the journal says of a point."""
    return {
        "ending": str(result.ending),
        "photons": result.photons,
        "elapsed_s": result.elapsed_s,
        "gaps": result.gaps,
        "lost_pulses": result.lost_pulses,
        "shed_photons": result.shed_photons,
        "warnings": list(result.warnings),
        **({"reason": result.reason} if result.reason else {}),
        **({"dark_s": result.dark_s} if result.dark_s else {}),
    }


def values_of(result: AcquisitionResult) -> dict[str, Any]:
    """Return what later steps may decide by."""
    values: dict[str, Any] = {
        "photons": result.photons,
        "elapsed_s": result.elapsed_s,
        "goal_reached": result.ending is Ending.GOAL,
    }
    if result.elapsed_s > 0:
        values["count_rate_cps"] = result.photons / result.elapsed_s
    if result.live is not None:
        values["cascades"] = result.live.cascades
    return values
