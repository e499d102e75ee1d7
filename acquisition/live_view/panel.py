"""Panels of a display, by name: what each shows, what it is computed from, and by which function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from acquisition.live_view.run_scene import CameraShot, Readings
from acquisition.live_view.state_results import StateResults

if TYPE_CHECKING:  # it comes with compiled code, which a session loads only when a run starts
    from acquisition.analysis.live_frame import LiveFrame
    from acquisition.live_view.alignment import AlignmentSeen


class Kind(StrEnum):
    """How often a panel has something new, and at what cost."""

    STREAM = "stream"
    """With each snapshot; cheap."""
    STATES = "states"
    """Every few seconds, from an analysis of everything recorded so far, which runs only if somebody looks."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that panels are computed from, as it stands; None where there is nothing yet.

    Attributes
    ----------
    stream : LiveFrame or None
        The photons of the present or last point.
    readings : Readings or None
        What the instruments said in the last minutes.
    camera : CameraShot or None
        The last frame of the camera.
    goals : sequence of dict or None
        How far each goal of the point is.
    states : StateResults or None
        The newest analysis of the point.
    alignment : AlignmentSeen or None
        What there is to see of an alignment.
    """

    stream: "LiveFrame | None" = None
    readings: Readings | None = None
    camera: CameraShot | None = None
    goals: tuple[dict[str, Any], ...] | None = None
    states: StateResults | None = None
    alignment: "AlignmentSeen | None" = None


SOURCES = ("stream", "readings", "camera", "goals", "states", "alignment")

Compute: TypeAlias = Callable[[Scene], Mapping[str, Any] | None]
"""Returns numbers, text, lists, dicts and arrays, with units in their names; None if there is nothing to show yet."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Something that a display shows.

    Attributes
    ----------
    name : str
        By which it is asked for.
    title : str
        For people.
    kind : Kind
    compute : callable
        From a `Scene` to plain data.
    sources : tuple of str
        Fields of the scene that it looks at; it is computed anew only when one of them has changed.
    """

    name: str
    title: str
    kind: Kind
    compute: Compute
    sources: tuple[str, ...]

    def about(self) -> dict[str, str]:
        """Return name, title and kind as plain data."""
        return {"name": self.name, "title": self.title, "kind": str(self.kind)}


PANELS: dict[str, Panel] = {}
"""All panels that have registered themselves, by name."""


def panel(
    name: str, title: str, kind: Kind = Kind.STREAM, sources: tuple[str, ...] | None = None
) -> Callable[[Compute], Compute]:
    """Register a function as a panel.

    Parameters
    ----------
    name, title, kind, sources
        As of `Panel`; without `sources` it looks at what its kind is named after.

    Raises
    ------
    ValueError
        If there is another panel of that name, or no such source.
    """
    looked_at = (str(kind),) if sources is None else sources
    unknown = [source for source in looked_at if source not in SOURCES]
    if unknown:
        raise ValueError(f"panel {name!r}: {unknown[0]!r} is no source; there are {', '.join(SOURCES)}")

    def register(compute: Compute) -> Compute:
        if name in PANELS:
            raise ValueError(f"panel {name!r}: there is one of that name already; choose another")
        PANELS[name] = Panel(name, title, kind, compute, looked_at)
        return compute

    return register
