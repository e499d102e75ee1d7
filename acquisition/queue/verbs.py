"""What may be asked of the queue of a shared session: plain data in and out."""

from abc import ABC, abstractmethod
from typing import Any

from acquisition.session.access import reading
from drivers.interfaces.closing import Closing


class QueueVerbs(ABC):
    """The queue of the user, and its carrying out by the session that is shared."""

    @reading
    @abstractmethod
    def queue(self) -> dict[str, Any]:
        """Return the queue as it stands.

        Returns
        -------
        dict
            ``state``: ``idle``, ``running`` (entries are carried out) or ``ending`` (after the present one it stops);
            ``hold_reason`` (None if it may start something) and ``message``: why it stopped last. ``entries``, in the
            order in which they ran or will run: ``id``, ``state``, ``held``, ``sequence`` (its name), ``source``,
            ``overrides``, ``metadata``, ``rig``, ``out``, ``attended``, ``on_failure``, ``on_interrupt``,
            ``expected_s``, ``starts_at`` and ``ends_at`` (UTC, expected or real), ``run`` (path of its folder),
            ``outcome``, ``here`` (whether the rig is that of this session) and ``message``: what went wrong, or what
            keeps it waiting. What is not known is None.
        """

    @abstractmethod
    def queue_add(self, entry: dict[str, Any]) -> int:
        """Add an entry at the end and return its number.

        Parameters
        ----------
        entry : dict
            Fields of `acquisition.queue.Request`; rig and folder are those of the session if they are left out.
            ``sequence`` may be the path of a file or the name of a shipped one, too.

        Raises
        ------
        SessionError
            If a field is not allowed.
        ConfigError, SequenceError
            If the sequence is wrong or the rig does not allow it.
        """

    @abstractmethod
    def queue_repeat(self, entry_id: int) -> int:
        """Add the request of an entry, ended or not, once more at the end; return the new number.

        Raises
        ------
        SessionError
            If there is no such entry.
        """

    @abstractmethod
    def queue_edit(self, entry_id: int, changes: dict[str, Any]) -> None:
        """Change fields of an entry that waits, or ``held``: whether it is passed over until that is taken back.

        Parameters
        ----------
        entry_id : int
            Its number.
        changes : dict
            New values; ``overrides`` and ``metadata`` as a whole. Of an entry that was interrupted only ``on_failure``
            and ``on_interrupt`` (resume, repeat or skip) can be changed.

        Raises
        ------
        SessionError
            If it cannot be changed.
        ConfigError, SequenceError
            If the sequence is wrong or the rig does not allow it.
        """

    @abstractmethod
    def queue_move(self, entry_id: int, position: int) -> None:
        """Move an entry that waits to a place among those that wait, from 1. Raises `SessionError`."""

    @abstractmethod
    def queue_remove(self, entry_id: int) -> None:
        """Take an entry out, unless it runs; its run folder stays. Raises `SessionError`."""

    @abstractmethod
    def queue_clear_finished(self) -> int:
        """Take all entries out that have ended, and return how many; their run folders stay."""

    @abstractmethod
    def queue_start(self) -> None:
        """Carry out what waits, one after the other, and release a hold.

        Raises
        ------
        SessionError
            If a run goes on that is not of the queue, or nothing waits for the rig of this session.
        """

    @abstractmethod
    def queue_stop(self) -> None:
        """Start nothing more after the present entry, which goes on; no effect if the queue is idle."""


class ServedQueue(QueueVerbs, Closing):
    """The queue of a session server; ends before the session."""

    @abstractmethod
    def check_free(self, what: str) -> None:
        """Raise `SessionError` if the queue is carried out, so that nobody else may begin `what` now."""

    @abstractmethod
    def halt(self, reason: str) -> None:
        """Begin no further entry until a person starts the queue again; never waits, no effect if it is idle."""
