"""What may be asked of the run of a session that goes on, and of its instruments while they are in use."""

from abc import abstractmethod
from typing import Any

from acquisition.session.access import for_everybody
from acquisition.session.hand_verbs import HandVerbs


class RunVerbs(HandVerbs):
    """The part of a session that acts on what goes on."""

    @abstractmethod
    def pause(self, reason: str = "asked for") -> None:
        """Take the light off the sample within 0.5 s and hold the run; the heater holds or goes off as the step says.

        Raises
        ------
        SessionError, SequenceError
            If no run goes on, or one that is ending.
        NotSafeError
            If the light could not be taken off; the run is aborted then.
        """

    @abstractmethod
    def resume(self) -> None:
        """Let a paused run go on: everything is set and read back as it was, then the step goes on.

        Raises
        ------
        SessionError, SequenceError
            If no run is paused.
        """

    @abstractmethod
    def note(self, text: str, author: str = "") -> None:
        """Write a remark into the journal of the run, with its time. Raises `SessionError` if no run goes on."""

    @abstractmethod
    def answer(self, text: str) -> None:
        """Answer the ``question`` of the status with one of its choices; raises `SessionError` for anything else."""

    @abstractmethod
    def stop(self) -> None:
        """End the present step early, keep everything, clean up and analyse."""

    @abstractmethod
    def extend(self, seconds: float) -> dict[str, Any]:
        """Let the point whose photons are being acquired last longer, also while it is paused; return the status.

        The journal says so, and a run that is resumed after its program was killed knows of it.

        Parameters
        ----------
        seconds : float
            By how much, in s; negative: shorter, but not below what is measured already, with which the point ends.

        Raises
        ------
        SessionError
            If no photons are being acquired for a point, or it would last longer than one point may (1 h).
        """

    @for_everybody
    @abstractmethod
    def abort(self) -> None:
        """Make the instruments safe now, in the calling thread; what was recorded is kept, and not analysed.

        Has no effect if no run goes on.

        Raises
        ------
        NotSafeError
            If an instrument could not be made safe; the session starts no run any more.
        """

    @for_everybody
    @abstractmethod
    def emergency_stop(self) -> None:
        """Make the instruments safe from the calling thread at once, whether a run goes on or not, and abort.

        Raises
        ------
        NotSafeError
            If an instrument could not be made safe; the session starts no run any more.
        """

    @abstractmethod
    def acknowledge_interlock(self) -> list[dict[str, Any]]:
        """Take note that a person has seen to what has tripped, so that runs may start again; return what it was.

        Raises
        ------
        SessionError
            If something is still wrong.
        """

    @abstractmethod
    def reconnect(self, role: str) -> None:
        """Connect one instrument anew, such as after its cable was out; it is safe then, the others stay as they are.

        In a run, pause it first: when the run goes on, everything is set again as it was. A session whose
        instruments could not be made safe may start runs again once the one that is to blame has answered.

        Parameters
        ----------
        role : str
            Of the instrument, as in `devices`.

        Raises
        ------
        SessionError
            If there is no such instrument, or a run may be using it.
        DeviceError
            If it cannot be connected, says why.
        NotSafeError
            If another instrument can still not be made safe.
        """
