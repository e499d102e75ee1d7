"""Opening what a user points at: a run, a point, or a photon file of ours or of others."""

from pathlib import Path

from acquisition.analysis.recording import PhotonRecording
from acquisition.storage.errors import RecordingError
from acquisition.storage.photon_hdf5_recording import PhotonHdf5Recording
from acquisition.storage.ptu import PtuRecording
from acquisition.storage.run_folder import PointFolder, RunFolder
from acquisition.storage.segment_reader import SegmentRecording
from acquisition.storage.segments import segment_paths

READ = (
    "read are run folders, point folders, Photon-HDF5 files (.h5, .hdf5) and, with ptufile installed, PicoQuant files "
    "(.ptu)"
)


def open_recording(path: Path) -> PhotonRecording:
    """Open a run folder of one point, a point folder, a Photon-HDF5 file or a PicoQuant PTU file.

    Raises
    ------
    RecordingError
        If there is nothing at `path` that can be read, or a run has several points.
    """
    if path.is_dir():
        return _open_folder(path)
    if not path.exists():
        raise RecordingError(f"{path}: does not exist; {READ}")
    match path.suffix.lower():
        case ".h5" | ".hdf5":
            return PhotonHdf5Recording(path)
        case ".ptu":
            return PtuRecording(path)
        case ".seg":
            raise RecordingError(f"{path}: is one segment of a recording; name the folder of its point: {READ}")
        case suffix:
            raise RecordingError(f"{path}: files of the kind {suffix or '(no suffix)'} are not read; {READ}")


def open_point(point: PointFolder) -> PhotonRecording:
    """Open the photons of a point: the file, or the segments if the acquisition did not end properly.

    Raises
    ------
    RecordingError
        If the point holds no photons, or they cannot be read.
    """
    if point.photons_h5.exists():
        return PhotonHdf5Recording(point.photons_h5)
    if segment_paths(point.segments):
        return SegmentRecording(point.segments)
    raise RecordingError(f"{point.path}: holds no photons, neither photons.h5 nor photons/*.seg")


def _open_folder(path: Path) -> PhotonRecording:
    if segment_paths(path):
        return SegmentRecording(path)
    if PointFolder(path).has_photons:
        return open_point(PointFolder(path))
    if not (path / "points").is_dir():
        raise RecordingError(f"{path}: holds no photons; {READ}")
    points = [point for point in RunFolder(path).points() if point.has_photons]
    if not points:
        raise RecordingError(f"{path}: holds no photons; no point of this run was recorded")
    if len(points) > 1:
        first, last = points[0].path.name, points[-1].path.name
        raise RecordingError(f"{path}: has {len(points)} points; name one: {path / 'points'} / {first} ... {last}")
    return open_point(points[0])
