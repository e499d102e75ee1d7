"""Sets everything up and runs the demo or the tests: ``python3 -m acquisition.bootstrap demo`` or ``... test``.

Needs nothing that is installed and parses on old Pythons, so that they get a message and not a syntax error.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acquisition.child import run_to_end
from acquisition.file_lock import hold
from acquisition.system_libraries import apt_packages, missing_libraries

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
STATE = VENV / "cascadescope.json"
"""Written before anything is installed and again when all is: tells a half-made environment from a ready one."""
OLDEST, NEWEST = (3, 11), (3, 14)
"""The packages of the lock are built for these Pythons; the project file says the same."""

USAGE = """\
usage: python3 -m acquisition.bootstrap demo [options of the demo]
       python3 -m acquisition.bootstrap test [options of pytest]
       python3 -m acquisition.bootstrap packages    print the Debian packages that are missing
"""


class Refusal(Exception):  # noqa: N818 - it is an answer to the user
    """The set-up cannot go on; the text says why and what to do."""


def main(arguments: "list[str]") -> int:
    """Set up, run what is asked and return its exit status: 0 good, 1 refused or failed, 2 usage, 130 interrupted."""
    if not arguments or arguments[0] not in ("demo", "test", "packages"):
        wanted_help = arguments[:1] in (["-h"], ["--help"])
        print(USAGE, end="", file=sys.stdout if wanted_help else sys.stderr)
        return 0 if wanted_help else 2
    verb, rest = arguments[0], arguments[1:]
    try:
        check_python(sys.version_info[:2])
        if verb == "packages" and not has_venv():
            print(venv_package())
            return 0
        prepare()
        if verb == "demo":
            return run([str(venv_python()), "-m", "acquisition", "demo", *rest])
        missing = missing_libraries(VENV)
        if verb == "packages":
            print("\n".join(apt_packages(missing)), end="\n" if missing else "")
            return 0
        check_qt(missing)
        command = [str(venv_python()), "-m", "pytest", "-n", "2", "-m", "not slow", *rest]
        return run(command, folder=ROOT, QT_QPA_PLATFORM="offscreen")
    except Refusal as refusal:
        print("\n" + str(refusal), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; run the same command again to go on", file=sys.stderr)
        return 130


def check_python(version: "tuple[int, ...]") -> None:
    """Raise `Refusal` if this Python is too old or too new."""
    if not OLDEST <= version <= NEWEST:
        oldest, newest, found = (".".join(map(str, numbers)) for numbers in (OLDEST, NEWEST, version))
        raise Refusal(
            f"Python {oldest} to {newest} is needed; this is Python {found} ({sys.executable}).\n"
            f"Install such a one and use it, for example: python{newest} -m acquisition.bootstrap demo"
        )


def has_venv() -> bool:
    """Whether this Python can make a virtual environment; Debian keeps half of that in a package of its own."""
    return all(importlib.util.find_spec(module) is not None for module in ("venv", "ensurepip"))


def venv_package() -> str:
    """Return the Debian package that `has_venv` needs."""
    return "python{}.{}-venv".format(*sys.version_info[:2])


def venv_python() -> Path:
    """Return the Python of the project's environment."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def prepare() -> None:
    """Make `.venv` as the lock says, unless it is ready; a half-made one is made again.

    Raises
    ------
    Refusal
        If something is missing, another set-up is at work, or `.venv` is somebody else's and of no use.
    """
    if not is_ready(wanted_state()):
        with alone():
            set_up(wanted_state())


def is_ready(wanted: "dict[str, object]") -> bool:
    """Whether the environment is as wanted."""
    return read_state() == wanted and venv_python().exists()


@contextmanager
def alone() -> "Iterator[None]":
    """Keep other set-ups of this project away. Raises `Refusal` if one is at work."""
    with LOCK.open("rb") as file:
        try:
            hold(file)
        except BlockingIOError as error:
            raise Refusal(f"Another set-up is at work on {VENV}; run this again when it has ended.") from error
        except OSError:  # a file system without locks
            pass
        yield


def set_up(wanted: "dict[str, object]") -> None:
    """Make `.venv` or what it lacks."""
    if is_ready(wanted):  # another set-up has just made it
        return
    state = read_state()
    ours_but_useless = state is not None and (
        state.get("complete") is not True or state.get("place") != wanted["place"]
    )
    if VENV.exists() and (ours_but_useless or not answers(venv_python())):
        check_ours(state)
        say(f"Removing the unfinished or moved {VENV} ...")
        remove_venv()
    if not venv_python().exists():
        make_venv()
    write_state({"complete": False})
    if state is None or ours_but_useless or state.get("lock") != wanted["lock"]:
        install_lock()
    say("Installing cascadescope itself ...")
    pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    write_state(wanted)


def check_ours(state: "dict[str, object] | None") -> None:
    """Raise `Refusal` if `.venv` holds something that this set-up did not make."""
    if state is None and not (VENV.is_dir() and not any(VENV.iterdir())):
        raise Refusal(
            f"{VENV} was not made by this set-up, and its Python has no pip or does not run.\n"
            "Rename it or remove it by hand, then run this again."
        )


def wanted_state() -> "dict[str, object]":
    """Return what `STATE` says of an environment that is ready."""
    if not LOCK.is_file():
        raise Refusal(f"{LOCK} is missing; get the whole project again (git clone, or git checkout requirements.lock).")
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (LOCK, PROJECT)]
    python = "{}.{}".format(*sys.version_info[:2])
    return {"complete": True, "place": f"{VENV}, Python {python}", "lock": hashes[0], "project": hashes[1]}


def read_state() -> "dict[str, object] | None":
    """Return what `STATE` says; None without it, empty if it cannot be read."""
    try:
        state = json.loads(STATE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(state: "dict[str, object]") -> None:
    """Replace `STATE` in one step."""
    VENV.mkdir(exist_ok=True)
    new = STATE.with_suffix(".new")
    new.write_text(json.dumps(state, indent=1), encoding="utf-8")
    os.replace(new, STATE)


def answers(python: Path) -> bool:
    """Whether a Python runs and has pip."""
    try:
        command = [str(python), "-c", "import pip"]
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def remove_venv() -> None:
    """Remove `.venv`. Raises `Refusal` if something in it is in use."""
    try:
        shutil.rmtree(VENV)
    except OSError as error:
        raise Refusal(f"Cannot remove {VENV}: {error}\nClose what uses it, or remove it by hand.") from error


def make_venv() -> None:
    """Make an empty environment."""
    if not has_venv():
        raise Refusal(
            f"This Python ({sys.executable}) cannot make virtual environments.\n"
            f"On Debian or Ubuntu: sudo apt install {venv_package()}"
        )
    say(f"Making {VENV} ...")
    write_state({"complete": False})
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Refusal(f"Cannot make {VENV}:\n{made.stdout}{made.stderr}")


def install_lock() -> None:
    """Install exactly what the lock says, each file checked against its hash."""
    total = len(re.findall(r"^[A-Za-z0-9]", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE))
    say(f"Installing {total} packages into {VENV}; this takes a few minutes, once ...")
    pip("install", "--require-hashes", "--requirement", str(LOCK), progress="Collecting ")


def pip(*arguments: str, progress: str = "") -> None:
    """Run pip in the environment, naming the packages of lines that start with `progress`.

    Raises
    ------
    Refusal
        With pip's last lines if it fails.
    """
    command = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    process = subprocess.Popen(
        [*command, "--progress-bar", "off"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=clean_environment(),
    )
    lines = []
    with process:
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                if progress and line.startswith(progress):
                    say("  " + line[len(progress) :].split()[0])
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        tail = "\n".join(lines[-15:])
        raise Refusal(
            f"{tail}\n\npip failed (above). Is the network there, and space on the disk? Then run this again."
        )


def clean_environment(**more: str) -> "dict[str, str]":
    """Return the environment without what would lead Python to other packages, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    return {**kept, "PYTHONNOUSERSITE": "1", **more}


def check_qt(missing: "list[str]") -> None:
    """Raise `Refusal` if Qt does not start, naming all packages at once where it can."""
    if missing:
        raise Refusal(
            f"Qt needs shared libraries that this system lacks: {', '.join(missing)}\n"
            f"On Debian or Ubuntu: sudo apt install {' '.join(apt_packages(missing))}"
        )
    command = [str(venv_python()), "-c", "from PySide6 import QtGui, QtWidgets"]
    tried = subprocess.run(command, capture_output=True, text=True, env=clean_environment(), check=False)
    if tried.returncode != 0:
        last = (tried.stderr.strip().splitlines() or ["no message"])[-1]
        library = re.search(r"([^/\s]+\.so[^:\s]*):", last)
        hint = f"\nOn Debian or Ubuntu: sudo apt install {apt_packages([library.group(1)])[0]}" if library else ""
        raise Refusal(f"Qt does not start: {last}{hint}")


def run(command: "list[str]", folder: "Path | None" = None, **environment: str) -> int:
    """Run a program to its end, also when interrupted or told to end, and return its exit status."""
    return run_to_end(command, folder, clean_environment(**environment))


def say(text: str) -> None:
    """Tell the user what goes on, beside the output that a script may read."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
