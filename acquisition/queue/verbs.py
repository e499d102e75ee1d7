"""What may be asked of the queue of a shared session: plain data in and out."""

from abc import ABC, abstractmethod
from typing import Any

from acquisition.session.access import reading


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
            order in which they ran or will run: ``id``, ``state``, ``held``, ``sequence``, ``overrides``, ``rig``,
            ``attended``, ``expected_s``, ``starts_at`` and ``ends_at`` (UTC, expected or real), ``run`` (path of its
            folder), ``outcome`` and ``message``. What is not known is None.
        """

    @abstractmethod
    def queue_add(self, entry: dict[str, Any]) -> int:
        """Add an entry at the end and return its number.

        Parameters
        ----------
        entry : dict
            Fields of `acquisition.queue.Request`; rig and folder are those of the session if they are left out.

        Raises
        ------
        SessionError
            If a field is not allowed, or the sequence cannot be used.
        """

    @abstractmethod
    def queue_edit(self, entry_id: int, changes: dict[str, Any]) -> None:
        """Change fields of an entry that waits, or ``held``. Raises `SessionError` if it cannot be changed."""

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
