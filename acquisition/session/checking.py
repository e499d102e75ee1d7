"""What a sequence would be like on a rig, by the twin of the rig; opens no instrument."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acquisition.config import find_config
from acquisition.session.base import SequenceSource
from acquisition.session.sources import read_sequence


def check_on_twin(
    rig: str,
    sample: str | None,
    out: Path,
    source: SequenceSource,
    overrides: Mapping[str, Any] | None,
    *,
    attended: bool = True,
) -> dict[str, Any]:
    """Return the forecast for a sequence as plain data, as `Session.check` says.

    Parameters
    ----------
    rig : str
        Path of a rig file or name of a shipped one.
    sample : str or None
        Sample of the twin instead of the file's.
    out : Path
        Folder of the runs: earlier ones say how long the heater takes, and its disk has to hold the new one.
    source, overrides, attended
        As of `Session.start`.
    """
    from acquisition.preflight import Learnt, foresee, read_settled  # loads the whole analysis
    from acquisition.rig.twin import open_twin

    with open_twin(rig, sample=sample) as twin:
        sequence = read_sequence(source, overrides, twin)
        path = find_config("sequences", source) if isinstance(source, str) else None
        learnt = Learnt(read_settled(out, twin.name))
        return foresee(
            twin, sequence, learnt=learnt, path=path, free_bytes=free_bytes(out), attended=attended
        ).as_data()


def free_bytes(folder: Path) -> int | None:
    """Return the room on the disk of a folder that may not be there yet; None if that cannot be told."""
    for place in (folder.absolute(), *folder.absolute().parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None
