"""What may be asked of runs that are stored, and of photon files: no instrument is needed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from acquisition.session.access import reading

Verdict: TypeAlias = Literal["keep", "reject"]
"""What a person thinks of a dot."""


class StoredVerbs(ABC):
    """The part of a session that lists, reads, analyses, judges and mends runs."""

    @reading
    @abstractmethod
    def runs(self, filter: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the runs below the folder of the session, newest first; run folders that are damaged, too.

        Parameters
        ----------
        filter : mapping, optional
            Which: parts of ``name``, ``sample``, ``dot``, ``operator``, ``outcome``, or of any of them (``text``);
            ``since`` and ``until`` as dates; ``simulated`` and ``resumable``; ``kind``; ``verdict`` (None: not judged).

        Returns
        -------
        list of dict
            ``path``, ``name``, ``date``, ``started_at``, ``sample``, ``dot``, ``rig`` (name or file), ``operator``,
            ``outcome`` (running, completed, stopped, aborted, failed or killed), ``kind`` (sequence or alignment),
            ``verdict`` (see `mark`), ``simulated``, ``points``, ``photons``, ``measured_s``, ``duration_s`` (None if
            it did not end), ``resumable``, ``not_resumable_because`` and ``problem`` (what is wrong with the folder).
            What is not known is None.

        Raises
        ------
        SessionError
            If the filter is not one of these.
        """

    @reading
    @abstractmethod
    def read(self, run: str) -> dict[str, Any]:
        """Return what a run folder says.

        Returns
        -------
        dict
            ``run``, ``results`` and ``truth`` (contents of the JSON files) and ``report`` (a path);
            None where there is none.
        """

    @abstractmethod
    def analyze(self, path: str, out: str | None = None, report: str | None = None) -> dict[str, Any]:
        """Analyse a run folder or a photon file and return the content of results.json.

        Parameters
        ----------
        path : str
            A run folder, the folder of a point, a Photon-HDF5 file or a PTU file.
        out : str, optional
            Where to write the results as JSON as well.
        report : str, optional
            Where to write the report of a photon file, as one HTML page; a run has its own.
        """

    @abstractmethod
    def report(self, run: str) -> str:
        """Write the report of a run anew and return its path."""

    @abstractmethod
    def recover(self, run: str) -> dict[str, Any]:
        """Make the recordings of a run that was killed readable; return what was found and what was lost."""

    @abstractmethod
    def mark(self, run: str, verdict: Verdict | None, comment: str = "") -> dict[str, Any]:
        """Write down what a person thinks of the dot of a run, in its run.json; replaces what stood there.

        Parameters
        ----------
        run : str
            The run folder; that of the run which goes on is allowed.
        verdict : {"keep", "reject"} or None
            None takes an earlier verdict back.
        comment : str
            In words.

        Returns
        -------
        dict
            ``judgement`` of run.json: ``verdict``, ``comment``, ``by`` (user of the computer), ``at`` (UTC) and, where
            readings.csv of the run has them, ``x_um`` and ``y_um`` of the stage.

        Raises
        ------
        SessionError
            If the verdict is not allowed.
        RecordingError, StorageError
            If it is no run folder, another program measures into it, or the disk refuses.
        """

    @reading
    @abstractmethod
    def figures(self, run: str, point: int | None = None) -> dict[str, Any]:
        """Return what the figures of an analysed point are drawn from, as stored; nothing is analysed.

        Parameters
        ----------
        run : str
            The run folder.
        point : int, optional
            Number of the point; without it the first that was analysed and shows an emitter.

        Returns
        -------
        dict
            ``run`` (path), ``point``, ``label``, ``conditions`` (of the point, as run.json says them), ``simulated``,
            ``points`` (numbers of all analysed points), and ``arrays`` and ``values`` by the names of
            `acquisition.report.figure_data.FigureData`, without the count trace (``trace/``), which is long.

        Raises
        ------
        SessionError
            If the point, or every point, was not analysed; says what does it.
        RecordingError
            If it is no run folder, or what is stored is damaged.
        """
