"""The live analysis of a run; the compiled code is loaded only when a run starts."""

from collections.abc import Iterator

import numpy as np

from acquisition.analysis.recording import Calibration
from acquisition.streaming import LiveConsumer
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

_SECONDS = 12
_PULSES_PER_S = 1_000_000
_SIGNAL_CPS, _DARK_CPS = 10_000, 10_000


def new_live_analysis(info: PhotonStreamInfo, calibration: Calibration) -> LiveConsumer:
    """Return the live analysis of one point."""
    from acquisition.analysis.live import LiveAnalysis

    return LiveAnalysis(info, calibration)


def warm_up(pixel_count: int, calibration: Calibration) -> None:
    """Run the live analysis over a made-up stream, so that all of it is compiled before any source is on."""
    info = PhotonStreamInfo(1e12 / _PULSES_PER_S, True, 20.0, pixel_count)
    live = new_live_analysis(info, calibration)
    for block in _made_up_blocks(pixel_count):
        live.update(block)
    live.snapshot()


def _made_up_blocks(pixel_count: int) -> Iterator[PhotonBlock]:
    """Yield an exponential decay on a few pixels above dark counts, in blocks of 1 s."""
    rng = np.random.default_rng(0)
    count = _SIGNAL_CPS + _DARK_CPS
    for second in range(_SECONDS):
        first = second * _PULSES_PER_S
        delay_ns = np.concatenate([20 + rng.exponential(50, _SIGNAL_CPS), rng.uniform(0, 1000, _DARK_CPS)])
        bright = rng.normal(0.5 * pixel_count, 0.03 * pixel_count, _SIGNAL_CPS)
        pixel = np.concatenate([np.clip(bright, 0, pixel_count - 1), rng.integers(0, pixel_count, _DARK_CPS)])
        yield PhotonBlock(
            pulse=np.sort(rng.integers(first, first + _PULSES_PER_S, count)),
            pixel=pixel.astype(np.uint16),
            delay_ps=(1e3 * np.minimum(delay_ns, 999.0)).astype(np.uint32),
            first_pulse=first,
            end_pulse=first + _PULSES_PER_S,
        )
