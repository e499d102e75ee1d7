"""What the simulated lSPAD writes as text: counts per pixel, and records as lines."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulators.wire.lspad_records import FIRST_MARKER
from simulators.wire.lspad_settings import PIXELS, ChipMap


def counts(records: NDArray[np.uint8], chip_map: ChipMap) -> NDArray[np.int64]:
    """Return the photons of each physical pixel, shape (320,), among records of shape (n, 7)."""
    photons = records[records[:, 1] < FIRST_MARKER]
    found: NDArray[np.int64] = np.bincount(chip_map.position[photons[:, 0], photons[:, 1]], minlength=PIXELS)
    return found


def intensity_lines(frames: Sequence[NDArray[np.int64]]) -> bytes:
    """Return the answer of an intensity measurement: 160 lines of two pixels for one frame, else a line per frame."""
    if len(frames) == 1:
        pairs = enumerate(frames[0].reshape(-1, 2).tolist())
        lines = [f"{2 * k},{even},{2 * k + 1},{odd}" for k, (even, odd) in pairs]
    else:
        lines = [",".join(map(str, [number, *frame.tolist()])) for number, frame in enumerate(frames)]
    return "".join(f"{line}\n" for line in lines).encode()


def spectrum_lines(frames: Sequence[NDArray[np.int64]], lowest_nm: float, highest_nm: float) -> bytes:
    """Return the answer of a spectral measurement: a line of wavelengths, then a line of counts per frame."""
    wavelengths = ",".join(f"{nm:.2f}" for nm in np.linspace(lowest_nm, highest_nm, PIXELS))
    lines = [wavelengths, *(",".join(map(str, frame.tolist())) for frame in frames)]
    return "".join(f"{line}\n" for line in lines).encode()


def stream_lines(records: NDArray[np.uint8]) -> bytes:
    """Return records of shape (n, 7) as lines of chip, id, coarse and fine."""
    wide = records.astype(np.int64)
    coarse = wide[:, 2] << 8 | wide[:, 3]
    fine = wide[:, 4] << 16 | wide[:, 5] << 8 | wide[:, 6]
    rows = zip(wide[:, 0].tolist(), wide[:, 1].tolist(), coarse.tolist(), fine.tolist(), strict=True)
    return "".join(f"{chip},{identity},{tick},{rest}\n" for chip, identity, tick, rest in rows).encode()
