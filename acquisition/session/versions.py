"""With which versions a run was made."""

import importlib.metadata
import platform
import subprocess
from pathlib import Path

_LIBRARIES = ("numpy", "scipy", "numba", "h5py")
_CHECKOUT = Path(__file__).resolve().parent.parent.parent


def versions() -> dict[str, str]:
    """Return the versions of the program, Python, the operating system and the libraries of the numbers."""
    return {
        "cascadescope": _version("cascadescope"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{name: _version(name) for name in _LIBRARIES},
    }


def commit() -> str | None:
    """Return the git commit of the program, with ``+`` if files were changed; None if it is not a checkout."""
    if not (_CHECKOUT / ".git").exists():
        return None
    head = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain", "--untracked-files=no")
    if head is None or changes is None:
        return None
    return head + ("+" if changes else "")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _git(*arguments: str) -> str | None:
    try:
        result = subprocess.run(
            ["git", "-C", str(_CHECKOUT), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip()
