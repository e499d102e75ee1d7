"""Sessions that live, hang or die as they are told, and instruments that are made safe by writing it into a file."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from acquisition.guardian import launch

RESCUES = {
    "cable": """
        import pathlib
        def rescue(file, cable):
            if not pathlib.Path(cable).exists():
                raise OSError("the cable is out")
            with open(file, "a") as lines:
                lines.write("safe\\n")
    """,
    "note": """
        def rescue(file, word):
            with open(file, "a") as lines:
                lines.write(word + "\\n")
    """,
    "fail": """
        def rescue(**arguments):
            raise OSError("the port is gone")
    """,
    "hang": """
        import threading
        def rescue(**arguments):
            threading.Event().wait(60)
    """,
    "late": """
        import pathlib
        def rescue(file, tries):
            with open(tries, "a") as lines:
                lines.write("x")
            if pathlib.Path(tries).stat().st_size < 3:
                raise OSError("the port is still held")
            with open(file, "a") as lines:
                lines.write("late\\n")
    """,
}

SESSION = """
import json, os, signal, sys, threading, time
from acquisition.guardian.heartbeat import GuardianError, beating, present_heart
from drivers.interfaces.rescue import Rescue

def say(*words):
    print(*words, flush=True)

def on_term(number, frame):
    raise KeyboardInterrupt

signal.signal(signal.SIGTERM, on_term)
lost, ending = threading.Event(), threading.Event()

def lose(why):
    say("lost", why)
    lost.set()

with beating():
    armed = [False]
    guarded = present_heart().guard(lambda: armed[0], lose)
    try:
        guarded.declare([Rescue(**each) for each in json.loads(sys.argv[1])])
    except GuardianError as error:
        say("refused", error)
        raise SystemExit(3)
    if len(sys.argv) > 2:
        guarded.begin_run(sys.argv[2])
"""

LAUNCH = """
import sys
from pathlib import Path
from acquisition.guardian import launch
from acquisition.guardian.launch import run_guarded
launch.GUARDIAN_END_S = float(sys.argv.pop(1))
persist_s = float(sys.argv.pop(1))
sys.exit(run_guarded(sys.argv[3:], Path(sys.argv[1]), sys.argv[2], persist_s))
"""


def rescue(device: str, kind: str = "note", last: bool = False, **arguments: str) -> dict[str, object]:
    return {"device": device, "kind": kind, "arguments": arguments, "last": last}


class Program:
    """A launcher, its guardian and a session that does `act` once it has declared `rescues`."""

    def __init__(
        self,
        folder: Path,
        rescues: list[dict[str, object]],
        act: str,
        run: Path | None = None,
        guardian_end_s: float = launch.GUARDIAN_END_S,
        persist_s: float = 6.0,
    ) -> None:
        package = folder / "fake_rescues"
        package.mkdir(exist_ok=True)
        (package / "__init__.py").write_text("")
        for name, text in RESCUES.items():
            lines = text.strip("\n").splitlines()
            indent = len(lines[0]) - len(lines[0].lstrip())
            (package / f"{name}.py").write_text("\n".join(line[indent:] for line in lines))
        script = folder / "session.py"
        script.write_text(SESSION + "".join(f"    {line}\n" for line in act.strip().splitlines()))
        self.log = folder / "state" / "guardian.jsonl"
        session = [sys.executable, str(script), json.dumps(rescues), *([str(run)] if run else [])]
        bounds = [str(guardian_end_s), str(persist_s)]
        self._errors = folder / "errors.txt"
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", LAUNCH, *bounds, str(self.log), "fake_rescues", *session],
                env={**os.environ, "PYTHONPATH": str(folder)},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        self.session = self.guardian = 0

    def line(self) -> str:
        """Return the next line of the session."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def armed(self) -> None:
        """Wait until the session says that it is armed, and which processes there are."""
        word, session, guardian = self.line().split()
        assert word == "armed"
        self.session, self.guardian = int(session), int(guardian)

    def end(self, timeout_s: float = 20.0) -> int:
        """Wait for the end of the launcher; return its exit status."""
        return self.process.wait(timeout_s)

    @property
    def said(self) -> str:
        """What stands on standard error."""
        return self._errors.read_text()

    def wait_until_said(self, words: str, timeout_s: float = 30.0) -> bool:
        """Wait until something stands on standard error; return whether it does."""
        end = time.monotonic() + timeout_s
        while words not in self.said and time.monotonic() < end:
            time.sleep(0.02)
        return words in self.said

    def close(self) -> None:
        """End what is left."""
        for pid in (self.session, self.guardian):
            if pid and is_there(pid):
                os.kill(pid, signal.SIGKILL)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()


ARMED = """
armed[0] = True
guarded.about_to_arm()
say("armed", os.getpid(), os.getppid())
"""


def is_there(pid: int) -> bool:
    """Whether a process lives; one that has ended and was not asked for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pid: int, timeout_s: float = 10.0) -> bool:
    """Wait until a process has ended; return whether it has."""
    end = time.monotonic() + timeout_s
    while is_there(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not is_there(pid)
