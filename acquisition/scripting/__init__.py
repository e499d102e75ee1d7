"""Measuring from a script or notebook: a rig, and steps as plain Python that may decide by what was measured before."""

from acquisition.scripting.opening import acknowledge_interlock, open_rig
from acquisition.scripting.running import RunFailed, RunResult, run_steps

__all__ = ["RunFailed", "RunResult", "acknowledge_interlock", "open_rig", "run_steps"]
