"""Time offsets of the pixels, found in the rise of drawn decays."""

import numpy as np
import pytest
from numpy.typing import NDArray

from acquisition.analysis.pixel_offsets import pixel_offsets_ns

PIXELS, BIN_NS, ZERO_NS = 40, 0.5, 21.3
OFFSETS_NS = 0.15 * np.random.default_rng(0).standard_normal(PIXELS)
LEVEL = 20.0


def drawn_map(seed: int, photons: float, offsets_ns: NDArray[np.float64]) -> NDArray[np.int64]:
    """Biexponential decays, one per pixel, on dark counts; the share of the fast one differs as in real spectra."""
    rng = np.random.default_rng(seed)
    edges_ns = np.arange(401) * BIN_NS
    fast = np.linspace(0.06, 0.1, PIXELS)[:, None]
    t = np.maximum(edges_ns[None, :] - ZERO_NS - offsets_ns[:, None], 0.0)
    decay = -np.diff((1 - fast) * np.exp(-t / 59.0) + fast * np.exp(-t / 11.2), axis=1)
    return rng.poisson(photons * decay + LEVEL).astype(np.int64)


def found(mapped: NDArray[np.int64], zero_bin: int = 42) -> NDArray[np.float64]:
    return pixel_offsets_ns(mapped, np.full(len(mapped), LEVEL), zero_bin, BIN_NS)


def test_offsets_are_found_to_a_few_hundredths_of_a_nanosecond() -> None:
    left = found(drawn_map(1, 150_000, OFFSETS_NS)) - (OFFSETS_NS - OFFSETS_NS.mean())
    assert np.std(left) < 0.05
    assert np.std(OFFSETS_NS) > 0.1


def test_offsets_remove_what_a_gate_does_to_the_spectrum() -> None:
    mapped = drawn_map(2, 2_000_000, OFFSETS_NS)
    gated = (mapped - LEVEL)[:, 120:].sum(axis=1)
    true = gated / np.exp((OFFSETS_NS - OFFSETS_NS.mean()) / 59.0)
    corrected = gated / np.exp(found(mapped) / 59.0)
    assert np.std(corrected / true) < 0.25 * np.std(gated / true)


def test_pixels_without_offsets_are_left_alone() -> None:
    assert np.std(found(drawn_map(3, 150_000, np.zeros(PIXELS)))) < 0.02


def test_noise_is_not_taken_for_offsets() -> None:
    assert np.std(found(drawn_map(4, 2_000, np.zeros(PIXELS)))) < 0.15


@pytest.mark.parametrize("zero_bin", [0, 2, 396, 399])
def test_a_rise_at_the_end_of_the_period_gives_no_offsets(zero_bin: int) -> None:
    assert np.all(found(drawn_map(5, 150_000, OFFSETS_NS), zero_bin) == 0.0)


def test_dark_pixels_have_no_offset() -> None:
    mapped = drawn_map(6, 150_000, OFFSETS_NS)
    mapped[7] = np.random.default_rng(1).poisson(LEVEL, mapped.shape[1])
    assert found(mapped)[7] == 0.0
    assert np.all(found(np.zeros_like(mapped)) == 0.0)


def test_bins_too_wide_to_see_a_rise_give_no_offsets() -> None:
    mapped = drawn_map(7, 150_000, OFFSETS_NS)
    assert np.all(pixel_offsets_ns(mapped, np.full(PIXELS, LEVEL), 42, 4.0) == 0.0)
