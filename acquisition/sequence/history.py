"""What a run has done before it was broken off, from its journal, so that it can go on in another process."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from acquisition.sequence.describe import describe
from acquisition.sequence.errors import SequenceError
from acquisition.sequence.steps import PlainStep

MAKES_A_POINT = ("acquire_photons", "acquire_spectra")
"""Kinds of steps each of which is a point of the run."""


@dataclass(frozen=True, slots=True)
class History:
    """Steps that have been carried out.

    Attributes
    ----------
    begun : mapping
        Digest and text of each step that was started, by its number.
    done : mapping
        Values of each step that was ended, by its number.
    acquisitions : tuple of int
        Numbers of the steps that acquire photons or frames, in their order: the first made point 1.
    completed : mapping
        What the journal says of each point that was completed, by the number of the point.
    skipped : frozenset of int
        Numbers of the steps that were ended without having been carried out.
    kept : mapping
        What a step had written down to go on by, by its number.
    extended : mapping
        By how much points were extended, in s, by the number of the point.
    interruption : str
        Why the run did not go on, in words; for the gap in a point that is continued.
    """

    begun: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    done: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    acquisitions: tuple[int, ...] = ()
    completed: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    interruption: str = ""
    skipped: frozenset[int] = frozenset()
    kept: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    extended: Mapping[int, float] = field(default_factory=dict)

    @property
    def open_point(self) -> int | None:
        """The point that was being measured when the run was broken off; None if there was none."""
        for point, number in enumerate(self.acquisitions, 1):
            if number not in self.done and point not in self.completed:
                return point
        return None

    def has_begun(self, number: int) -> bool:
        """Return whether a step had begun and not ended when the run was broken off."""
        if number in self.acquisitions and self.acquisitions.index(number) + 1 in self.completed:
            return False
        return number in self.begun and number not in self.done

    def values(self, number: int, step: PlainStep) -> dict[str, Any] | None:
        """Return the values of a step that has been carried out; None if it has not.

        Raises
        ------
        SequenceError
            If another step stood at this place.
        """
        if number not in self.begun:
            return None
        digest, text = self.begun[number]
        if digest != digest_of(step):
            raise SequenceError(
                f"step {number} of the run was {text!r}, but the sequence now says {describe(step)!r}; "
                "resume with the sequence as it was run"
            )
        return self.done.get(number)


def read_history(events: Iterable[Mapping[str, Any]]) -> History:
    """Return the history that the events of a journal tell, of all processes that worked on the run.

    Raises
    ------
    SequenceError
        If an event lacks what it should say.
    """
    begun: dict[int, tuple[str, str]] = {}
    done: dict[int, dict[str, Any]] = {}
    completed: dict[int, Mapping[str, Any]] = {}
    acquisitions: set[int] = set()
    skipped: set[int] = set()
    kept: dict[int, dict[str, Any]] = {}
    extended: dict[int, float] = {}
    for event in events:
        if event.get("cleanup"):
            continue  # done again by each process
        try:
            if event.get("event") == "step_started":
                begun[int(event["step"])] = str(event["digest"]), str(event["text"])
                if event["kind"] in MAKES_A_POINT:
                    acquisitions.add(int(event["step"]))
            elif event.get("event") == "step_ended":
                done[int(event["step"])] = dict(event["values"])
                if event.get("skipped"):
                    skipped.add(int(event["step"]))
            elif event.get("event") == "step_keeps":
                kept.setdefault(int(event["step"]), {})[str(event["name"])] = event["value"]
            elif event.get("event") == "extended":
                extended[int(event["point"])] = extended.get(int(event["point"]), 0.0) + float(event["seconds"])
            elif event.get("event") == "point_completed":
                completed[int(event["point"])] = {**event, "ending": str(event["ending"])}
        except (KeyError, TypeError, ValueError) as error:
            raise SequenceError(f"the journal holds an event that cannot be used: {dict(event)}") from error
    why = "the run was broken off"
    return History(begun, done, tuple(sorted(acquisitions)), completed, why, frozenset(skipped), kept, extended)


def digest_of(step: PlainStep) -> str:
    """Return what tells a step from others: kind and settings, not its note or whether it may be retried."""
    content = step.model_dump_json(exclude={"note", "retry", "enabled", "repeatable"})
    return sha256(content.encode()).hexdigest()[:16]
