"""What the Run dock remembers from one start of the window to the next."""

import json
from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import QSettings

from acquisition.session.run_record import operator

_OPERATOR, _RECENT, _DISMISSED, _FORM = "run/operator", "run/recent", "run/not_resumed", "run/form"

MOST_RECENT = 8
"""Files that are remembered."""


def operator_of(settings: QSettings) -> str:
    """Return who measures: who did the last time, else the user of the computer."""
    return str(settings.value(_OPERATOR, "")) or operator({})


def remember_operator(settings: QSettings, name: str) -> None:
    """Remember who measures."""
    settings.setValue(_OPERATOR, name)


def recent_files(settings: QSettings) -> list[str]:
    """Return paths of sequence files that were used, newest first."""
    found = settings.value(_RECENT, [])
    if isinstance(found, str):  # a file of settings keeps a list of one as a text
        return [found]
    return [str(path) for path in found] if isinstance(found, list | tuple) else []


def remember_file(settings: QSettings, path: str) -> None:
    """Remember that a sequence file was used."""
    others = [other for other in recent_files(settings) if other != path]
    settings.setValue(_RECENT, [path, *others][:MOST_RECENT])


def forget_file(settings: QSettings, path: str) -> None:
    """Offer a sequence file no longer, because it is gone."""
    settings.setValue(_RECENT, [other for other in recent_files(settings) if other != path])


def is_dismissed(settings: QSettings, run: str) -> bool:
    """Whether a person does not want to be asked again to resume a run."""
    return str(settings.value(_DISMISSED, "")) == run


def dismiss(settings: QSettings, run: str) -> None:
    """Do not offer again to resume a run."""
    settings.setValue(_DISMISSED, run)


def remember_form(settings: QSettings, sequence: str, metadata: Mapping[str, str], numbers: Mapping[str, Any]) -> None:
    """Remember what is typed in the Run dock: what is said of the measurement, and the numbers of a sequence."""
    said = {name: text for name, text in metadata.items() if text}
    settings.setValue(_FORM, json.dumps({"sequence": sequence, "metadata": said, "numbers": dict(numbers)}))


def form_of(settings: QSettings, sequence: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Return what was typed last: metadata, and numbers if they were those of this sequence; empty if unreadable."""
    try:
        found = json.loads(str(settings.value(_FORM, "{}")))
        metadata = {str(name): str(text) for name, text in dict(found.get("metadata", {})).items()}
        return metadata, dict(found.get("numbers", {})) if found.get("sequence") == sequence else {}
    except (ValueError, TypeError, AttributeError):
        return {}, {}
