"""Micro-Manager's core with a stage, a focus drive and a filter wheel that move in real time, and break when told."""

import threading
import time

from drivers.attenuator.micro_manager import MicroManagerAttenuator, MicroManagerAttenuatorSettings
from drivers.attenuator.positions import AttenuatorPosition
from drivers.focus.micro_manager import MicroManagerFocus, MicroManagerFocusSettings
from drivers.stage.micro_manager import MicroManagerStage, MicroManagerStageSettings
from drivers.wire.micro_manager import Cores

SPEED_UM_PER_S = 2000.0


class Axis:
    """Moves at a constant speed."""

    def __init__(self):
        self.from_um = self.to_um = 0.0
        self.begin = time.monotonic()
        self.stuck = False

    def now_um(self):
        way = self.to_um - self.from_um
        gone = 0.0 if self.stuck else SPEED_UM_PER_S * (time.monotonic() - self.begin)
        return self.to_um if gone >= abs(way) else self.from_um + (gone if way > 0 else -gone)

    def set_off(self, to_um):
        self.from_um, self.to_um, self.begin = self.now_um(), to_um, time.monotonic()

    def halt(self):
        self.from_um = self.to_um = self.now_um()

    @property
    def busy(self):
        return not self.stuck and self.now_um() != self.to_um


class FakeCore:
    """What the drivers use of `CMMCorePlus`."""

    def __init__(self, library="NikonTi2"):
        self.library = library
        self.axes = {"XY": (Axis(), Axis()), "Z": (Axis(),)}
        self.label = "open"
        self.hang = None
        self.broken = ""
        self.answers = {}
        self.calls = []
        self.unloaded = threading.Event()

    def _begin(self, name):
        self.calls.append(name)
        if self.hang is not None and name in self.hang[0]:
            self.hang[1].wait(20)
        if self.broken == name:
            raise RuntimeError('Error in device "XY": (serial timeout)')
        if name in self.answers:
            return self.answers[name]
        return None

    def getLoadedDevices(self):  # noqa: N802
        self._begin("getLoadedDevices")
        return ("XY", "Z", "Wheel", "Core")

    def getDeviceLibrary(self, label):  # noqa: N802
        return self.library

    def getDeviceName(self, label):  # noqa: N802
        return f"{label} of a microscope"

    def getVersionInfo(self):  # noqa: N802
        return "MMCore version 12"

    def unloadAllDevices(self):  # noqa: N802
        self._begin("unloadAllDevices")
        self.unloaded.set()

    def deviceBusy(self, label):  # noqa: N802
        self._begin("deviceBusy")
        return any(axis.busy for axis in self.axes.get(label, ()))

    def stop(self, label):
        self._begin("stop")
        for axis in self.axes[label]:
            axis.halt()

    def setXYPosition(self, label, x, y):  # noqa: N802
        self._begin("setXYPosition")
        for axis, value in zip(self.axes[label], (x, y), strict=True):
            axis.set_off(value)

    def getXYPosition(self, label):  # noqa: N802
        said = self._begin("getXYPosition")
        return tuple(axis.now_um() for axis in self.axes[label]) if said is None else said

    def setPosition(self, label, position):  # noqa: N802
        self._begin("setPosition")
        self.axes[label][0].set_off(position)

    def getPosition(self, label):  # noqa: N802
        said = self._begin("getPosition")
        return self.axes[label][0].now_um() if said is None else said

    def setProperty(self, label, name, value):  # noqa: N802
        self._begin("setProperty")
        self.label = value

    def getProperty(self, label, name):  # noqa: N802
        said = self._begin("getProperty")
        return self.label if said is None else said


TRAVEL = {"x_low_um": -1000.0, "x_high_um": 1000.0, "y_low_um": -800.0, "y_high_um": 800.0}
POSITIONS = tuple(
    AttenuatorPosition(position=position, transmission_percent=percent)
    for position, percent in (("open", 100.0), ("ND1", 9.3), ("ND2", 1.1))
)


def cores_with(core):
    return Cores(lambda settings: core)


def stage_on(core, cores=None, **more):
    given = {"config": "rig.cfg", "device": "XY", **TRAVEL, **more}
    return MicroManagerStage("stage", MicroManagerStageSettings(**given), cores or cores_with(core))


def focus_on(core, cores=None, **more):
    given = {"config": "rig.cfg", "device": "Z", "z_low_um": -500.0, "z_high_um": 500.0, **more}
    return MicroManagerFocus("focus", MicroManagerFocusSettings(**given), cores or cores_with(core))


def attenuator_on(core, cores=None, **more):
    given = {"config": "rig.cfg", "device": "Wheel", "positions": POSITIONS, **more}
    return MicroManagerAttenuator("attenuator", MicroManagerAttenuatorSettings(**given), cores or cores_with(core))
