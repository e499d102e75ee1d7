"""What an interrupted recording holds, and whether what the detector says now belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from acquisition.storage.context import RecordingContext
from acquisition.storage.errors import StorageError
from acquisition.storage.run_folder import PointFolder
from acquisition.storage.segment_decoding import Loss, read_header_text
from acquisition.storage.segment_reader import Extent, SegmentRecording
from acquisition.storage.segments import header_text, segment_paths
from drivers.interfaces.photons import PhotonStreamInfo

LARGEST_PERIOD_CHANGE = 1e-3
"""Relative change of the laser period between two parts of a point that is taken as the error of its measurement."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredParts:
    """The parts of a point that are recorded.

    Attributes
    ----------
    info, context
        What the first part said of the stream; it holds for all parts.
    header_text : bytes
        The same as each segment holds it.
    extent : Extent
        How much can be read.
    losses : tuple of Loss
        What cannot be read.
    """

    info: PhotonStreamInfo
    context: RecordingContext
    header_text: bytes
    extent: Extent
    losses: tuple[Loss, ...] = ()

    @property
    def damaged(self) -> bool:
        """Whether something was written that cannot be read, e.g. a block that a kill has torn."""
        return any(not loss.unclosed for loss in self.losses)


def stored_parts(
    point: PointFolder,
    info: PhotonStreamInfo,
    context: RecordingContext | None,
    known: tuple[Extent, Sequence[Loss]] | None = None,
) -> StoredParts | None:
    """Read what a point holds, to continue it; None if no segment was begun there.

    Parameters
    ----------
    point : PointFolder
    info, context
        What the detector says now.
    known : tuple, optional
        Extent and losses of a reading since which nothing has changed.

    Raises
    ------
    StorageError
        If the point is complete, or was recorded with another detector, laser period or kind of instrument.
    RecordingError
        If the segments are those of different recordings.
    """
    if point.photons_h5.exists():
        raise StorageError(
            f"{point.path}: is complete, photons.h5 is there; acquire a new point instead of continuing this one"
        )
    paths = segment_paths(point.segments)
    if not paths:
        return None
    if all(read_header_text(path) is None for path in paths):  # killed before the first photon
        context = context or RecordingContext()
        return StoredParts(info, context, header_text(info, context), Extent())
    recording = SegmentRecording(point.segments)
    simulated = None if context is None else context.simulated
    _check_same_kind(point, recording.simulated, simulated)
    check_same_stream(point, recording.info, info)
    extent, losses = _read(recording) if known is None else known
    return StoredParts(recording.info, recording.context, recording.header_text, extent, tuple(losses))


def _read(recording: SegmentRecording) -> tuple[Extent, Sequence[Loss]]:
    extent, losses = Extent(), list[Loss]()
    for block in recording.read(losses.append):
        extent = extent.plus(block)
    return extent, losses


def check_same_stream(point: PointFolder, before: PhotonStreamInfo, now: PhotonStreamInfo) -> None:
    """Refuse photons that cannot stand in one stream with those before. Raises `StorageError`."""
    for what, old, new in (
        ("pixels of the detector", before.pixel_count, now.pixel_count),
        ("steps of the delay in ps", before.delay_resolution_ps, now.delay_resolution_ps),
        ("delays counted from a laser pulse", before.pulsed, now.pulsed),
    ):
        if old != new:
            raise StorageError(
                f"{point.path}: cannot be continued with other {what}: {old} recorded, {new} now; connect the "
                "detector of the first part with its settings, or acquire a new point"
            )
    change = abs(now.period_ps / before.period_ps - 1)
    if not change <= LARGEST_PERIOD_CHANGE:
        raise StorageError(
            f"{point.path}: cannot be continued with another laser period: {before.period_ps:.9g} ps recorded, "
            f"{now.period_ps:.9g} ps now; {LARGEST_PERIOD_CHANGE:.1%} of change is allowed. Set the repetition rate "
            f"to {1e6 / before.period_ps:.6g} MHz, or acquire a new point"
        )


def _check_same_kind(point: PointFolder, before: bool | None, now: bool | None) -> None:
    names = {True: "simulated", False: "real"}
    if before is not None and now is not None and before != now:
        raise StorageError(
            f"{point.path}: holds photons of {names[before]} instruments and cannot be continued with "
            f"{names[now]} ones; use the rig of the first part, or acquire a new point"
        )
