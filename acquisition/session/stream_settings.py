"""How patient an acquisition is: time of the wall waits for no analysis, simulated time does."""

from acquisition.rig import Rig
from acquisition.streaming import StreamSettings

REAL = StreamSettings(shed=True)
SIMULATED = StreamSettings(shed=False, block_timeout_s=120.0, stop_timeout_s=60.0, analysis_timeout_s=600.0)
"""A simulated detector waits for the analysis, looks at its goal included, and may compile before its first block."""


def stream_settings(rig: Rig) -> StreamSettings:
    """Return the settings of a rig; simulated instruments at the ends of real wires wait for nobody, either."""
    return SIMULATED if rig.on_simulated_time else REAL
