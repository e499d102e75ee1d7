"""The content of a sequence as the queue keeps it, and as a run gets it."""

from pathlib import Path
from typing import Any

from acquisition.config import find_config, shipped_names
from acquisition.queue.entry import PlainValue, Request, made_request
from acquisition.sequence import load_sequence

MARK_KEY = "queue_entry"
"""Key of an entry's mark in the metadata of its run."""


def request_of_file(path_or_name: str, **more: Any) -> Request:
    """Return the request to run a sequence file as it is now; `more` are fields of `Request`.

    Names of files are kept as absolute paths, so that the queue may be run from any directory.

    Raises
    ------
    ConfigError
        With file, line and key, if the sequence is wrong or there is no such rig file.
    SequenceError
        If it has nothing that the overrides could replace.
    QueueError
        If another field is not allowed.
    """
    sequence, path = load_sequence(path_or_name)
    sequence.changed(more.get("overrides", {}))
    rig, out = more.pop("rig", "simulated"), more.pop("out", "runs")
    shipped = path_or_name in shipped_names("sequences")
    return made_request(
        {
            **more,
            "sequence": sequence.as_run(),
            "source": path_or_name if shipped else str(path.resolve()),
            "rig": absolute_rig(rig),
            "out": str(Path(out).resolve()),
        }
    )


def absolute_rig(rig: str) -> str:
    """Return the name of a shipped rig as it is, and a path as an absolute one. Raises `ConfigError` if not there."""
    path = find_config("rigs", rig)
    return rig if rig in shipped_names("rigs") else str(path.resolve())


def sequence_to_run(request: Request, mark: str) -> dict[str, Any]:
    """Return what a session is to run: the kept content, or that of the file now, with the metadata.

    Raises
    ------
    ConfigError
        If the file is to be read anew and is wrong or gone.
    """
    content = load_sequence(request.source)[0].as_run() if request.follow_source else dict(request.sequence)
    metadata: dict[str, PlainValue] = {**content.get("metadata", {}), **request.metadata, MARK_KEY: mark}
    return {**content, "metadata": metadata}
