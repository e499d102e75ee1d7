"""What a program may ask of cascadescope: plain data in and out, so that it could go over a socket."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from acquisition.session.access import reading
from acquisition.session.run_verbs import RunVerbs
from acquisition.session.stored_verbs import StoredVerbs

SequenceSource: TypeAlias = str | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""A sequence: path of a file or name of a shipped one, its content as a dict, or a list of steps as dicts."""


class SessionError(Exception):
    """The request cannot be met; the text says why and what to do."""


class ChangedError(SessionError):
    """A run is not resumed as it stands: each change is named, or it was stopped on purpose; changes can be allowed."""


class Session(RunVerbs, StoredVerbs):
    """Runs sequences on one rig and analyses what they gave.

    Arguments and results are numbers, text, lists, dicts and arrays; paths are text. All methods
    may be called from any thread. Leaving the context closes the session. Where several programs share a session,
    methods marked `reading` or `for_everybody` may be called by each of them, the others by the one in control.
    """

    @abstractmethod
    def start(self, sequence: SequenceSource, overrides: Mapping[str, Any] | None = None, attended: bool = True) -> str:
        """Start a run and return the path of its folder at once.

        Parameters
        ----------
        sequence : str, dict or list of dict
            Path of a sequence file or name of a shipped one, its content, or a list of steps.
        overrides : mapping, optional
            Settings to replace in every step of a kind, e.g. ``{"acquire_photons.duration_s": 20.0}``, and
            metadata to add or replace, e.g. ``{"metadata.sample": "dot 7"}``.
        attended : bool
            Whether a person is at the instruments the whole time, who is asked to do by hand what no software can
            (``question`` of the status). If not, such a step fails at once, and a rig whose laser no software can
            darken refuses the run.

        Raises
        ------
        SessionError
            If a run is going on.
        ConfigError, SequenceError
            If the sequence is wrong or the rig does not allow it; nothing was switched on.
        """

    @abstractmethod
    def resume_run(self, run: str, allow_changes: bool = False, attended: bool = True) -> str:
        """Let a run whose program was killed, or that was aborted or failed, go on where it was.

        What was measured is kept: steps that ended are not carried out again, the point that was being
        measured is continued, with a gap, and the instruments are set as they were before. A step that
        may not be repeated (``repeatable: false``) asks, see ``question`` of the status.

        Parameters
        ----------
        run : str
            The run folder.
        allow_changes : bool
            Whether instruments, limits, calibrations or sequence.yaml may be others than when the run
            began, which is refused else; and whether a run that was stopped on purpose goes on.
        attended : bool
            As of `start`.

        Returns
        -------
        str
            The path of the run folder, at once.

        Raises
        ------
        SessionError
            If a run is going on, or there is nothing to resume.
        ChangedError
            If `allow_changes` would let it go on: something has changed, and each change is named, or the run was
            stopped on purpose.
        RecordingError, StorageError
            If the run folder cannot be used, or another program works on it.
        ConfigError, SequenceError
            If the sequence of the run cannot be used, or the rig does not allow it.
        """

    @reading
    @abstractmethod
    def check(
        self, sequence: SequenceSource, overrides: Mapping[str, Any] | None = None, attended: bool = True
    ) -> dict[str, Any]:
        """Try a sequence on the twin of the rig and return what it would be like; no instrument is touched.

        Parameters
        ----------
        sequence, overrides, attended
            As of `start`.

        Returns
        -------
        dict
            ``ok`` and ``problems``; ``duration_s``, ``acquiring_s``, ``waiting_s``; ``photons``, ``segment_bytes``,
            ``file_bytes``, ``peak_bytes``; ``dose_percent_s``, ``dose_uj``; ``limits`` that are touched,
            ``missing_calibrations``, questions ``asked`` of a person, ``settling``, ``points``, ``steps`` and
            ``notes``, as in `acquisition.preflight.Forecast`.

        Raises
        ------
        ConfigError, SequenceError
            If the sequence is wrong or the rig does not allow it, as `start` would.
        """

    @reading
    @abstractmethod
    def status(self) -> dict[str, Any]:
        """Return what is happening now.

        Returns
        -------
        dict
            ``state`` (idle, running, pausing, paused, stopping, aborting, analysing, broken); ``mode`` of the run that
            goes on (``sequence`` or ``alignment``; None: none goes on); ``last_step`` (``kind``, ``values`` and
            ``message``: why it failed) that was carried out by `do_step`, None before; ``outcome`` of the last run
            (None while it goes on, else completed, stopped, aborted or failed) and whether all is well (``ok``);
            ``run`` (path), ``step``, ``step_number``, ``point``, ``elapsed_s``,
            ``remaining_s``, ``planned_s`` (what that was at first), ``photons``, ``count_rate_cps``,
            ``cascades``, ``charge_state``, ``message``, ``warnings``, ``question`` (``text`` and ``choices`` that a
            person is asked), ``paused_because``, ``suspended`` (by what is watched, not by a person) and ``simulated``;
            ``interlocks`` that have tripped or warn (``name``, ``state``, ``since``, ``message``), and ``guardian``:
            whether another process makes the instruments safe if this one dies (watching, not needed or off); ``lost``:
            roles of the instruments whose connection is lost; ``sample`` under the simulated microscope, as
            `choose_sample` takes it; ``ends``: how often all was told to end, so that who asked a person before a stop
            can see that the answer came after it.
            What is not known is None.
        """

    @reading
    @abstractmethod
    def live(self, since: int | None = None, panels: list[str] | None = None) -> dict[str, Any]:
        """Return the newest state of what a display shows of the point that is measured, or was measured last.

        Waits for nothing. A snapshot of the photons comes with the next call after it was asked for, at most 25 times
        a second. Panels of the kind ``states`` are computed every few seconds, by an analysis of everything recorded
        so far that runs only while somebody asks for one of them.

        Parameters
        ----------
        since : int, optional
            The ``version`` of the answer before; panels that have not changed are left out. Leave it out when other
            panels are asked for.
        panels : list of str, optional
            Names; without it all of the kind ``stream``.

        Returns
        -------
        dict
            ``version``, which rises with each change; nothing else if it equals `since`. Else ``run`` (path),
            ``point``, ``label``, ``simulated``, ``problem`` (why photons are not shown) and ``panels``: by name, what
            each shows, None where there is nothing yet, as `acquisition.live_view` says. Without `since` also
            ``available``: ``name``, ``title`` and ``kind`` of each panel.

        Raises
        ------
        SessionError
            If there is no panel of a name; says which there are.
        """

    @reading
    @abstractmethod
    def wait(self, timeout_s: float) -> dict[str, Any]:
        """Wait until the run and its analysis have ended, at most `timeout_s`; return the status."""

    @reading
    @abstractmethod
    def devices(self) -> list[dict[str, Any]]:
        """Return role, identity, limits, settings and readings of each instrument of the rig, and what steps set of it.

        Returns
        -------
        list of dict
            As of `acquisition.session.device_list.describe`. An instrument that does not answer is there too, and says
            in ``problem`` why.
        """

    @abstractmethod
    def close(self) -> None:
        """Abort what runs, make the instruments safe and disconnect them; no effect if closed."""
