"""All accumulators once more in plain Python, slow and easy to read; the compiled pass must equal it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from acquisition.analysis.accumulators import Accumulated

Arrays: TypeAlias = dict[str, NDArray[np.int64]]


@dataclass(frozen=True)
class Photon:
    """A photon with its corrected delay, and the charge state of its bin (-1: none)."""

    pulse: int
    pixel: int
    delay_ps: int
    state: int


@dataclass(frozen=True)
class Rules:
    """What the accumulators count, in plain numbers."""

    period_ps: int
    bin_ps: int
    fine_ps: int
    pulses_per_bin: int
    region: tuple[int, int]
    masked: frozenset[int]
    window: tuple[int, int]
    group_edges: tuple[int, ...]
    near_pixels: int
    near_ps: int
    max_lag: int
    offset_ps: tuple[int, ...]
    labels: tuple[int, ...] | None

    def photon(self, pulse: int, pixel: int, delay_ps: int) -> Photon:
        time_bin = pulse // self.pulses_per_bin
        state = 0
        if self.labels is not None:
            state = self.labels[time_bin] if time_bin < len(self.labels) else -1
        return Photon(pulse, pixel, (delay_ps - self.offset_ps[pixel]) % self.period_ps, state)

    def in_region(self, photon: Photon) -> bool:
        return self.region[0] <= photon.pixel < self.region[1] and photon.pixel not in self.masked

    def is_selected(self, photon: Photon) -> bool:
        return self.in_region(photon) and self.window[0] <= photon.delay_ps // self.bin_ps < self.window[1]

    def is_pair(self, a: Photon, b: Photon) -> bool:
        apart = abs(a.pixel - b.pixel)
        crosstalk = apart <= self.near_pixels and abs(a.delay_ps - b.delay_ps) < self.near_ps
        return a.state == b.state and apart != 0 and not crosstalk


def reference(rules: Rules, photons: Sequence[tuple[int, int, int]], shape: Accumulated) -> Arrays:
    """Return every accumulator of a stream; `shape` says how large they are."""
    names = ("pixel_delay", "fine_delay", "trace", "trace_delay_ps", "pair_lag", "first", "second", "cascades")
    out = {name: np.zeros_like(getattr(shape, name)) for name in names}
    every = [rules.photon(*photon) for photon in photons]
    for photon in every:
        if photon.state >= 0:
            out["pixel_delay"][photon.state, photon.pixel, photon.delay_ps // rules.bin_ps] += 1
        if rules.in_region(photon):
            out["fine_delay"][photon.delay_ps // rules.fine_ps] += 1
        if rules.is_selected(photon):
            group = sum(edge <= photon.delay_ps // rules.bin_ps for edge in rules.group_edges) - 1
            out["trace"][photon.pulse // rules.pulses_per_bin, group] += 1
            out["trace_delay_ps"][photon.pulse // rules.pulses_per_bin] += photon.delay_ps
    selected = [photon for photon in every if rules.is_selected(photon) and photon.state >= 0]
    _count_pairs(rules, selected, out)
    for _, group_of_pulse in groupby(selected, key=lambda photon: photon.pulse):
        pulse = list(group_of_pulse)
        if len(pulse) == 2 and rules.is_pair(*pulse):
            out["cascades"][pulse[0].state] += 1
    return out


def _count_pairs(rules: Rules, selected: Sequence[Photon], out: Arrays) -> None:
    for a, b in combinations(selected, 2):
        lag = b.pulse - a.pulse
        if lag > rules.max_lag or not rules.is_pair(a, b):
            continue
        early, late = (b, a) if b.delay_ps < a.delay_ps else (a, b)
        out["pair_lag"][a.state, lag, early.delay_ps // rules.bin_ps] += 1
        if lag == 0:
            out["first"][a.state, early.pixel, early.delay_ps // rules.bin_ps] += 1
            out["second"][a.state, late.pixel, late.delay_ps // rules.bin_ps] += 1
