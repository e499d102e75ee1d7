"""The folder of a run: where each file of it stands, and how it is made without overwriting another."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from acquisition.storage.errors import RecordingError, StorageError
from acquisition.storage.files import make_folder, read_json, sync_folder, write_json
from acquisition.storage.segment_decoding import read_header_text
from acquisition.storage.segments import segment_paths


@dataclass(frozen=True, slots=True)
class PointFolder:
    """The folder of one acquisition of a run."""

    path: Path

    @property
    def number(self) -> int:
        """Number of the point, from 1."""
        return int(self.path.name)

    @property
    def photons_h5(self) -> Path:
        """The photons as Photon-HDF5; made when the acquisition ends."""
        return self.path / "photons.h5"

    @property
    def segments(self) -> Path:
        """Folder of the photons as they are recorded."""
        return self.path / "photons"

    @property
    def frames_h5(self) -> Path:
        """The camera frames as NeXus; made when the acquisition ends."""
        return self.path / "frames.h5"

    @property
    def frames(self) -> Path:
        """Folder of the camera frames as they are taken."""
        return self.path / "frames"

    @property
    def results_json(self) -> Path:
        """Numbers with errors."""
        return self.path / "results.json"

    @property
    def analysis_h5(self) -> Path:
        """Arrays of the analysis, for the report."""
        return self.path / "analysis.h5"

    @property
    def has_photons(self) -> bool:
        """Whether anything was recorded here."""
        return self.photons_h5.is_file() or bool(segment_paths(self.segments))

    @property
    def has_stream(self) -> bool:
        """Whether what was recorded here can be opened: a kill may have come before a segment had its header."""
        headers = (read_header_text(path) for path in segment_paths(self.segments))
        return self.photons_h5.is_file() or any(header is not None for header in headers)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of a run.

    `open` takes one that is there, `create` makes a new one.
    """

    path: Path

    @classmethod
    def create(cls, parent: Path, name: str, started_at: datetime) -> "RunFolder":
        """Make ``<date>T<time>_<name>`` in `parent`; a number is added if that is taken.

        Raises
        ------
        StorageError
            If the folder cannot be made.
        """
        clean = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "run"
        stem = f"{started_at:%Y-%m-%dT%H%M%S}_{clean}"
        try:
            make_folder(parent)
            path = _make_unique(parent, stem)
            sync_folder(parent)
            make_folder(path / "points")
        except OSError as error:
            raise StorageError(f"{parent}: no run folder can be made there: {error.strerror or error}") from error
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Return a run folder that is there. Raises `RecordingError` if it is none."""
        if not path.is_dir():
            raise RecordingError(f"{path}: {'is not a folder' if path.exists() else 'does not exist'}")
        if not (path / "points").is_dir():
            raise RecordingError(f"{path}: is no run folder; it has no folder 'points'")
        return cls(path)

    @property
    def run_json(self) -> Path:
        """Who measured what, with which instruments."""
        return self.path / "run.json"

    @property
    def sequence_yaml(self) -> Path:
        """The sequence as run."""
        return self.path / "sequence.yaml"

    @property
    def journal(self) -> Path:
        """What happened, when."""
        return self.path / "journal.jsonl"

    @property
    def readings(self) -> Path:
        """What the instruments said every few seconds."""
        return self.path / "readings.csv"

    @property
    def results_json(self) -> Path:
        """Numbers with errors."""
        return self.path / "results.json"

    @property
    def truth_json(self) -> Path:
        """What the simulation knows; only of simulated runs."""
        return self.path / "truth.json"

    @property
    def report_html(self) -> Path:
        """The figures."""
        return self.path / "report.html"

    def point(self, number: int) -> PointFolder:
        """Return point `number`, from 1, whether it is there or not."""
        return PointFolder(self.path / "points" / f"{number:04d}")

    def scan_csv(self, number: int) -> Path:
        """Return where table `number`, from 1, of a scan stands, whether it is there or not."""
        return self.path / "scans" / f"{number:04d}.csv"

    def points(self) -> tuple[PointFolder, ...]:
        """Return the points that are there, in order."""
        folders = (self.path / "points").glob("[0-9][0-9][0-9][0-9]*")
        found = [PointFolder(path) for path in folders if path.is_dir() and path.name.isdecimal()]
        return tuple(sorted(found, key=lambda point: point.number))

    def new_point(self) -> PointFolder:
        """Make the folder of the next point. Raises `StorageError`."""
        points = self.points()
        point = self.point(points[-1].number + 1 if points else 1)
        try:
            make_folder(point.path)
        except OSError as error:
            raise StorageError(f"{point.path}: cannot be made: {error.strerror or error}") from error
        return point

    def write_run_json(self, content: Mapping[str, Any]) -> None:
        """Replace ``run.json``. Raises `StorageError`."""
        write_json(self.run_json, dict(content))

    def read_run_json(self) -> dict[str, Any]:
        """Return ``run.json``. Raises `RecordingError`."""
        return read_json(self.run_json)

    def read_results(self) -> dict[str, Any]:
        """Return ``results.json``. Raises `RecordingError`."""
        return read_json(self.results_json)

    def read_truth(self) -> dict[str, Any] | None:
        """Return ``truth.json``, or None for a run that was not simulated. Raises `RecordingError`."""
        return read_json(self.truth_json) if self.truth_json.exists() else None


def _make_unique(parent: Path, stem: str) -> Path:
    number = 1
    while True:
        path = parent / (stem if number == 1 else f"{stem}_{number}")
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
        else:
            return path
