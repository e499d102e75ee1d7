"""Writing Photon-HDF5: the file that others can read, checked photon by photon before it gets its name.

The format is that of photon-hdf5.org, version 0.5; what it has no field for stands under ``/user/cascadescope``.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from acquisition.analysis.recording import Calibration, PhotonRecording
from acquisition.storage.context import RecordingContext, RecordingDetails, check_context
from acquisition.storage.errors import RecordingError, StorageError
from acquisition.storage.files import discard, part_of, publish
from acquisition.storage.hdf5_file import new_hdf5
from acquisition.storage.photon_hdf5_fields import describe, official_fields, write_field
from acquisition.storage.photon_hdf5_recording import USER, PhotonHdf5Recording
from acquisition.storage.steps import to_steps
from acquisition.storage.survey import VIRTUAL_PERIOD_PS, PhotonSurvey, in_time_order, survey_recording
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

CHUNK = 2**18


@dataclass(frozen=True, slots=True)
class _Layout:
    """How photons are stored: pulses and steps of the delay, or, where there are no pulses, absolute times in ps."""

    info: PhotonStreamInfo
    step_ps: float

    def columns(self, block: PhotonBlock) -> dict[str, Any]:
        if self.info.pulsed:
            nanotimes = to_steps(block.delay_ps, self.step_ps)
            return {"timestamps": block.pulse, "detectors": block.pixel, "nanotimes": nanotimes}
        block = in_time_order(block)
        return {"timestamps": block.pulse * VIRTUAL_PERIOD_PS + block.delay_ps, "detectors": block.pixel}

    def units(self, survey: PhotonSurvey) -> dict[str, float]:
        if not self.info.pulsed:
            return {"/photon_data/timestamps_specs/timestamps_unit": 1e-12}
        bins = max(np.ceil(self.info.period_ps / self.step_ps), np.rint(survey.longest_delay_ps / self.step_ps) + 1)
        return {
            "/photon_data/timestamps_specs/timestamps_unit": self.info.period_ps * 1e-12,
            "/photon_data/nanotimes_specs/tcspc_unit": self.step_ps * 1e-12,
            "/photon_data/nanotimes_specs/tcspc_num_bins": int(bins),
        }


def write_photon_hdf5(path: Path, recording: PhotonRecording, details: RecordingDetails | None = None) -> PhotonSurvey:
    """Write a recording as Photon-HDF5, in bounded memory, and read it back before it gets its name.

    Parameters
    ----------
    path : Path
        The file; must not exist.
    recording : PhotonRecording
        Is read twice: once for what it holds, once for its photons.
    details : RecordingDetails, optional
        Description, sample, author and start, and metadata, which are stored as JSON text.

    Returns
    -------
    PhotonSurvey
        What the file holds.

    Raises
    ------
    StorageError
        If the file exists, cannot be written, or does not read back as the recording. No file is left then.
    RecordingError
        If the recording cannot be read.
    """
    if path.exists():
        raise StorageError(f"{path}: exists already; a recording never overwrites another")
    check_context(RecordingContext(recording.calibration, conditions=recording.conditions), recording.info.pixel_count)
    survey = survey_recording(recording)
    part = part_of(path)
    try:
        _write(part, path.name, recording, survey, details or RecordingDetails())
        _verify(part, survey)
        publish(part, path)
    except (OSError, RuntimeError) as error:
        cause = getattr(error, "strerror", None) or error
        raise StorageError(f"{path}: cannot be written: {cause}; check disk space and rights") from error
    finally:
        discard(part)
    return survey


def _verify(part: Path, survey: PhotonSurvey) -> None:
    try:
        copy = survey_recording(PhotonHdf5Recording(part))
    except RecordingError as error:
        raise StorageError(f"what was written cannot be read back; the disk may be failing: {error}") from error
    if not copy.same_as(survey):
        raise StorageError(
            f"{part}: reads back with other photons ({copy.photons} in {copy.end_pulse} pulses instead of "
            f"{survey.photons} in {survey.end_pulse}); the disk or the memory may be failing"
        )


def _write(
    part: Path, filename: str, recording: PhotonRecording, survey: PhotonSurvey, details: RecordingDetails
) -> None:
    info = recording.info
    layout = _Layout(info, info.delay_resolution_ps if survey.stepped else 1.0)
    with new_hdf5(part, rdcc_nbytes=32 * 2**20) as file:
        _write_photons(file, recording.blocks(), layout, survey)
        for name, unit in layout.units(survey).items():
            write_field(file, name, unit)
        official = official_fields(info, survey, details, filename, recording.calibration.dark_rate_cps)
        for name, value in official.items():
            write_field(file, name, value)
        ours = file.create_group(USER)
        _write_ours(ours, recording, survey)
        if details.metadata:
            ours["metadata"] = json.dumps(dict(details.metadata), ensure_ascii=False)


def _write_photons(file: h5py.File, blocks: Iterator[PhotonBlock], layout: _Layout, survey: PhotonSurvey) -> None:
    """Write the columns with check sums. Only the timestamps are compressed: the others are noise to a compressor."""
    datasets: dict[str, h5py.Dataset] = {}
    dtypes: Mapping[str, type[np.generic]] = {"timestamps": np.int64, "detectors": np.uint16}
    if layout.info.pulsed:
        dtypes = {**dtypes, "nanotimes": np.uint32}
    chunk = min(CHUNK, max(survey.photons, 1))
    for name, dtype in dtypes.items():
        packing = {"shuffle": True, "compression": "gzip", "compression_opts": 1} if name == "timestamps" else {}
        datasets[name] = file.create_dataset(
            f"/photon_data/{name}",
            (survey.photons,),
            dtype,
            chunks=(chunk,),
            maxshape=(None,),
            fletcher32=True,
            **packing,
        )
        describe(datasets[name])
    start = 0
    for block in blocks:
        for name, column in layout.columns(block).items():
            datasets[name][start : start + len(block)] = column
        start += len(block)


def _write_ours(group: h5py.Group, recording: PhotonRecording, survey: PhotonSurvey) -> None:
    """Write what Photon-HDF5 has no field for; only what is known."""
    info = recording.info
    group["period_ps"] = info.period_ps
    group["pulsed"] = np.uint8(info.pulsed)
    group["delay_resolution_ps"] = info.delay_resolution_ps
    group["pixel_count"] = info.pixel_count
    group["end_pulse"] = survey.end_pulse
    if recording.simulated is not None:
        group["simulated"] = np.uint8(recording.simulated)
    for item in fields(Calibration):
        array = getattr(recording.calibration, item.name)
        if array is not None:
            group[item.name] = array.astype(np.uint8) if array.dtype == np.bool_ else array
    for name, value in recording.conditions.items():
        group[f"conditions/{name}"] = float(value)
    if survey.gaps:
        rows = [(gap.first_pulse, gap.end_pulse, gap.reason.encode()) for gap in survey.gaps]
        width = max(1, *(len(reason) for _, _, reason in rows))
        group["gaps"] = np.array(rows, [("first_pulse", "<i8"), ("end_pulse", "<i8"), ("reason", f"S{width}")])
