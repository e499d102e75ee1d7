"""What a person looks at who finds and centres an emitter: the rate of the moment, its history, dose and drift."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.gaps import outside_gaps
from acquisition.live_view.drifting import bleaching, rate_share_per_min
from acquisition.live_view.panel import Scene, panel
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

RATE_S = 0.1
"""Time of the stream of which the rate of the moment is that."""
HISTORY_S = 60.0
BIN_S = 0.1
SPECTRUM_S = 1.0
REFERENCE_S = 5.0
"""First light at a place, with which later light is compared."""

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class AlignmentSeen:
    """What there is to see of an alignment at one moment; see the panel ``alignment``."""

    content: Mapping[str, Any]


@dataclass(slots=True)
class _Counted:
    """Counts of a stretch of the stream, by its end in s of the wall."""

    at_s: float
    counts: float = 0.0
    exposed_s: float = 0.0


@dataclass(slots=True)
class _Reference:
    """The first light at a place, and what is compared with it."""

    since_s: float
    counts: float = 0.0
    exposed_s: float = 0.0
    focus_um: float | None = None


@dataclass(frozen=True, slots=True)
class Background:
    """Count rate of the whole array without the emitter.

    Attributes
    ----------
    rate_cps, error_cps : float
        In counts/s.
    mode : str
        ``dark``, or ``off_dot``: with the light that was on.
    time_s : float
        When it was found, since the alignment began.
    """

    rate_cps: float
    error_cps: float
    mode: str
    time_s: float


OFF_DOT = "off_dot"


@dataclass(slots=True)
class _Known:
    """What others have found."""

    backgrounds: dict[str, Background] = field(default_factory=dict)
    dose: Mapping[str, Any] = field(default_factory=dict)
    focus_um: float | None = None


class AlignmentMeter:
    """Counts what comes; takes each block from one thread, and may be asked from any.

    Parameters
    ----------
    pixel_count : int
        Of the detector.
    wavelength_nm : float64 array or None, shape (pixels,)
    now : callable
        Returns the time of the wall in s.
    """

    def __init__(
        self, pixel_count: int, wavelength_nm: Array | None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._now, self._wavelength_nm, self._pixel_count = now, wavelength_nm, pixel_count
        self._lock = threading.Lock()
        self._begin_s = now()
        self._period_s, self._lit = 1e-6, False
        self._recent: deque[_Counted] = deque()
        self._history: deque[_Counted] = deque()
        self._spectra: deque[tuple[Array, float]] = deque()
        self._reference = _Reference(0.0)
        self._known = _Known()

    def begin(self, info: PhotonStreamInfo, *, lit: bool) -> None:
        """Take note of the stream whose blocks come next, and whether light falls on the sample."""
        with self._lock:
            self._period_s, self._lit = info.period_ps * 1e-12, lit

    def rest(self) -> None:
        """Take note that no photons come for a while: nothing is known of the rate of the moment."""
        with self._lock:
            self._recent.clear()
            self._spectra.clear()

    def compare_anew(self) -> None:
        """Forget the light with which later light is compared, and what it gave beside the emitter.

        Place or light are others now; a dark background stays what it was.
        """
        with self._lock:
            self._known.backgrounds.pop(OFF_DOT, None)
            self._reference = _Reference(self.time_s)

    def know(self, **what: Any) -> None:
        """Take note of ``dose`` or ``focus_um`` as others have found them."""
        with self._lock:
            for name, value in what.items():
                setattr(self._known, name, value)
            if self._reference.focus_um is None:
                self._reference.focus_um = self._known.focus_um

    def know_background(self, mode: str, rate_cps: float, error_cps: float) -> None:
        """Take note of a background, ``dark`` or ``off_dot``; the latter has the dark one in it, and holds first."""
        with self._lock:
            self._known.backgrounds[mode] = Background(rate_cps, error_cps, mode, self.time_s)

    def append(self, block: PhotonBlock) -> None:
        """Count a block."""
        keep, pulses = outside_gaps(block)
        by_pixel = np.bincount(block.pixel[keep], minlength=self._pixel_count)
        counts, exposed_s = float(by_pixel.sum()), pulses * self._period_s
        if not exposed_s:
            return
        with self._lock:
            now_s = self.time_s
            self._recent.append(_Counted(now_s, counts, exposed_s))
            _keep(self._recent, max(RATE_S, SPECTRUM_S))
            self._spectra.append((by_pixel, exposed_s))
            while len(self._spectra) > 1 and sum(each for _, each in self._spectra) - self._spectra[0][1] >= SPECTRUM_S:
                self._spectra.popleft()
            self._add_to_history(now_s, counts, exposed_s)
            if self._lit and self._reference.exposed_s < REFERENCE_S - 1e-6:
                self._reference.counts += counts
                self._reference.exposed_s += exposed_s

    def _add_to_history(self, now_s: float, counts: float, exposed_s: float) -> None:
        if not self._history or self._history[-1].exposed_s >= BIN_S - 1e-9:
            self._history.append(_Counted(now_s))
        last = self._history[-1]
        last.at_s, last.counts, last.exposed_s = now_s, last.counts + counts, last.exposed_s + exposed_s
        while self._history[0].at_s < now_s - HISTORY_S:
            self._history.popleft()

    @property
    def time_s(self) -> float:
        """Time since the alignment began, in s of the wall."""
        return self._now() - self._begin_s

    def seen(self) -> AlignmentSeen:
        """Return what there is to see now."""
        with self._lock:
            history = np.array([(each.at_s, each.counts, each.exposed_s) for each in self._history]).reshape(-1, 3)
            return AlignmentSeen({**self._rates(history), **self._spectrum(), **self._over_time(history)})

    def _rates(self, history: Array) -> dict[str, Any]:
        counts, exposed_s = _sum(self._recent, RATE_S)
        rate = {"rate_cps": None, "rate_error_cps": None} if not exposed_s else _rate(counts, exposed_s)
        return {**rate, "rate_history_cps": history[:, 1] / history[:, 2], "history_time_s": history[:, 0].copy()}

    def _spectrum(self) -> dict[str, Any]:
        spectra = [each for each, _ in self._spectra] or [np.zeros(self._pixel_count, dtype=np.int64)]
        return {
            "spectrum_counts": np.sum(spectra, axis=0),
            "spectrum_s": sum(each for _, each in self._spectra),
            "wavelength_nm": self._wavelength_nm,
        }

    @property
    def _background(self) -> Background | None:
        """The background that holds for the present light and place."""
        found = self._known.backgrounds
        return found.get(OFF_DOT) or found.get("dark")

    def _over_time(self, history: Array) -> dict[str, Any]:
        """Return dose, bleaching and drift."""
        known, first, background = self._known, self._reference, self._background
        counts, exposed_s = _sum(self._recent, SPECTRUM_S)
        whole = first.exposed_s >= REFERENCE_S - 1e-6 and exposed_s > 0 and self._lit
        since = history[history[:, 0] > first.since_s] if self._lit else history[:0]
        moved = known.focus_um is not None and first.focus_um is not None
        return {
            "background_cps": None if background is None else background.rate_cps,
            "background_error_cps": None if background is None else background.error_cps,
            "background_mode": None if background is None else background.mode,
            "background_time_s": None if background is None else background.time_s,
            "dose": known.dose or None,
            "bleaching": bleaching(
                counts,
                exposed_s,
                first.counts,
                first.exposed_s,
                None if background is None else background.rate_cps,
                0.0 if background is None else background.error_cps,
            )
            if whole
            else None,
            "drift": {
                "focus_um": known.focus_um - first.focus_um if moved else None,  # type: ignore[operator]
                **rate_share_per_min(since),
            },
        }


def _rate(counts: float, exposed_s: float) -> dict[str, float]:
    return {"rate_cps": counts / exposed_s, "rate_error_cps": sqrt(max(counts, 1.0)) / exposed_s}


def _keep(counted: deque[_Counted], time_s: float) -> None:
    """Drop what is older than so much of the stream."""
    while len(counted) > 1 and sum(each.exposed_s for each in counted) - counted[0].exposed_s >= time_s:
        counted.popleft()


def _sum(counted: deque[_Counted], time_s: float) -> tuple[float, float]:
    """Return counts and time of the newest blocks that cover so much of the stream."""
    counts = exposed_s = 0.0
    for each in reversed(counted):
        if exposed_s >= time_s - 1e-9:
            break
        counts, exposed_s = counts + each.counts, exposed_s + each.exposed_s
    return counts, exposed_s


@panel("alignment", "Alignment", sources=("alignment",))
def alignment(scene: Scene) -> Mapping[str, Any] | None:
    """Return what helps to find and centre an emitter; None unless an alignment goes on, or was the last run.

    ``rate_cps`` with ``rate_error_cps`` are those of the whole array in the last 0.1 s of the stream;
    ``rate_history_cps`` at ``history_time_s`` (s since the alignment began, of the wall) of the last minute;
    ``spectrum_counts`` of each pixel in the last ``spectrum_s``, about 1 s; ``background_cps`` with
    ``background_error_cps`` of the whole array as an `acquire_background` has found it, ``background_mode`` (``dark``
    or ``off_dot``, which is forgotten as soon as light or place are others) and ``background_time_s``, when that was.
    ``dose`` holds ``pulses``, ``percent_s``, ``uj`` (None if the power is not known) and ``light_on_s``;
    ``bleaching`` ``value`` and ``error`` of the rate in the last second over that of the first 5 s of light at this
    place, less the background if that is known; ``drift`` ``focus_um`` since then, and ``rate_share_per_min`` with
    its error, the slope of the rate over its mean. What is not known is None.
    """
    return None if scene.alignment is None else scene.alignment.content
