"""What is known about a recording besides its photons: calibration, conditions, who measured what."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np

from acquisition.analysis.recording import Calibration
from acquisition.storage.errors import StorageError
from acquisition.storage.files import optional_text
from drivers.interfaces.photons import PhotonStreamInfo


@dataclass(frozen=True, slots=True)
class RecordingDetails:
    """What a reader of the file wants to know; None where not known. `started_at` is ISO 8601.

    `metadata` holds plain values by name, as the sequence of the run states them.
    """

    description: str | None = None
    sample_name: str | None = None
    author: str | None = None
    started_at: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


_TEXTS = ("description", "sample_name", "author", "started_at")


@dataclass(frozen=True, slots=True, eq=False)
class RecordingContext:
    """What is stored beside the photons.

    Attributes
    ----------
    calibration : Calibration
        What is known of the detector.
    simulated : bool or None
        Whether the photons come from a simulator; None if not known.
    conditions : mapping of str to float
        Conditions of the measurement by name with unit, e.g. ``temperature_c``.
    details : RecordingDetails
        Description, sample, author, start.
    """

    calibration: Calibration = field(default_factory=Calibration)
    simulated: bool | None = None
    conditions: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    details: RecordingDetails = field(default_factory=RecordingDetails)


def check_context(context: RecordingContext, pixel_count: int) -> None:
    """Refuse a calibration or conditions that no reader could use.

    Raises
    ------
    StorageError
        If an array does not have one finite entry per pixel, or a condition is not finite.
    """
    for item in fields(Calibration):
        array = getattr(context.calibration, item.name)
        if array is None:
            continue
        if array.shape != (pixel_count,):
            raise StorageError(
                f"calibration {item.name} has shape {array.shape}; it needs one entry for each of {pixel_count} pixels"
            )
        if not np.all(np.isfinite(array)):
            bad = int(np.flatnonzero(~np.isfinite(array))[0])
            raise StorageError(f"calibration {item.name} of pixel {bad} is {array[bad]}; finite numbers are allowed")
    for name, value in context.conditions.items():
        if not np.isfinite(value):
            raise StorageError(f"condition {name} is {value}; leave it out if it is not known")


def context_to_plain(context: RecordingContext) -> dict[str, Any]:
    """Return the context as values that JSON knows; what is not known is absent."""
    calibration = {
        item.name: array.tolist()
        for item in fields(Calibration)
        if (array := getattr(context.calibration, item.name)) is not None
    }
    details: dict[str, Any] = {name: text for name in _TEXTS if (text := getattr(context.details, name)) is not None}
    if context.details.metadata:
        details["metadata"] = dict(context.details.metadata)
    conditions = {name: float(value) for name, value in context.conditions.items()}
    return {
        "calibration": calibration,
        "simulated": context.simulated,
        "conditions": conditions,
        "details": details,
    }


def context_from_plain(plain: Mapping[str, Any]) -> RecordingContext:
    """Return the context written by `context_to_plain`. Raises `KeyError`, `TypeError` or `ValueError` if it is not."""
    arrays: dict[str, Any] = {
        name: np.array(values, dtype=np.bool_ if name == "pixel_mask" else np.float64)
        for name, values in plain["calibration"].items()
    }
    details = plain["details"]
    texts = {name: optional_text(details, name) for name in _TEXTS}
    return RecordingContext(
        calibration=Calibration(**arrays),
        simulated=plain["simulated"],
        conditions=MappingProxyType({name: float(value) for name, value in plain["conditions"].items()}),
        details=RecordingDetails(**texts, metadata=MappingProxyType(dict(details.get("metadata", {})))),
    )


def info_to_plain(info: PhotonStreamInfo) -> dict[str, Any]:
    """Return the stream info as values that JSON knows."""
    return {item.name: getattr(info, item.name) for item in fields(PhotonStreamInfo)}


def info_from_plain(plain: Mapping[str, Any]) -> PhotonStreamInfo:
    """Return the stream info written by `info_to_plain`. Raises `KeyError`, `TypeError` or `ValueError`."""
    return PhotonStreamInfo(
        period_ps=float(plain["period_ps"]),
        pulsed=bool(plain["pulsed"]),
        delay_resolution_ps=float(plain["delay_resolution_ps"]),
        pixel_count=int(plain["pixel_count"]),
    )
