"""Fetches what was analysed of the selected runs, so that it can be laid over each other."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from acquisition.gui.client.commands import Done
from acquisition.gui.runs.columns import Run
from acquisition.gui.runs.measured import Measured
from acquisition.gui.view import Desk

MOST_POINTS = 24
"""That are laid over each other; no eye tells more apart."""


class Comparison:
    """The analysed points of the selected runs.

    Parameters
    ----------
    desk : Desk
    tell : callable
        Is called when there is something new.
    """

    def __init__(self, desk: Desk, tell: Callable[[], None]) -> None:
        self._desk, self._tell = desk, tell
        self._runs: list[Run] = []
        self._known: dict[tuple[str, int], Measured] = {}
        self._asked: set[tuple[str, int | None]] = set()
        self._why_not: dict[str, str] = {}

    @property
    def measured(self) -> list[Measured]:
        """Points in the order of the runs in the list."""
        paths = [str(run["path"]) for run in self._runs]
        found = [each for path in paths for (of, _), each in sorted(self._known.items()) if of == path]
        return found[:MOST_POINTS]

    @property
    def says(self) -> str:
        """What is missing, and why; empty if nothing is."""
        paths = {str(run["path"]) for run in self._runs}
        lines = [f"{Path(path).name}: {why}" for path, why in self._why_not.items() if path in paths]
        if self._asked:
            lines.append("Reading what was analysed…")
        held = sum(path in paths for path, _ in self._known)
        if held > MOST_POINTS:
            lines.append(f"The first {MOST_POINTS} of {held} points are shown.")
        return "\n".join(lines)

    def choose(self, runs: Sequence[Run]) -> None:
        """Take these runs from now on; what others had is let go."""
        self._runs = list(runs)
        paths = {str(run["path"]) for run in runs}
        self._known = {key: each for key, each in self._known.items() if key[0] in paths}
        self._why_not = {path: why for path, why in self._why_not.items() if path in paths}

    def forget(self, path: str) -> None:
        """Read a run again when it is looked at, because it has changed."""
        self._known = {key: each for key, each in self._known.items() if key[0] != path}
        self._why_not.pop(path, None)

    def fetch(self) -> None:
        """Ask for what is not there yet."""
        have = {path for path, _ in self._known}
        for run in self._runs[:MOST_POINTS]:
            path = str(run["path"])
            if path not in have and path not in self._why_not:
                self._ask(run, None)

    def _ask(self, run: Run, point: int | None) -> None:
        key = str(run["path"]), point
        if key not in self._asked:
            self._asked.add(key)
            self._desk.commands.do(
                "figures", *(key if point is not None else key[:1]), then=partial(self._take, run, point)
            )

    def _take(self, run: Run, point: int | None, done: Done) -> None:
        path = str(run["path"])
        self._asked.discard((path, point))
        if all(each["path"] != path for each in self._runs):
            return
        if done.error is not None:
            self._why_not[path] = str(done.error)
        else:
            measured = Measured.of(run, done.result)
            self._known[path, measured.point] = measured
            for other in measured.points[:MOST_POINTS] if point is None else ():
                if (path, other) not in self._known:
                    self._ask(run, other)
        self._tell()
