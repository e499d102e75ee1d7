"""Moving photon blocks from the detector to the recorder and the live analysis."""

from acquisition.streaming.acquire import acquire
from acquisition.streaming.goals import CascadeGoal
from acquisition.streaming.latest import Latest
from acquisition.streaming.pacing import PacedPhotons, PhotonSource
from acquisition.streaming.types import (
    AcquisitionError,
    AcquisitionResult,
    Ending,
    Goal,
    LiveConsumer,
    LiveSnapshot,
    PhotonRecorder,
    Progress,
    StreamSettings,
)

__all__ = [
    "AcquisitionError",
    "AcquisitionResult",
    "CascadeGoal",
    "Ending",
    "Goal",
    "Latest",
    "LiveConsumer",
    "LiveSnapshot",
    "PacedPhotons",
    "PhotonRecorder",
    "PhotonSource",
    "Progress",
    "StreamSettings",
    "acquire",
]
