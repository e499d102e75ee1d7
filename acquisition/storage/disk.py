"""What a trial of a bad disk does before each writing into a run folder; on a real rig nothing stands here."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

Disturbance: TypeAlias = Callable[[], None]
"""Called before each writing: takes its time, or raises `OSError` as the disk would."""

_lock = threading.Lock()
_disturbed: dict[Path, Disturbance] = {}


@contextmanager
def disturbed(folder: Path, disturbance: Disturbance | None) -> Iterator[None]:
    """Let something happen before each writing below `folder`, until the context is left; None for nothing."""
    if disturbance is None:
        yield
        return
    folder = folder.resolve()
    with _lock:
        _disturbed[folder] = disturbance
    try:
        yield
    finally:
        with _lock:
            del _disturbed[folder]


def before_writing(path: Path) -> None:
    """Let happen what has been planned for the folder in which `path` lies. Raises `OSError` as a disk would."""
    if not _disturbed:
        return
    with _lock:
        planned = dict(_disturbed)
    place = path.resolve()
    for folder, disturbance in planned.items():
        if place.is_relative_to(folder):
            disturbance()
