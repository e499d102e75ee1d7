"""What looks at the instruments while a run of a session goes on: conditions, slow readings, baselines."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from acquisition.rig import Rig
from acquisition.sequence import Moment, Sequence
from acquisition.sequence.watch.watcher import Watcher
from acquisition.session.baseline import baseline, unreadable
from acquisition.session.slow_readings import Show, SlowReadings
from acquisition.storage import RunFolder, StorageError

Look: TypeAlias = Callable[[float | None, bool], None]
"""Looks at the interlocks of the session; takes the count rate and whether somebody deals with the instruments."""


def no_look(count_rate_cps: float | None, attended: bool) -> None:
    """Leave the interlocks to others."""


BYTES_PER_PHOTON = 17.0
"""In a segment (10) and in photons.h5 (7), which are both there for a while; see `acquisition.preflight.data_size`."""


class RunWatch:
    """The watch of one run.

    Parameters
    ----------
    rig : Rig
        The instruments.
    sequence : Sequence
        What is run.
    folder : RunFolder
        Where.
    record : dict
        Content of run.json; gets ``baseline_before``, ``baseline_after`` and ``warnings``.
    journal : callable
        Takes an event as a dict of plain values; raises `StorageError`.
    remaining_s : callable
        Returns the time that the run still records, in s; None if that is not known.
    show : callable
        Is given time and values of each row of slow readings.
    look : callable, optional
        Looks at the interlocks of the session.
    """

    def __init__(
        self,
        rig: Rig,
        sequence: Sequence,
        folder: RunFolder,
        record: dict[str, Any],
        journal: Callable[[Mapping[str, Any]], None],
        remaining_s: Callable[[], float | None],
        show: Show = lambda time_s, row: None,
        look: Look = no_look,
    ) -> None:
        self._rig, self._folder, self._record = rig, folder, record
        self._journal, self._remaining_s, self._look = journal, remaining_s, look
        self.warnings: list[str] = []
        self._readings = SlowReadings(
            rig, folder.readings, sequence.readings_interval_s, self._free_bytes, self._warn, show
        )
        self._watcher = Watcher(rig, sequence.suspend, self._free_bytes, rest_bytes=self._rest_bytes, warn=self._warn)

    def begin(self) -> None:
        """Write down the instruments as the run finds them."""
        self._baseline("before")
        self._readings.begin()
        self._watcher.begin()

    def tick(self, moment: Moment) -> str | None:
        """Look; return why the run must be suspended."""
        self._look(moment.count_rate_cps, False)
        self._readings.sample(moment.count_rate_cps)
        return self._watcher.tick(moment)

    def rest(self) -> None:
        """Read, but judge nothing of what the run watches."""
        self._look(None, True)
        self._readings.sample()

    def may_resume(self) -> str | None:
        """Return why a suspended run may go on."""
        return self._watcher.may_resume()

    def gives_up(self) -> tuple[str, str] | None:
        """Return how a suspended run ends, and why; that stands in run.json, too."""
        found = self._watcher.gives_up()
        if found is not None:
            self._warn(f"the run did not go on ({found[0]}): {found[1]}")
        return found

    def bad_for_s(self) -> float:
        """Return for how long what suspends the run may have been wrong."""
        return self._watcher.bad_for_s()

    def end(self) -> None:
        """Write down the instruments as the run leaves them."""
        self._watcher.end()
        self._readings.end()
        self._baseline("after")

    def _baseline(self, when: str) -> None:
        found = baseline(self._rig)
        key = f"baseline_{when}"
        if when == "after" or key not in self._record:  # the first process of a resumed run has seen what was before
            self._record[key] = found
        for text in unreadable(found):
            self._warn(f"{when} the run, {text}")
        with suppress(StorageError):  # the disk tells soon enough that it refuses
            self._journal({"event": "baseline", "when": when, **found})
            self._folder.write_run_json(self._record)

    def warn(self, text: str) -> None:
        """Tell what ends nothing: in the status, in run.json and in the journal."""
        self._warn(text)

    def _warn(self, text: str) -> None:
        self.warnings.append(text)
        self._record["warnings"] = [*self._record.get("warnings", []), text]
        with suppress(StorageError):
            self._journal({"event": "warning", "message": text})

    def _free_bytes(self) -> float:
        return float(shutil.disk_usage(self._folder.path).free)

    def _rest_bytes(self, count_rate_cps: float) -> float | None:
        remaining_s = self._remaining_s()
        return None if remaining_s is None else remaining_s * count_rate_cps * BYTES_PER_PHOTON
