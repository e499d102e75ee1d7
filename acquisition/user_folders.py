"""Folders of the user of this computer, where each system wants them: settings, and what the program keeps."""

import os
from pathlib import Path

import platformdirs

VARIABLE = "CASCADESCOPE_HOME"
"""Environment variable that names one folder for everything instead."""

_NAME = "cascadescope"


def settings_folder() -> Path:
    """Return the folder of files that the user writes, such as ``alarms.yaml``; it need not exist."""
    return _said() or Path(platformdirs.user_config_path(_NAME, appauthor=False))


def data_folder() -> Path:
    """Return the folder of what the program keeps for the user from one start to the next; it need not exist."""
    return _said() or Path(platformdirs.user_data_path(_NAME, appauthor=False))


def state_folder() -> Path:
    """Return the folder of what says how things stand on this computer now; it need not exist."""
    return _said() or Path(platformdirs.user_state_path(_NAME, appauthor=False))


def _said() -> Path | None:
    said = os.environ.get(VARIABLE)
    return Path(said).expanduser() if said else None
