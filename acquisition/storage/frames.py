"""Camera frames of a point: each a file of its own while they are taken, one NeXus file afterwards."""

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acquisition.storage.disk import before_writing
from acquisition.storage.errors import RecordingError, StorageError
from acquisition.storage.files import discard, make_folder, part_of, patiently, publish, read_json, write_json
from acquisition.storage.hdf5_file import new_hdf5
from acquisition.storage.run_folder import PointFolder
from drivers.interfaces.camera import Frame

INFO = "about.json"


class FrameStore:
    """The single frames of a point; a frame is on the disk when `append` returns, whatever happens next.

    Parameters
    ----------
    point : PointFolder
        Of the point; frames that are there are kept, and new ones come after them.
    about : mapping
        What is stored with the frames: ``simulated``, ``wanted`` (number of frames), ``wavelength_nm`` ...
    interruption : str
        Why the frames before were not followed by more, if there are any.

    Attributes
    ----------
    signals : list of float
        Of each frame its sum above its median.
    saturated_frames : int

    Raises
    ------
    StorageError
        If the disk refuses.
    """

    def __init__(self, point: PointFolder, about: Mapping[str, Any], interruption: str = "") -> None:
        self._folder = point.frames
        self.signals: list[float] = []
        self.saturated_frames = 0
        make_folder(self._folder)
        interruptions: list[dict[str, Any]] = []
        for _, counts, said in stored_frames(self._folder):
            self._add(counts, saturated=said["saturated"])
        if (self._folder / INFO).exists():
            interruptions = read_json(self._folder / INFO).get("interruptions", [])
        if self.frames:
            interruptions.append({"before_frame": self.frames, "reason": interruption or "the program ended"})
        write_json(self._folder / INFO, {**about, "interruptions": interruptions})

    @property
    def frames(self) -> int:
        """Number of frames that are stored."""
        return len(self.signals)

    def append(self, frame: Frame) -> None:
        """Store a frame. Raises `StorageError`."""
        said = {
            "exposure_s": frame.exposure_s,
            "em_gain": frame.em_gain,
            "started_s": frame.started_s,
            "saturated": frame.saturated,
        }
        text = io.BytesIO()
        np.savez(text, counts=frame.counts, **said)  # type: ignore[arg-type]
        path = self._folder / f"{self.frames:06d}.npz"
        part = part_of(path)
        try:
            before_writing(path)
            with part.open("wb") as file:
                file.write(text.getvalue())
                file.flush()
                os.fsync(file.fileno())
            publish(part, path)
        except OSError as error:
            raise StorageError(
                f"{path}: cannot be written: {error.strerror or error}; check disk and rights"
            ) from error
        finally:
            discard(part)
        self._add(frame.counts, saturated=frame.saturated)

    def _add(self, counts: NDArray[Any], *, saturated: bool) -> None:
        self.signals.append(float((counts - np.median(counts)).sum()))
        self.saturated_frames += saturated


def stored_frames(folder: Path) -> Iterator[tuple[int, NDArray[Any], dict[str, Any]]]:
    """Yield number, counts and the rest of each frame that is stored, up to the first that is missing.

    Raises
    ------
    RecordingError
        If a frame is damaged.
    """
    number = 0
    while (path := folder / f"{number:06d}.npz").exists():
        try:
            with path.open("rb") as file, np.load(file) as found:
                said = {name: found[name].item() for name in ("exposure_s", "em_gain", "started_s", "saturated")}
                yield number, found["counts"], said
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise RecordingError(f"{path}: cannot be read: {error}; move it and those after it away") from error
        number += 1


def make_frames_file(point: PointFolder) -> int:
    """Make ``frames.h5`` (NeXus, NXdata with axes and units) of the single frames, and return how many there are.

    The single frames go once all that were wanted are in the file; else they stay, so that more can follow.
    No effect if there are none.

    Raises
    ------
    RecordingError
        If a frame is damaged.
    StorageError
        If the disk refuses.
    """
    folder = point.frames
    if not (folder / INFO).exists():
        return 0
    about = read_json(folder / INFO)
    count = sum(1 for _ in stored_frames(folder))
    if not count:
        return 0
    part = part_of(point.frames_h5)
    try:
        with new_hdf5(part) as file:
            _write(file, folder, count, about)
        publish(part, point.frames_h5)
    except OSError as error:
        raise StorageError(f"{point.frames_h5}: cannot be written: {error.strerror or error}") from error
    finally:
        discard(part)
    if count >= int(about["wanted"]):
        _remove(folder)
    return count


def _write(file: Any, folder: Path, count: int, about: Mapping[str, Any]) -> None:
    file.attrs["default"] = "entry"
    file.attrs["simulated"] = bool(about["simulated"])
    entry = file.create_group("entry")
    entry.attrs.update({"NX_class": "NXentry", "default": "data"})
    entry["title"] = str(about.get("label") or "camera frames")
    entry["interruptions"] = json.dumps(about["interruptions"])
    data = entry.create_group("data")
    data.attrs.update({"NX_class": "NXdata", "signal": "counts", "axes": ["time", "row", "wavelength"]})
    all_said = []
    for number, frame, said in stored_frames(folder):
        if number == 0:
            packed = {"compression": "gzip", "shuffle": True, "chunks": (1, *frame.shape)}
            data.create_dataset("counts", (count, *frame.shape), frame.dtype, **packed)
            _column(data, "row", np.arange(frame.shape[0]), "pixels")
        data["counts"][number] = frame
        all_said.append(said)
    data["counts"].attrs["units"] = "counts"
    _column(data, "time", _times_s(all_said, about), "s")
    _column(data, "wavelength", np.array(about["wavelength_nm"]), "nm")
    entry.create_group("instrument").attrs["NX_class"] = "NXinstrument"
    detector = entry.create_group("instrument/detector")
    detector.attrs["NX_class"] = "NXdetector"
    _column(detector, "count_time", np.array([said["exposure_s"] for said in all_said]), "s")
    _column(detector, "em_gain", np.array([said["em_gain"] for said in all_said]), "")
    _column(detector, "saturated", np.array([said["saturated"] for said in all_said], dtype=np.uint8), "")


def _times_s(all_said: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return when each exposure began, interruptions left out: a part begins when the frame before it had ended."""
    begins = {int(one["before_frame"]) for one in about["interruptions"]}
    times: list[float] = []
    offset_s = 0.0
    for number, said in enumerate(all_said):
        if number in begins and times:
            offset_s = times[-1] + all_said[number - 1]["exposure_s"]
        times.append(offset_s + said["started_s"])
    return np.array(times)


def _column(group: Any, name: str, values: NDArray[Any], units: str) -> None:
    group[name] = values
    if units:
        group[name].attrs["units"] = units


def _remove(folder: Path) -> None:
    """Remove single frames that are in the file, the list of them last."""
    with suppress(OSError):  # what stays is removed with the next file, and harms nobody
        for path in sorted(folder.glob("*.npz")):
            patiently(path.unlink)
        patiently((folder / INFO).unlink)
        folder.rmdir()
