"""Moving photon blocks from the detector to the recorder and the live analysis."""

from acquisition.streaming.acquire import acquire
from acquisition.streaming.latest import Latest
from acquisition.streaming.types import (
    AcquisitionError,
    AcquisitionResult,
    Ending,
    LiveConsumer,
    LiveSnapshot,
    PhotonRecorder,
    Progress,
    StreamSettings,
)

__all__ = [
    "AcquisitionError",
    "AcquisitionResult",
    "Ending",
    "Latest",
    "LiveConsumer",
    "LiveSnapshot",
    "PhotonRecorder",
    "Progress",
    "StreamSettings",
    "acquire",
]
