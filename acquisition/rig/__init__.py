"""The instruments in their roles. The only package that knows concrete drivers and simulators."""

from acquisition.rig.file import RigFile
from acquisition.rig.limits import RigLimits
from acquisition.rig.opening import open_rig
from acquisition.rig.rig import Rig
from acquisition.rig.safety import NotSafeError

__all__ = ["NotSafeError", "Rig", "RigFile", "RigLimits", "open_rig"]
