"""An Andor spectrograph on a double of its library."""

from drivers.interfaces.clock import WallClock
from drivers.spectrograph.andor_settings import AndorSpectrographSettings
from drivers.spectrograph.andor_spectrograph import AndorSpectrograph
from simulators.faults import FaultBoard
from simulators.sdk.andor_spectrograph import AndorSpectrographDouble, SpectrographOptics
from tests.drivers.camera.recording import Recorded

SETTINGS = AndorSpectrographSettings(library="simulated", simulated=True, move_timeout_s=5.0)


def double(optics: SpectrographOptics | None = None, faults: FaultBoard | None = None) -> AndorSpectrographDouble:
    return AndorSpectrographDouble(faults or FaultBoard(WallClock()), optics)


def spectrograph_on(library: AndorSpectrographDouble | Recorded, **settings: object) -> AndorSpectrograph:
    return AndorSpectrograph("spectrograph", SETTINGS.model_copy(update=settings), library=library)
