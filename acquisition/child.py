"""Runs a program to its end, and hands on to it that it is to end.

Uses the standard library only and parses on old Pythons: the set-up needs it before anything is installed.
"""

import signal
import subprocess
import threading
from pathlib import Path


def run_to_end(command: "list[str]", folder: "Path | None", environment: "dict[str, str]") -> int:
    """Run a program and return its exit status, 128 and more if a signal ended it.

    The end is also waited for when interrupted (the program gets the interrupt too) or told to end (it is told too).
    """
    told = threading.Event()
    processes: list[subprocess.Popen[bytes]] = []

    def tell(number: int, frame: object) -> None:
        told.set()
        for process in processes:
            process.terminate()

    before = signal.signal(signal.SIGTERM, tell)
    try:
        process = subprocess.Popen(command, cwd=folder, env=environment)
        processes.append(process)
        if told.is_set():
            process.terminate()
        while True:
            try:
                status = process.wait()
                return status if status >= 0 else 128 - status
            except KeyboardInterrupt:
                continue
    finally:
        signal.signal(signal.SIGTERM, before)
