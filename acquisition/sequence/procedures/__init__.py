"""Procedures: steps that make their own steps while they are carried out, and decide by what those give."""

from acquisition.sequence.procedures.acquire_background import AcquireBackground
from acquisition.sequence.procedures.acquire_intensity_series import AcquireIntensitySeries
from acquisition.sequence.procedures.centre_on_emitter import CentreOnEmitter
from acquisition.sequence.procedures.confirm_single_emitter import ConfirmSingleEmitter
from acquisition.sequence.procedures.looking import Procedure
from acquisition.sequence.procedures.power_series import PowerSeries
from acquisition.sequence.procedures.raster_scan import RasterScan

__all__ = [
    "AcquireBackground",
    "AcquireIntensitySeries",
    "CentreOnEmitter",
    "ConfirmSingleEmitter",
    "PowerSeries",
    "Procedure",
    "RasterScan",
]
