"""The newest state of everything that a display of one run shows; whoever looks pulls it, and waits for nothing."""

import itertools
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from acquisition.analysis.recording import Calibration
from acquisition.live_view.panel import PANELS, SOURCES, Kind, Panel, Scene
from acquisition.live_view.run_scene import CameraShot, ReadingsKept
from acquisition.live_view.state_results import StateResults
from drivers.interfaces.camera import Frame
from drivers.interfaces.photons import PhotonStreamInfo

if TYPE_CHECKING:
    from acquisition.live_view.alignment import AlignmentSeen
    from acquisition.live_view.stream_view import StreamView

_VERSIONS = itertools.count(int(time.time()) << 20)
"""Rises from display to display, and, as it begins with the time, from process to process."""


class LiveDisplay:
    """What is known of a run, for displays. All methods may be called from any thread; none waits.

    Attributes
    ----------
    ask_states : callable
        Is called, often, while somebody looks at panels that need an analysis of what is recorded so far.
    goals : callable
        Returns how far the goals of a point are, given its number, its time in s and its cascades; None without goals.
    """

    def __init__(self) -> None:
        self.ask_states: Callable[[], None] = lambda: None
        self.goals: Callable[[int, float, int], Sequence[dict[str, Any]] | None] = lambda point, time_s, cascades: None
        self._lock = threading.Lock()
        self._scene = Scene()
        self._changed = dict.fromkeys(SOURCES, next(_VERSIONS))
        self._about: dict[str, Any] = {"point": None, "label": None}
        self._view: StreamView | None = None
        self._readings = ReadingsKept()
        self._problem = ""
        self._computed: dict[str, tuple[int, dict[str, Any] | None]] = {}

    def new_stream(
        self,
        point: int | None,
        label: str | None,
        info: PhotonStreamInfo,
        calibration: Calibration,
        *,
        shown: bool = True,
    ) -> "StreamView":
        """Return the live analysis of a new point, or of photons that are looked at only.

        It is shown from now on, or from `show_stream` on, as photons of the past would be taken for present ones.
        """
        from acquisition.analysis.live import LiveAnalysis
        from acquisition.live_view.stream_view import StreamView

        view: StreamView
        view = StreamView(
            point or 0,
            LiveAnalysis(info, calibration),
            lambda frame: self._put(view, stream=frame),
            self._fail,
        )
        if shown:
            self.show_stream(view, point, label)
        return view

    def show_stream(self, view: "StreamView", point: int | None, label: str | None) -> None:
        """Show a stream from now on, new or seen before; `point` is None if it is none of a run."""
        with self._lock:
            if view is self._view:
                return
            self._view, self._problem = view, ""
            self._about = {"point": point, "label": label}
            self._set(stream=None, goals=None, states=None)

    def show_alignment(self, seen: "AlignmentSeen") -> None:
        """Take what there is to see of an alignment."""
        with self._lock:
            self._set(alignment=seen)

    def show_readings(self, time_s: float, row: Mapping[str, Any]) -> None:
        """Take a row of slow readings."""
        readings = self._readings.add(time_s, row)
        with self._lock:
            self._set(readings=readings)

    def show_frame(self, point: int, label: str | None, frame: Frame, wavelength_nm: Sequence[float]) -> None:
        """Take a frame of the camera."""
        shot = CameraShot(frame, np.array(wavelength_nm) if len(wavelength_nm) else None)
        with self._lock:
            self._about = {"point": point, "label": label}
            self._set(camera=shot)

    def show_states(self, point: int, states: StateResults) -> None:
        """Take the newest analysis of a point; no effect if another one is shown meanwhile."""
        with self._lock:
            if point == self._about["point"]:
                self._set(states=states)

    @property
    def point(self) -> int | None:
        """The point that is shown; None before the first."""
        point: int | None = self._about["point"]
        return point

    @property
    def elapsed_s(self) -> float:
        """Time of the stream of the point that is shown, in s."""
        view = self._view
        return 0.0 if view is None else view.snapshot().elapsed_s

    @property
    def photons(self) -> int:
        """Number of photons of the stream of the point that is shown."""
        view = self._view
        return 0 if view is None else view.snapshot().photons

    def live(self, since: int | None = None, panels: Iterable[str] | None = None) -> dict[str, Any]:
        """Return what has changed; see `Session.live`.

        Raises
        ------
        ValueError
            If there is no panel of a name; says which there are.
        """
        asked = _panels(panels)
        self._ask(asked)
        with self._lock:
            scene, changed, about, problem = self._scene, dict(self._changed), self._about, self._problem
        version = max(changed.values())
        if since == version:
            return {"version": version}
        before = since if since is not None and since < version else -1
        new = [each for each in asked if _version(each, changed) > before]
        found = {each.name: self._compute(each, scene, _version(each, changed)) for each in new}
        answer: dict[str, Any] = {"version": version, **about, "problem": problem, "panels": found}
        if before < 0:
            answer["available"] = [each.about() for each in PANELS.values()]
        return answer

    def _ask(self, asked: Sequence[Panel]) -> None:
        """Let what is asked for be made."""
        view = self._view
        if view is not None:
            view.ask()
            if any("goals" in each.sources for each in asked):
                numbers = view.snapshot()
                self._put_goals(view, self.goals(view.point, numbers.elapsed_s, numbers.cascades))
        if any(each.kind is Kind.STATES for each in asked):
            self.ask_states()

    def _compute(self, panel: Panel, scene: Scene, version: int) -> dict[str, Any] | None:
        """Return what a panel shows; it is computed once, however many look."""
        known = self._computed.get(panel.name)
        if known is not None and known[0] == version:
            return known[1]
        try:
            found = panel.compute(scene)
            content = None if found is None else {key: _plain(value) for key, value in found.items()}
        except Exception as error:  # one panel that fails leaves the others
            content = {"problem": f"the panel {panel.name} failed: {error!r}"}
        self._computed[panel.name] = version, content
        return content

    def _put_goals(self, view: "StreamView", goals: Sequence[dict[str, Any]] | None) -> None:
        found = None if goals is None else tuple(goals)
        if found != self._scene.goals:
            self._put(view, goals=found)

    def _put(self, view: "StreamView", **sources: Any) -> None:
        """Take what belongs to a stream, if that is still the one that is shown."""
        with self._lock:
            if view is self._view:
                self._set(**sources)

    def _fail(self, problem: str) -> None:
        with self._lock:
            self._problem = problem
            self._set(stream=self._scene.stream)

    def _set(self, **sources: Any) -> None:
        """Replace sources; the caller holds the lock."""
        self._scene = replace(self._scene, **sources)
        version = next(_VERSIONS)
        self._changed.update(dict.fromkeys(sources, version))


def _panels(names: Iterable[str] | None) -> list[Panel]:
    if names is None:
        return [each for each in PANELS.values() if each.kind is Kind.STREAM]
    wanted = list(names)
    unknown = [name for name in wanted if name not in PANELS]
    if unknown:
        raise ValueError(f"{unknown[0]!r:.60} is no panel; there are {', '.join(PANELS)}")
    return [PANELS[name] for name in dict.fromkeys(wanted)]


def _version(panel: Panel, changed: Mapping[str, int]) -> int:
    return max(changed[source] for source in panel.sources)


def _plain(value: Any) -> Any:
    """Return numbers of numpy as plain ones, and None for those that are not finite; arrays stay as they are."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
