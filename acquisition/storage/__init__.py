"""Where photons and results are kept: run folders, append-only segments, Photon-HDF5, and files of others."""

from acquisition.storage.context import RecordingContext, RecordingDetails
from acquisition.storage.disk import disturbed
from acquisition.storage.errors import RecordingError, StorageError
from acquisition.storage.files import make_folder, read_json, write_json, write_text
from acquisition.storage.journal import Journal, JournalContents, read_journal
from acquisition.storage.opening import open_point, open_recording
from acquisition.storage.photon_hdf5 import write_photon_hdf5
from acquisition.storage.photon_hdf5_recording import PhotonHdf5Recording
from acquisition.storage.recorder import Recorder
from acquisition.storage.recovery import PointRecovery, Recovery, make_missing_files, recover, reopen_point
from acquisition.storage.run_folder import PointFolder, RunFolder
from acquisition.storage.segment_decoding import Loss
from acquisition.storage.segment_reader import Extent, SegmentRecording
from acquisition.storage.table import Table, TableWriter, read_table

__all__ = [
    "Extent",
    "Journal",
    "JournalContents",
    "Loss",
    "PhotonHdf5Recording",
    "PointFolder",
    "PointRecovery",
    "Recorder",
    "RecordingContext",
    "RecordingDetails",
    "RecordingError",
    "Recovery",
    "RunFolder",
    "SegmentRecording",
    "StorageError",
    "Table",
    "TableWriter",
    "disturbed",
    "make_folder",
    "make_missing_files",
    "open_point",
    "open_recording",
    "read_journal",
    "read_json",
    "read_table",
    "recover",
    "reopen_point",
    "write_json",
    "write_photon_hdf5",
    "write_text",
]
