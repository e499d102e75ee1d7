"""The fields of Photon-HDF5 0.5 that we write, with the descriptions that the format demands of each."""

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from types import MappingProxyType

import h5py
import numpy as np
from numpy.typing import NDArray

from acquisition.storage.context import RecordingDetails
from acquisition.storage.survey import PhotonSurvey
from drivers.interfaces.photons import PhotonStreamInfo

FieldValue = str | int | float | NDArray[np.generic]

DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "/": "A file format for photon-counting detector based single-molecule spectroscopy experiments.",
        "/acquisition_duration": "Measurement duration in seconds.",
        "/description": "A user-defined comment describing the data file.",
        "/format_name": "Name of the file format.",
        "/format_version": "Version for the Photon-HDF5 format.",
        "/photon_data": "Group containing arrays of photon-data.",
        "/photon_data/timestamps": (
            "Array of photon timestamps. Units specified in timestamps_units (defined in timestamps_specs/)."
        ),
        "/photon_data/detectors": "Array of pixel IDs for each timestamp.",
        "/photon_data/nanotimes": (
            "TCSPC photon arrival time (nanotimes). Units and other specifications are in nanotimes_specs group."
        ),
        "/photon_data/timestamps_specs": "Specifications for timestamps.",
        "/photon_data/timestamps_specs/timestamps_unit": "Value of 1-unit timestamp-increment in seconds.",
        "/photon_data/nanotimes_specs": "Group for nanotime-specific data.",
        "/photon_data/nanotimes_specs/tcspc_unit": "Value of 1-unit nanotime-increment in seconds (TCSPC bin size).",
        "/photon_data/nanotimes_specs/tcspc_num_bins": "Number of TCSPC bins.",
        "/photon_data/measurement_specs": (
            "Metadata necessary for interpretation of the particular type of measurement."
        ),
        "/photon_data/measurement_specs/measurement_type": "Name of the measurement the data represents.",
        "/photon_data/measurement_specs/laser_repetition_rate": (
            "Repetition rate of the pulsed excitation laser (in Hertz)."
        ),
        "/photon_data/measurement_specs/detectors_specs": "Mapping between the pixel IDs and the detection channels.",
        "/photon_data/measurement_specs/detectors_specs/spectral_ch1": (
            "Pixel IDs for the first spectral channel (i.e. donor in a 2-color smFRET measurement)."
        ),
        "/setup": "Information about the experimental setup.",
        "/setup/num_pixels": "Total number of detector pixels.",
        "/setup/num_spots": 'Number of excitation (or detection) "spots" in the sample.',
        "/setup/num_spectral_ch": "Number of distinct spectral bands which are acquired.",
        "/setup/num_polarization_ch": "Number of distinct polarization states which are acquired.",
        "/setup/num_split_ch": (
            "Number of distinct detection channels detecting the same spectral band and polarization. "
            "This value is > 1 when using a non-polarizing beam splitter."
        ),
        "/setup/modulated_excitation": (
            "True (i.e. 1) if there is any form of excitation modulation of excitation wavelength (as in us-ALEX or "
            "PAX) or polarization. This field is also True for pulse-interleaved excitation (PIE) or ns-ALEX "
            "measurements."
        ),
        "/setup/excitation_alternated": (
            "New in version 0.5. Indicates whether each excitation source is alternated (True, or 1) or not "
            "alternated (False, or 0)."
        ),
        "/setup/lifetime": (
            "True (i.e. 1) if the measurement includes a nanotimes array of photon arrival times with respect to a "
            "laser pulse (as in TCSPC measurements)."
        ),
        "/setup/excitation_cw": (
            "For each excitation source, this field indicates whether excitation is continuous wave (CW), True "
            "(i.e. 1), or pulsed, False (i.e. 0)."
        ),
        "/setup/laser_repetition_rates": "Repetition rates in Hz for each laser. CW lasers have a value of 0.",
        "/setup/detectors": (
            "Metadata relative to each detector's pixel. Each field is an array with size equal to the number of "
            "the detectors."
        ),
        "/setup/detectors/id": "Detector IDs as they appear on /photon_data/detectors.",
        "/setup/detectors/counts": "Total number of counts detected by each detector.",
        "/setup/detectors/dcr": "Dark counts (cps) for each pixel.",
        "/identity": "Information about the Photon-HDF5 data file.",
        "/identity/author": "Author of the current data file.",
        "/identity/filename": "Original file name of the current Photon-HDF5 file (i.e. file name at creation time).",
        "/identity/creation_time": "Creation time of the current Photon-HDF5 file.",
        "/identity/software": "Name of the software used to create the current Photon-HDF5 file.",
        "/identity/software_version": "Version of the software used to create current the Photon-HDF5 file.",
        "/identity/format_name": "Name of the file format.",
        "/identity/format_version": "Version for the Photon-HDF5 format.",
        "/identity/format_url": "Official URL for the Photon-HDF5 format.",
        "/provenance": "Information about the original data file.",
        "/provenance/creation_time": "Creation time of the original data file.",
        "/provenance/software": "Software used to save the original data file.",
        "/sample": "Information about the measured sample.",
        "/sample/sample_name": "A descriptive name for the sample.",
    }
)


def write_field(file: h5py.File, path: str, value: FieldValue) -> None:
    """Write one field, and the groups above it, with their official descriptions."""
    dataset = file.create_dataset(path, data=np.bytes_(value.encode()) if isinstance(value, str) else value)
    if isinstance(value, str):
        dataset.attrs["FLAVOR"] = np.bytes_(b"python")  # else PyTables, and so phconvert, reads an array, not a text
    describe(dataset)


def describe(node: h5py.Dataset | h5py.Group) -> None:
    """Give a field and the groups above it the descriptions that the format demands."""
    while True:
        if node.name in DESCRIPTIONS:
            node.attrs["TITLE"] = np.bytes_(DESCRIPTIONS[node.name].encode())
        if node.name == "/":
            return
        node = node.parent


def official_fields(
    info: PhotonStreamInfo,
    survey: PhotonSurvey,
    details: RecordingDetails,
    filename: str,
    dark_rate_cps: NDArray[np.float64] | None,
) -> dict[str, FieldValue]:
    """Return all official fields but the photons themselves, by path.

    One spectral channel holds all pixels: they are positions along one spectrum, which the
    format has no word for; their wavelengths stand in ``/user/cascadescope/wavelength_nm``.
    """
    fields: dict[str, FieldValue] = {
        "/acquisition_duration": survey.end_pulse * info.period_ps * 1e-12,
        "/description": details.description or "Photon stream of a dispersed spectrum on a linear SPAD array",
        "/format_name": "Photon-HDF5",
        "/format_version": "0.5",
    }
    fields |= _setup_fields(info, survey, dark_rate_cps) | _identity_fields(filename)
    optional = {
        "/identity/author": details.author,
        "/provenance/creation_time": details.started_at,
        "/sample/sample_name": details.sample_name,
    }
    return fields | {path: text for path, text in optional.items() if text}


def _setup_fields(
    info: PhotonStreamInfo, survey: PhotonSurvey, dark_rate_cps: NDArray[np.float64] | None
) -> dict[str, FieldValue]:
    pixels = np.arange(info.pixel_count, dtype=np.uint16)
    specs = "/photon_data/measurement_specs"
    fields: dict[str, FieldValue] = {
        f"{specs}/measurement_type": "generic",
        f"{specs}/detectors_specs/spectral_ch1": pixels,
        "/setup/num_pixels": info.pixel_count,
        "/setup/num_spots": 1,
        "/setup/num_spectral_ch": 1,
        "/setup/num_polarization_ch": 1,
        "/setup/num_split_ch": 1,
        "/setup/modulated_excitation": 0,
        "/setup/excitation_alternated": np.zeros(1, np.uint8),
        "/setup/lifetime": int(info.pulsed),
        "/setup/excitation_cw": np.array([not info.pulsed], np.uint8),
        "/setup/detectors/id": pixels,
        "/setup/detectors/counts": survey.counts,
    }
    if dark_rate_cps is not None:
        fields["/setup/detectors/dcr"] = dark_rate_cps
    if info.pulsed:
        fields[f"{specs}/laser_repetition_rate"] = 1e12 / info.period_ps
        fields["/setup/laser_repetition_rates"] = np.array([1e12 / info.period_ps])
    return fields


def _identity_fields(filename: str) -> dict[str, FieldValue]:
    return {
        "/identity/filename": filename,
        "/identity/creation_time": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        "/identity/software": "cascadescope",
        "/identity/software_version": version("cascadescope"),
        "/identity/format_name": "Photon-HDF5",
        "/identity/format_version": "0.5",
        "/identity/format_url": "http://photon-hdf5.org/",
        "/provenance/software": "cascadescope",
    }
