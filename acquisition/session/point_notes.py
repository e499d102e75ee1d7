"""What the journal of a run says of its points beside their photons: looks at goals, goals reached, doubtful pulses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from acquisition.sequence import SequenceError
from acquisition.session.goals import Found, Reached


@dataclass(frozen=True, slots=True)
class PointNotes:
    """Notes on the points of a run, by their number.

    Attributes
    ----------
    looks : dict
        What each look at a point has found.
    reached : dict
        The goal that a point has reached.
    doubtful : dict
        Ranges of pulses before a suspension: ``from_pulse``, ``to_pulse`` (behind the last) and ``reason``.
    """

    looks: dict[int, list[Found]] = field(default_factory=dict)
    reached: dict[int, Reached] = field(default_factory=dict)
    doubtful: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    def take(self, event: Mapping[str, Any]) -> None:
        """Take an event of the journal, of whatever kind.

        Raises
        ------
        SequenceError
            If it lacks what it should say.
        """
        try:
            match event.get("event"):
                case "goal_look":
                    found = Found(float(event["elapsed_s"]), str(event["found"]), float(event["next_s"]))
                    self.looks.setdefault(int(event["point"]), []).append(found)
                case "goal_reached":
                    self.reached[int(event["point"])] = Reached(float(event["elapsed_s"]), str(event["reason"]))
                case "data_doubtful":
                    doubt = {
                        "from_pulse": int(event["from_pulse"]),
                        "to_pulse": int(event["to_pulse"]),
                        "reason": str(event["reason"]),
                    }
                    self.doubtful.setdefault(int(event["point"]), []).append(doubt)
        except (KeyError, TypeError, ValueError) as error:
            raise SequenceError(f"the journal holds an event that cannot be used: {dict(event)}") from error


def read_point_notes(events: Iterable[Mapping[str, Any]]) -> PointNotes:
    """Return what the events of a journal, of all processes of a run, say of its points. Raises `SequenceError`."""
    notes = PointNotes()
    for event in events:
        notes.take(event)
    return notes
