"""The double of Andor's camera library: its codes, its noise, and the bench that it sees."""

import ctypes
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.interfaces.errors import CommunicationError
from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench
from simulators.emccd import SensorSettings
from simulators.faults import FaultBoard
from simulators.real_time import RealTimeClock
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.sdk.andor_camera import AndorCameraDouble
from simulators.sdk.andor_sensor import AndorSensor
from simulators.sdk.andor_spectrograph import AndorSpectrographDouble
from simulators.sdk.remote_world import RemoteScene, RemoteWorld
from simulators.sdk.scene import BenchScene
from simulators.widefield import WidefieldSettings
from simulators.wire.camera_light import packed, unpacked
from simulators.wire.control import ControlServer
from simulators.wire.hosting import Hosting
from tests.drivers.camera.cameras import QUIET, SMALL, Half, ShiftedClock, bench, camera_on, double_on, lit

WIDE = WidefieldSettings(first_column_nm=640.0, column_step_nm=1.6)


def started(
    double: AndorCameraDouble, *, exposure_s: float = 0.05, gain: int = 0, frames: int = 3
) -> AndorCameraDouble:
    """Open a double, set a series up and start it with its shutter open."""
    for code in (
        double.Initialize(b""),
        double.SetAcquisitionMode(3),
        double.SetExposureTime(exposure_s),
        double.SetNumberKinetics(frames),
        double.SetEMCCDGain(gain),
        double.SetShutter(1, 1, 0, 0),
        double.StartAcquisition(),
    ):
        assert code == 20002
    return double


def number(
    double: AndorCameraDouble, function: str, kind: type[ctypes.c_int] | type[ctypes.c_float]
) -> tuple[int, float]:
    """Return the code of a function and the number that it writes."""
    value = kind()
    return getattr(double, function)(ctypes.byref(value)), value.value


def test_it_says_that_it_is_a_simulator() -> None:
    double, name = double_on(bench()), ctypes.create_string_buffer(260)
    assert double.GetHeadModel(name) == 20075
    double.Initialize(b"")
    assert double.GetHeadModel(name) == 20002
    assert SIMULATOR_MARK in name.value.decode()


def test_nothing_can_be_set_during_an_acquisition_and_no_temperature_is_told() -> None:
    double = started(double_on(bench()), exposure_s=10.0)
    for code in (
        double.SetEMCCDGain(2),
        double.SetShutter(1, 2, 0, 0),
        double.SetExposureTime(0.1),
        double.SetTemperature(-10),
    ):
        assert code == 20072
    assert number(double, "GetTemperatureF", ctypes.c_float)[0] == 20072
    assert double.AbortAcquisition() == 20002
    assert double.AbortAcquisition() == 20073
    assert number(double, "GetTemperatureF", ctypes.c_float) == (20034, 20.0)


def test_some_cameras_tell_their_temperature_all_the_time() -> None:
    double = started(double_on(bench(), temperature_while_acquiring=True), exposure_s=10.0)
    assert number(double, "GetTemperatureF", ctypes.c_float) == (20034, 20.0)


def test_the_temperature_comes_with_its_state() -> None:
    clock = ShiftedClock()
    double = double_on(bench(), clock=clock)
    double.Initialize(b"")
    double.SetTemperature(-60)
    double.CoolerON()
    states = []
    for _ in range(3):
        states.append(number(double, "GetTemperatureF", ctypes.c_float)[0])
        clock.pass_time_s(230.0)
    assert states == [20037, 20035, 20036]


def test_a_change_of_mode_forgets_the_exposure_and_exposures_are_a_little_longer_than_asked_for() -> None:
    double = double_on(bench())
    double.Initialize(b"")
    double.SetAcquisitionMode(3)
    double.SetExposureTime(0.05)
    exposure, rest = ctypes.c_float(), ctypes.c_float()
    assert double.GetAcquisitionTimings(*map(ctypes.byref, (exposure, rest, rest))) == 20002
    assert 0.05 < exposure.value < 0.051
    double.SetAcquisitionMode(5)
    double.GetAcquisitionTimings(*map(ctypes.byref, (exposure, rest, rest)))
    assert exposure.value < 1e-4


def test_images_come_with_time_and_the_oldest_are_written_over() -> None:
    clock = ShiftedClock()
    double = started(double_on(bench(), clock=clock, ring_images=2), exposure_s=1.0, frames=6)
    first, last = ctypes.c_int(), ctypes.c_int()
    places = ctypes.byref(first), ctypes.byref(last)
    assert double.GetNumberNewImages(*places) == 20024
    clock.pass_time_s(2.1)
    assert double.GetNumberNewImages(*places) == 20002
    assert (first.value, last.value) == (1, 2)
    clock.pass_time_s(3.0)
    assert double.GetNumberNewImages(*places) == 20002
    assert (first.value, last.value) == (4, 5)


@pytest.mark.parametrize("gain", [1, 20, 200])
def test_frames_have_shot_noise_and_the_excess_noise_of_the_multiplication(gain: int) -> None:
    electrons, frames = 50.0, 20
    double = AndorCameraDouble(
        AndorSensor(Half(electrons), QUIET.model_copy(update={"rows": 40}), WidefieldSettings()),
        FaultBoard(RealTimeClock()),
    )
    started(double, gain=0 if gain == 1 else gain, frames=frames)
    images = np.stack([double.sensor.image(n, -70.0) for n in range(1, frames + 1)]).astype(float)
    lit_half = (images[:, :, 32:] - QUIET.bias_counts) * QUIET.electrons_per_count
    samples = lit_half.size
    # variance of n g: shot noise times the excess noise factor squared, 2 - 1/g, and rounding to counts
    variance = electrons * gain**2 * (2 - 1 / gain) + QUIET.electrons_per_count**2 / 12
    assert lit_half.mean() == pytest.approx(electrons * gain, abs=5 * np.sqrt(variance / samples))
    assert lit_half.var() == pytest.approx(variance, rel=6 * np.sqrt(2 / samples) + 0.01)
    assert images[:, :, :32].max() == QUIET.bias_counts


def field(count: int) -> Sample:
    """Return nanocrystals along the slit, far enough from each other to be seen one by one."""
    places = np.linspace(-9.0, 9.0, count)
    one = Emitter(photophysics=MicrostatePhotophysics(kind="microstate"))
    return Sample(
        name="field",
        excitations_per_pulse_at_full_intensity=1.0,
        emitters=tuple(one.model_copy(update={"position_y_um": float(y_um)}) for y_um in places),
    )


def test_dozens_of_nanocrystals_are_streaks_at_their_rows_in_their_colours_only() -> None:
    world = lit(Bench(field(24), seed=5), 100.0)
    scene = BenchScene(world)
    scene.begin(WidefieldSettings(), (200, 512))
    electrons = scene.electrons(0.0, 2.0)
    profile = electrons[:, 200:280].sum(axis=1)
    peaks = [row for row in range(1, 199) if profile[row - 1] < profile[row] >= profile[row + 1]]
    expected = np.linspace(-9.0, 9.0, 24) / 0.1 + 99.5
    found = [row for row in peaks if profile[row] > 0.3 * profile.max()]
    assert len(found) == 24
    assert found == pytest.approx(expected, abs=1.0)
    assert electrons[:, :40].max() < 0.1 * electrons.max()


def test_what_is_seen_follows_light_temperature_and_slit_of_the_bench() -> None:
    world = lit(bench())
    seen = AndorSpectrographDouble(world.faults)
    sensor = AndorSensor(BenchScene(world), QUIET, WIDE, spectrograph=seen)
    narrow, wide = [], []
    for slit_um, into in ((20.0, narrow), (200.0, wide)):
        seen.slit_um = slit_um
        path = seen.light_path(WIDE, 64, 16.0)
        assert path.slit_um == slit_um / 100
        scene = BenchScene(world)
        scene.begin(path, sensor.shape)
        into.append(scene.electrons(0.0, 1.0).sum())
        world.beam.emission = False
        assert scene.electrons(1.0, 1.0).sum() == 0
        world.beam.emission = True
    assert 0 < narrow[0] < 0.7 * wide[0]


def test_the_sample_is_seen_at_the_temperature_of_its_heater() -> None:
    centres = []
    for temperature_c in (25.0, 70.0):
        world = lit(bench())
        world.plant.set_setpoint_c(world.clock.now(), temperature_c)
        world.clock.sleep(600.0)
        scene = BenchScene(world)
        scene.begin(WIDE, (20, 64))
        spectrum = scene.electrons(0.0, 1.0).sum(axis=0)
        centres.append((spectrum * np.arange(64)).sum() / spectrum.sum())
    assert abs(centres[1] - centres[0]) > 0.3  # columns: other microstates are populated


@pytest.fixture
def remote() -> Iterator[tuple[Bench, RemoteWorld]]:
    """A world in real time behind a control port, and the way to it."""
    one = Emitter(photophysics=MicrostatePhotophysics(kind="microstate"))
    world = lit(Bench(Sample(name="one", emitters=(one,)), seed=7, clock=RealTimeClock()))
    server = ControlServer(world)
    with Hosting([server]):
        far = RemoteWorld(f"127.0.0.1:{server.port}")
        yield world, far
        far.close()


def test_a_camera_sees_a_world_in_another_process_as_if_it_were_its_own(remote: tuple[Bench, RemoteWorld]) -> None:
    far = RemoteScene(remote[1])
    here = BenchScene(lit(bench(seed=7)))
    for scene in (far, here):
        assert scene.begin(WIDE, (20, 64)) == 1
        assert scene.seed == 7
    assert far.electrons(0.0, 0.5) == pytest.approx(here.electrons(0.0, 0.5), rel=1e-5)
    assert far.electrons(0.5, 0.5).sum() > 0


def test_the_whole_camera_works_on_such_a_world_and_shows_its_faults(remote: tuple[Bench, RemoteWorld]) -> None:
    world, far = remote
    double = AndorCameraDouble(AndorSensor(RemoteScene(far), SMALL, WIDE), far, hang_up=far.close)
    camera = camera_on(double)
    camera.connect()
    camera.set_exposure_s(0.02)
    assert len(list(camera.frames(2))) == 2
    world.faults.begin("camera_vanished")
    far._looked_s = -1.0  # what is known of faults may be a moment old
    with pytest.raises(CommunicationError, match="vanished"):
        camera.status()
    world.faults.end("camera_vanished")
    far._looked_s = -1.0
    camera.close()
    camera.connect()
    assert len(list(camera.frames(1))) == 1


def test_a_world_that_has_gone_is_a_camera_that_has_vanished() -> None:
    server = ControlServer(lit(Bench(field(1), seed=1, clock=RealTimeClock())))
    with Hosting([server]):
        far = RemoteWorld(f"127.0.0.1:{server.port}")
        double = AndorCameraDouble(AndorSensor(RemoteScene(far), SMALL, WIDE), far, hang_up=far.close)
        camera = camera_on(double)
        camera.connect()
    with pytest.raises(CommunicationError, match="camera: has vanished"):
        list(camera.frames(1))
    camera.close()


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"do": "begin_frames", "light_path": {}, "rows": 0, "columns": 5}, "rows"),
        ({"do": "begin_frames", "light_path": {}, "rows": 8000, "columns": 8000}, "pixels"),
        ({"do": "begin_frames", "light_path": {"slit_um": -1.0}, "rows": 5, "columns": 5}, "slit"),
        ({"ask": "electrons", "begin_s": -1.0, "duration_s": 1.0}, "begin_s"),
        ({"ask": "electrons", "begin_s": 0.0, "duration_s": 0.0}, "duration_s"),
    ],
)
def test_requests_that_make_no_sense_are_refused(
    remote: tuple[Bench, RemoteWorld], request_: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        remote[1].request(**request_)


@pytest.mark.parametrize("address", ["", "9190", "host:", "host:port", ":9190"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        RemoteWorld(address)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 1000))
def test_images_survive_the_way_between_processes(rows: int, columns: int, seed: int) -> None:
    image = np.random.default_rng(seed).exponential(1000.0, (rows, columns))
    assert unpacked(packed(image)) == pytest.approx(image, rel=1e-6)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"shape": [2, 2]},
        {"shape": [2, 2], "float32_zlib_base64": "AAAA"},
        {**packed(np.zeros((2, 2))), "shape": [3, 3]},
    ],
)
def test_an_answer_that_is_no_image_is_refused(answer: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpacked(answer)


def test_a_sensor_is_worn_only_by_gain_and_light_together() -> None:
    sensor = SensorSettings(rows=4, columns=16)
    double = AndorCameraDouble(AndorSensor(Half(50_000.0), sensor, WIDE), FaultBoard(RealTimeClock()))
    started(double, gain=0)
    double.sensor.image(1, -70.0)
    assert double.state()["worn"] is False
    double.AbortAcquisition()
    started(double, gain=100)
    double.sensor.image(1, -70.0)
    assert double.state()["worn"] is True
