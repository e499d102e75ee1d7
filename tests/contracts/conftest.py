"""Every implementation of every instrument interface, as fixtures; the suites of this folder run on each.

To add an implementation, add a function that makes it (not connected) to the table of its kind.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass

import pytest

from acquisition.replay import ReplaySpadArray
from drivers.attenuator.operator import OperatorAttenuator
from drivers.heater.vaheat import Vaheat
from drivers.heater.vaheat_settings import VaheatSettings
from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.camera import SpectrographCamera
from drivers.interfaces.device import Device
from drivers.interfaces.focus import FocusDrive
from drivers.interfaces.heater import HeatedSubstrate
from drivers.interfaces.laser import PulsedLaser
from drivers.interfaces.photons import PhotonStreamInfo
from drivers.interfaces.power_meter import PowerMeter
from drivers.interfaces.shutter import Shutter
from drivers.interfaces.spad_array import SpadArray
from drivers.interfaces.spectrograph import Spectrograph
from drivers.interfaces.stage import XYStage
from drivers.laser.pdl_800d import Pdl800D
from drivers.laser.taiko_pdl_m1 import TaikoPdlM1
from drivers.laser.taiko_settings import TaikoSettings
from drivers.power_meter.thorlabs_pm100 import ThorlabsPM100, ThorlabsPM100Settings
from drivers.shutter.sc10 import Sc10Settings, Sc10Shutter
from drivers.spad_array.spad_lambda import SpadLambda
from drivers.spad_array.spad_lambda_settings import SpadLambdaSettings
from simulators.attenuator import SimulatedAttenuator
from simulators.bench import Bench
from simulators.camera import CameraSettings, SimulatedCamera
from simulators.emccd import SensorSettings
from simulators.focus import SimulatedFocus
from simulators.heater import SimulatedHeater
from simulators.laser import SimulatedLaser
from simulators.power_meter import SimulatedPowerMeter
from simulators.real_time import RealTimeClock
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.sdk.taiko import TaikoLibrary
from simulators.shutter import SimulatedShutter
from simulators.spad_array import SimulatedSpadArray
from simulators.spectrograph import SimulatedSpectrograph
from simulators.stage import SimulatedStage
from simulators.wire.hosting import Hosting
from simulators.wire.lspad import LspadServer
from simulators.wire.pm100 import Pm100Server
from simulators.wire.sc10 import Sc10Server
from simulators.wire.scpi_generator import ScpiGeneratorServer
from simulators.wire.server import WireServer
from simulators.wire.vaheat import VaheatServer
from simulators.wire.vaheat_terminal import VaheatTerminal
from tests.drivers.camera.cameras import ShiftedClock, camera_on, double_on
from tests.drivers.laser.settings import gate_settings, shutter_settings, trigger_settings
from tests.drivers.micro_manager.fake_core import FakeCore, attenuator_on, focus_on, stage_on
from tests.drivers.spectrograph.spectrographs import double as spectrograph_double
from tests.drivers.spectrograph.spectrographs import spectrograph_on
from tests.simulators.wire.vaheat_program import HurriedClock
from tests.storage.photons import MemoryRecording, make_blocks


@dataclass(frozen=True)
class LaserCase:
    """A laser and a way to open its interlock; None where a test cannot."""

    device: PulsedLaser
    open_interlock: Callable[[], None] | None


@dataclass(frozen=True)
class HeaterCase:
    """A heated substrate and a way to let time pass for it."""

    device: HeatedSubstrate
    pass_time_s: Callable[[float], None]


@dataclass(frozen=True)
class CameraCase:
    """A camera, a way to let time pass for it, and one to let it pass no faster than on the wall."""

    device: SpectrographCamera
    pass_time_s: Callable[[float], None]
    real_time: Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class SpadArrayCase:
    """A SPAD array that can acquire at least 3 s of photons (`seconds`), with some in each second."""

    device: SpadArray
    seconds: float


def bench() -> Bench:
    return Bench(
        Sample(name="one", emitters=(Emitter(photophysics=MicrostatePhotophysics(kind="microstate")),)), seed=1
    )


_hosted = ExitStack()


@pytest.fixture(autouse=True)
def end_of_hosted_servers() -> Iterator[None]:
    """Stop the servers that a case has started."""
    yield
    _hosted.close()


def hosted(server: WireServer) -> int:
    """Start a simulator at the end of a wire, until the end of the test, and return its port."""
    _hosted.enter_context(Hosting([server]))
    return server.port


def real_time_bench() -> Bench:
    return Bench(bench().sample, seed=1, clock=RealTimeClock())


def simulated_laser() -> LaserCase:
    world = bench()
    return LaserCase(SimulatedLaser("laser", world), lambda: world.set_interlock(closed=False))


def triggered_laser() -> LaserCase:
    port = hosted(ScpiGeneratorServer("laser", real_time_bench()))
    return LaserCase(Pdl800D("laser", trigger_settings(port)), None)


def gated_laser() -> LaserCase:
    port = hosted(ScpiGeneratorServer("laser", real_time_bench(), purpose="gate"))
    return LaserCase(Pdl800D("laser", gate_settings(port)), None)


def laser_behind_shutter() -> LaserCase:
    return LaserCase(Pdl800D("laser", shutter_settings(), SimulatedShutter("shutter", bench())), None)


def taiko() -> LaserCase:
    world = bench()
    device = TaikoPdlM1("laser", TaikoSettings(library="simulated"), TaikoLibrary(world))
    return LaserCase(device, lambda: world.set_interlock(closed=False))


def sc10() -> Shutter:
    port = hosted(Sc10Server("shutter", real_time_bench()))
    return Sc10Shutter("shutter", Sc10Settings(address=f"socket://127.0.0.1:{port}", simulated=True))


def thorlabs_pm100() -> PowerMeter:
    port = hosted(Pm100Server("power_meter", real_time_bench()))
    settings = ThorlabsPM100Settings(address=f"TCPIP::127.0.0.1::{port}::SOCKET", simulated=True)
    return ThorlabsPM100("power_meter", settings)


def simulated_heater() -> HeaterCase:
    world = bench()
    return HeaterCase(SimulatedHeater("heater", world), world.clock.sleep)


def vaheat(new: Callable[[str, Bench], VaheatServer]) -> HeaterCase:
    clock = HurriedClock()
    server = new("heater", Bench(bench().sample, seed=1, clock=clock))
    hosted(server)
    device = Vaheat("heater", VaheatSettings(port=server.address, simulated=True))
    _hosted.callback(device.close)
    return HeaterCase(device, clock.skip_s)


def simulated_spad_array() -> SpadArrayCase:
    world = bench()
    world.beam.emission, world.beam.intensity_percent = True, 20.0
    return SpadArrayCase(SimulatedSpadArray("spad_array", world), seconds=3.0)


def replayed_spad_array() -> SpadArrayCase:
    info = PhotonStreamInfo(period_ps=1e8, pulsed=True, delay_resolution_ps=20.0, pixel_count=320)
    recording = MemoryRecording(make_blocks(3, photons=1000, pulses=13_000), info=info)
    return SpadArrayCase(ReplaySpadArray("spad_array", recording), seconds=3.9)


def spad_lambda() -> SpadArrayCase:
    world = real_time_bench()
    world.beam.emission, world.beam.intensity_percent = True, 20.0
    settings = SpadLambdaSettings(port=hosted(LspadServer("spad_array", world)), quiet_s=0.05, simulated=True)
    device = SpadLambda("spad_array", settings)
    _hosted.callback(device.close)
    return SpadArrayCase(device, seconds=3.0)


def simulated_camera() -> CameraCase:
    world, small = bench(), CameraSettings(sensor=SensorSettings(rows=20, columns=64))
    return CameraCase(SimulatedCamera("camera", world, small), world.clock.sleep, world.clock.driven)


def andor_camera() -> CameraCase:
    clock = ShiftedClock()
    return CameraCase(camera_on(double_on(bench(), clock=clock)), clock.pass_time_s, nullcontext)


LASERS = {
    "simulated": simulated_laser,
    "pdl_800d-trigger": triggered_laser,
    "pdl_800d-gate": gated_laser,
    "pdl_800d-shutter": laser_behind_shutter,
    "taiko_pdl_m1": taiko,
}
HEATERS = {
    "simulated": simulated_heater,
    "vaheat-tcp": lambda: vaheat(VaheatServer),
}
if sys.platform != "win32":  # it has no pseudo-terminals
    HEATERS["vaheat-terminal"] = lambda: vaheat(VaheatTerminal)
SHUTTERS: dict[str, Callable[[], Shutter]] = {
    "simulated": lambda: SimulatedShutter("shutter", bench()),
    "sc10": sc10,
}
STAGES: dict[str, Callable[[], XYStage]] = {
    "simulated": lambda: SimulatedStage("stage", bench()),
    "micro_manager": lambda: stage_on(FakeCore()),
}
ATTENUATORS: dict[str, Callable[[], Attenuator]] = {
    "simulated": lambda: SimulatedAttenuator("attenuator", bench()),
    "operator": lambda: OperatorAttenuator("attenuator"),
    "micro_manager": lambda: attenuator_on(FakeCore()),
}
POWER_METERS: dict[str, Callable[[], PowerMeter]] = {
    "simulated": lambda: SimulatedPowerMeter("power_meter", bench()),
    "thorlabs_pm100": thorlabs_pm100,
}
FOCUS_DRIVES: dict[str, Callable[[], FocusDrive]] = {
    "simulated": lambda: SimulatedFocus("focus", bench()),
    "micro_manager": lambda: focus_on(FakeCore()),
}
SPECTROGRAPHS: dict[str, Callable[[], Spectrograph]] = {
    "simulated": lambda: SimulatedSpectrograph("spectrograph"),
    "andor_spectrograph": lambda: spectrograph_on(spectrograph_double()),
}
CAMERAS = {"simulated": simulated_camera, "andor_sdk2": andor_camera}
SPAD_ARRAYS: dict[str, Callable[[], SpadArrayCase]] = {
    "simulated": simulated_spad_array,
    "replayed": replayed_spad_array,
    "spad_lambda": spad_lambda,
}


@pytest.fixture(params=list(LASERS))
def laser_case(request: pytest.FixtureRequest) -> LaserCase:
    return LASERS[request.param]()


@pytest.fixture
def laser(laser_case: LaserCase) -> PulsedLaser:
    laser_case.device.connect()
    return laser_case.device


@pytest.fixture(params=list(HEATERS))
def heater_case(request: pytest.FixtureRequest) -> HeaterCase:
    case = HEATERS[request.param]()
    case.device.connect()
    return case


@pytest.fixture
def heater(heater_case: HeaterCase) -> HeatedSubstrate:
    return heater_case.device


@pytest.fixture(params=list(SHUTTERS))
def shutter(request: pytest.FixtureRequest) -> Shutter:
    device = SHUTTERS[request.param]()
    device.connect()
    return device


@pytest.fixture(params=list(STAGES))
def stage(request: pytest.FixtureRequest) -> XYStage:
    device = STAGES[request.param]()
    device.connect()
    return device


@pytest.fixture(params=list(ATTENUATORS))
def attenuator(request: pytest.FixtureRequest) -> Attenuator:
    device = ATTENUATORS[request.param]()
    device.connect()
    return device


@pytest.fixture(params=list(POWER_METERS))
def power_meter(request: pytest.FixtureRequest) -> PowerMeter:
    device = POWER_METERS[request.param]()
    device.connect()
    return device


@pytest.fixture(params=list(FOCUS_DRIVES))
def focus(request: pytest.FixtureRequest) -> FocusDrive:
    device = FOCUS_DRIVES[request.param]()
    device.connect()
    return device


@pytest.fixture(params=list(CAMERAS))
def camera_case(request: pytest.FixtureRequest) -> CameraCase:
    case = CAMERAS[request.param]()
    case.device.connect()
    return case


@pytest.fixture
def camera(camera_case: CameraCase) -> SpectrographCamera:
    return camera_case.device


@pytest.fixture(params=list(SPECTROGRAPHS))
def spectrograph(request: pytest.FixtureRequest) -> Spectrograph:
    device = SPECTROGRAPHS[request.param]()
    device.connect()
    return device


@pytest.fixture(params=list(SPAD_ARRAYS))
def spad_array(request: pytest.FixtureRequest) -> SpadArray:
    case = SPAD_ARRAYS[request.param]()
    case.device.connect()
    return case.device


def _all_devices() -> dict[str, Callable[[], Device]]:
    return (
        {f"laser-{name}": lambda make=make: make().device for name, make in LASERS.items()}
        | {f"heater-{name}": lambda make=make: make().device for name, make in HEATERS.items()}
        | {f"spad_array-{name}": lambda make=make: make().device for name, make in SPAD_ARRAYS.items()}
        | {f"shutter-{name}": make for name, make in SHUTTERS.items()}
        | {f"spectrograph-{name}": make for name, make in SPECTROGRAPHS.items()}
        | {f"camera-{name}": lambda make=make: make().device for name, make in CAMERAS.items()}
        | {f"stage-{name}": make for name, make in STAGES.items()}
        | {f"attenuator-{name}": make for name, make in ATTENUATORS.items()}
        | {f"power_meter-{name}": make for name, make in POWER_METERS.items()}
        | {f"focus-{name}": make for name, make in FOCUS_DRIVES.items()}
    )


@pytest.fixture(params=list(_all_devices()))
def device(request: pytest.FixtureRequest) -> Device:
    """A device that is not connected."""
    return _all_devices()[request.param]()
