"""Shared libraries of the system that Qt needs, and the Debian packages that have them.

Needs nothing that is installed, as the bootstrap.
"""

import re
import subprocess
import sys
from pathlib import Path

APT_PACKAGES = {
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libGLX": "libglx0",
    "libOpenGL": "libopengl0",
    "libxkbcommon": "libxkbcommon0",
    "libdbus-1": "libdbus-1-3",
    "libfontconfig": "libfontconfig1",
    "libfreetype": "libfreetype6",
    "libglib-2.0": "libglib2.0-0",
    "libgthread-2.0": "libglib2.0-0",
    "libgobject-2.0": "libglib2.0-0",
    "libX11": "libx11-6",
    "libz": "zlib1g",
    "libzstd": "libzstd1",
    "libstdc++": "libstdc++6",
    "libbz2": "libbz2-1.0",
    "libxkbcommon-x11": "libxkbcommon-x11-0",
    "libX11-xcb": "libx11-xcb1",
    "libxcb": "libxcb1",
    "libxcb-cursor": "libxcb-cursor0",
    "libxcb-icccm": "libxcb-icccm4",
    "libxcb-image": "libxcb-image0",
    "libxcb-keysyms": "libxcb-keysyms1",
    "libxcb-randr": "libxcb-randr0",
    "libxcb-render": "libxcb-render0",
    "libxcb-render-util": "libxcb-render-util0",
    "libxcb-shape": "libxcb-shape0",
    "libxcb-shm": "libxcb-shm0",
    "libxcb-sync": "libxcb-sync1",
    "libxcb-util": "libxcb-util1",
    "libxcb-xfixes": "libxcb-xfixes0",
    "libxcb-xkb": "libxcb-xkb1",
}
"""Debian package of each shared library that Qt may need, by the library's name before ``.so``."""


def missing_libraries(environment: Path, screen: str = "offscreen") -> "list[str]":
    """Return the shared libraries that Qt needs and the system does not have; Linux only, else empty.

    Parameters
    ----------
    environment : Path
        Virtual environment with Qt.
    screen : str
        What Qt draws on: ``offscreen`` or ``xcb`` (a screen of X11).
    """
    if not sys.platform.startswith("linux"):
        return []
    folder = next(environment.glob("lib/python*/site-packages/PySide6"), environment)
    qt = [*folder.glob("Qt[GWC]*.so"), folder / f"Qt/plugins/platforms/libq{screen}.so"]
    wanted = [str(path) for path in qt if re.match(r"(Qt(Core|Gui|Widgets)\.|libq)", path.name)]
    try:
        listed = subprocess.run(["ldd", *wanted], capture_output=True, text=True, timeout=60, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    return sorted(set(re.findall(r"^\s*(\S+) => not found", listed, flags=re.MULTILINE)))


def apt_packages(libraries: "list[str]") -> "list[str]":
    """Return the Debian packages of shared libraries; a library that is not known stands for itself."""
    return sorted({APT_PACKAGES.get(library.split(".so")[0], library) for library in libraries})
