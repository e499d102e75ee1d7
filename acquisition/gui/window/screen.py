"""Whether there is a screen to draw a window on: asked before Qt is, which would end the program without a word."""

import os
import sys
from pathlib import Path

from acquisition.system_libraries import apt_packages, missing_libraries

_CHOSEN = "QT_QPA_PLATFORM"
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


class NoScreenError(Exception):
    """No window can be shown here; the text says why and what to do."""


def refuse_without_screen() -> None:
    """Raise `NoScreenError` if Qt could not show a window here; Linux only, the other systems always have a screen."""
    if not sys.platform.startswith("linux") or os.environ.get(_CHOSEN):
        return
    if not any(os.environ.get(name) for name in _SCREENS):
        raise NoScreenError(
            f"there is no screen here (neither {' nor '.join(_SCREENS)} is set); start the window on the desktop of "
            "this computer or over `ssh -X`, or use `cascadescope serve` and `cascadescope status` without a window"
        )
    if missing := missing_libraries(Path(sys.prefix), "xcb"):
        raise NoScreenError(
            f"the window needs libraries that this system does not have ({', '.join(missing)}); install them: "
            f"sudo apt-get install {' '.join(apt_packages(missing))}"
        )
