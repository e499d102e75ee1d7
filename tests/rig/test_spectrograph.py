"""The spectrograph of a rig: its lights never meet a SPAD array that has its bias on."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from acquisition.config import ConfigError
from acquisition.rig.guards import GuardedSpectrograph
from acquisition.rig.latch import SafetyLatch
from acquisition.rig.opening import open_rig
from acquisition.rig.rig import Rig
from acquisition.rig.twin import open_twin
from drivers.interfaces.clock import WallClock
from drivers.interfaces.errors import InterlockError, RangeError, StateError
from simulators.camera import SimulatedCamera
from simulators.faults import FaultBoard
from simulators.sdk.andor_spectrograph import AndorSpectrographDouble
from simulators.spectrograph import SimulatedSpectrograph
from tests.drivers.spectrograph.spectrographs import spectrograph_on

CAMERA = """  camera:
    kind: andor_sdk2
    library: simulated
    simulated: true
    cooler_on_connect: false
    shutter_opening: 0 ms
    gain: {electrons_per_count: 5, bias_counts: 500, full_well_electrons: 800000}
"""
SPECTROGRAPH = "  spectrograph: {kind: andor_spectrograph, library: simulated, simulated: true%s}\n"


RIG = """name: test
bench: {sample: cdse_cds_table, seed: 1}
roles:
  laser: {kind: simulated}
  shutter: {kind: simulated}
  spad_array: {kind: simulated}
"""


def rig_file(folder: Path, roles: str, limits: str = "{}") -> Path:
    """Write a simulated rig with further roles."""
    path = folder / "rig.yaml"
    path.write_text(f"{RIG}{roles}limits: {limits}\n", encoding="utf-8")
    return path


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return open_rig(rig_file(tmp_path, SPECTROGRAPH % ", shared_with_spad_array: true"))


MOVES: dict[str, Callable[[Rig], None]] = {
    "grating": lambda rig: rig.spectrograph.set_grating(2),  # type: ignore[union-attr]
    "centre": lambda rig: rig.spectrograph.set_centre_nm(650.0),  # type: ignore[union-attr]
    "slit": lambda rig: rig.spectrograph.set_slit_um(80.0),  # type: ignore[union-attr]
}


@pytest.mark.parametrize("move", MOVES)
def test_nothing_moves_while_the_bias_of_the_spad_array_is_on(rig: Rig, move: str) -> None:
    with rig:
        MOVES[move](rig)
        rig.spad_array.set_bias(True)
        before = rig.spectrograph.status()
        with pytest.raises(InterlockError, match=r"spectrograph: .*bias of the SPAD array is on"):
            MOVES[move](rig)
        assert rig.spectrograph.status() == before
        rig.spad_array.set_bias(False)
        MOVES[move](rig)
        rig.arm()
        rig.spad_array.set_bias(True)
        rig.spad_array.make_safe()
        MOVES[move](rig)


def test_one_that_the_spad_array_does_not_look_into_moves_at_any_time(tmp_path: Path) -> None:
    with open_rig(rig_file(tmp_path, SPECTROGRAPH % ", shared_with_spad_array: false")) as rig:
        rig.spad_array.set_bias(True)
        rig.spectrograph.set_slit_um(80.0)
        assert rig.spectrograph.status().slit_um == 80.0


def test_a_rig_file_must_say_whether_the_spad_array_looks_into_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="shared_with_spad_array"):
        open_rig(rig_file(tmp_path, SPECTROGRAPH % ""))


def test_the_bias_does_not_go_on_during_a_move(rig: Rig) -> None:
    inside, leave = threading.Event(), threading.Event()
    inner = rig.spectrograph._spectrograph
    move = inner.set_slit_um

    def slow(value: float) -> None:
        inside.set()
        leave.wait(10)
        move(value)

    inner.set_slit_um = slow  # type: ignore[method-assign]
    with rig:
        thread = threading.Thread(target=lambda: rig.spectrograph.set_slit_um(80.0))
        thread.start()
        assert inside.wait(10)
        with pytest.raises(InterlockError, match=r"spad_array: .*is moving"):
            rig.spad_array.set_bias(True)
        leave.set()
        thread.join(10)
        rig.spectrograph.set_slit_um(70.0)
        rig.spad_array.set_bias(True)


@pytest.mark.parametrize("guarded", [True, False])
def test_the_double_notices_what_the_guard_prevents(guarded: bool) -> None:
    bias = threading.Event()
    double = AndorSpectrographDouble(FaultBoard(WallClock()), spad_bias=bias.is_set)
    spectrograph = spectrograph_on(double)
    used = GuardedSpectrograph(spectrograph, SafetyLatch(), lambda: "it is on" if bias.is_set() else None)
    with used:
        bias.set()
        if guarded:
            with pytest.raises(InterlockError):
                used.set_slit_um(80.0)
        else:
            spectrograph.set_slit_um(80.0)
    assert double.state()["harmed"] is not guarded


def test_its_shutter_stays_closed_while_the_rig_is_latched() -> None:
    double = AndorSpectrographDouble(FaultBoard(WallClock()))
    latch = SafetyLatch()
    with GuardedSpectrograph(spectrograph_on(double, shutter="software"), latch, lambda: None) as guarded:
        guarded.set_shutter(True)
        latch.latch()
        guarded.make_safe()
        with pytest.raises(StateError, match="stays off"):
            guarded.set_shutter(True)
        assert guarded.status().shutter_open is False


def test_camera_and_spectrograph_of_a_rig_see_the_bench_together(tmp_path: Path) -> None:
    roles = CAMERA + SPECTROGRAPH % ", shared_with_spad_array: false"
    with open_rig(rig_file(tmp_path, roles, "{em_gain: 50}")) as rig:
        assert rig.camera.identity.simulated
        assert rig.camera.limits["em_gain"].high == 50
        with pytest.raises(RangeError, match="em_gain = 60"):
            rig.camera.set_em_gain(60.0)
        rig.spectrograph.set_centre_nm(620.0)
        wavelength_nm = rig.camera.wavelength_nm()
        assert wavelength_nm.mean() == pytest.approx(620.0, abs=0.1)
        rig.laser.set_intensity_percent(100.0)
        rig.laser.set_emission(True)
        rig.shutter.set_open(True)
        rig.spectrograph.set_centre_nm(690.0)
        wavelength_nm = rig.camera.wavelength_nm()
        rig.camera.set_exposure_s(0.5)
        rig.camera.set_em_gain(50.0)
        (lit,) = rig.camera.frames(1)
        rig.laser.set_emission(False)
        (dark,) = rig.camera.frames(1)
        # where the one nanocrystal lies along the slit, and where it emits
        streak = np.ix_(range(97, 103), np.flatnonzero(np.abs(wavelength_nm - 693.0) < 15.0))
        without = dark.counts[streak].astype(float)
        difference = lit.counts[streak].sum(dtype=float) - without.sum()
        assert difference > 5 * np.sqrt(2 * without.size * without.var())


def test_a_trial_takes_the_simulators_of_camera_and_spectrograph(tmp_path: Path) -> None:
    roles = CAMERA + SPECTROGRAPH % ", shared_with_spad_array: true"
    with open_twin(rig_file(tmp_path, roles)) as twin:
        assert isinstance(twin.camera._camera, SimulatedCamera)
        assert isinstance(twin.spectrograph._spectrograph, SimulatedSpectrograph)
