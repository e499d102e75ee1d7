"""A rig makes all its instruments safe whatever happens, stays inside its limits and refuses bad files."""

import threading
from pathlib import Path

import numpy as np
import pytest

from acquisition.analysis.recording import Calibration
from acquisition.config import ConfigError, shipped_names
from acquisition.rig import NotSafeError, Rig, RigLimits, open_rig
from acquisition.rig.guards import GuardedHeater, GuardedLaser, GuardedSpadArray
from drivers.interfaces.clock import WallClock
from drivers.interfaces.errors import CommunicationError, FaultError, RangeError
from tests.rig.fakes import FakeHeater, FakeLaser, FakeShutter, FakeSpadArray

SAFE_ORDER = ["laser make_safe", "shutter make_safe", "heater make_safe", "spad_array make_safe"]


def fake_rig(calls: list[str], **trouble: str) -> Rig:
    hang = trouble.pop("hang", None)
    made = {
        role: kind(role, calls, trouble.get(role, ""), threading.Event() if role == hang else None)
        for role, kind in (
            ("laser", FakeLaser),
            ("shutter", FakeShutter),
            ("heater", FakeHeater),
            ("spad_array", FakeSpadArray),
        )
    }
    return Rig(
        "fake",
        clock=WallClock(),
        limits=RigLimits(objective_c=70.0),
        calibration=Calibration(),
        calibration_hashes={},
        bench=None,
        **made,  # type: ignore[arg-type]
    )


def test_light_goes_off_first_and_the_bias_last() -> None:
    calls: list[str] = []
    fake_rig(calls).make_safe()
    assert calls == SAFE_ORDER


@pytest.mark.parametrize("broken", ["laser", "shutter", "heater", "spad_array"])
def test_one_instrument_that_fails_does_not_keep_the_others_unsafe(broken: str) -> None:
    calls: list[str] = []
    with pytest.raises(NotSafeError) as error:
        fake_rig(calls, **{broken: "make_safe"}).make_safe()
    assert calls == SAFE_ORDER
    assert f"could not make safe: {broken} ({broken}: the wire broke)" in str(error.value)
    assert list(error.value.errors) == [broken]


def test_an_instrument_that_hangs_is_left_behind_after_its_time() -> None:
    calls: list[str] = []
    with pytest.raises(NotSafeError, match=r"laser \(not finished after 0.05 s\); done: shutter, heater, spad_array"):
        fake_rig(calls, laser="make_safe", hang="laser").make_safe(timeout_s=0.05)
    assert calls == SAFE_ORDER


def test_all_failures_are_told_at_once() -> None:
    with pytest.raises(NotSafeError, match=r"laser .*; heater "):
        fake_rig([], laser="make_safe", heater="make_safe").make_safe()


def test_leaving_a_rig_closes_every_instrument_also_after_an_error() -> None:
    calls: list[str] = []
    with pytest.raises(ValueError, match="mine"), fake_rig(calls):
        raise ValueError("mine")
    assert calls == [call.replace("make_safe", "close") for call in SAFE_ORDER]


def test_a_rig_of_which_one_instrument_cannot_be_reached_is_closed_again() -> None:
    calls: list[str] = []
    with pytest.raises(CommunicationError, match="heater"):
        fake_rig(calls, heater="connect").connect()
    assert calls[-4:] == [call.replace("make_safe", "close") for call in SAFE_ORDER]
    assert "spad_array connect" not in calls


def test_a_real_rig_knows_no_truth_and_does_not_say_that_it_is_simulated() -> None:
    rig = fake_rig([])
    assert rig.truth() is None
    assert not rig.simulated


@pytest.mark.parametrize(
    ("limits", "part"),
    [
        ({"objective_c": 70.0, "immersion_c": 80.0}, "objective"),
        ({"objective_c": 90.0, "immersion_c": 70.0}, "immersion"),
        ({"sample_mount_c": 70.0}, "sample mount"),
        ({"heater_c": 70.0}, "heater"),
    ],
)
def test_the_weakest_part_sets_the_highest_temperature_and_is_named(limits: dict[str, float], part: str) -> None:
    calls: list[str] = []
    heater = GuardedHeater(FakeHeater("heater", calls), RigLimits(**limits))
    with pytest.raises(RangeError, match=rf"the {part}.* stands at most 70 degC"):
        heater.heat_to_c(70.1)
    assert calls == []
    heater.heat_to_c(70.0)
    assert calls == ["heater heat 70"]


@pytest.mark.parametrize("temperature_c", [101.0, -1.0, float("nan")])
def test_the_limits_of_the_heater_itself_hold_too(temperature_c: float) -> None:
    with pytest.raises(RangeError):
        RigLimits(objective_c=300.0).check_temperature_c(temperature_c, FakeHeater("heater", []))


def test_without_a_heater_the_limits_of_the_other_parts_hold() -> None:
    with pytest.raises(RangeError, match="objective"):
        RigLimits(objective_c=70.0).check_temperature_c(80.0, None)


def test_the_laser_refuses_more_than_the_rig_allows() -> None:
    calls: list[str] = []
    laser = GuardedLaser(FakeLaser("laser", calls), RigLimits(laser_intensity_percent=30.0))
    with pytest.raises(RangeError, match=r"40 is outside 0 \.\.\. 30"):
        laser.set_intensity_percent(40.0)
    laser.set_intensity_percent(20.0)
    assert calls == ["laser intensity 20"]


def test_too_much_light_ends_the_stream_with_light_and_bias_off_and_the_photons_kept() -> None:
    calls: list[str] = []
    array = FakeSpadArray("spad_array", calls)
    array.photons_per_block = 101
    guarded = GuardedSpadArray(array, RigLimits(count_rate_cps=1e5), darken=lambda: calls.append("dark"))
    stream = guarded.photons(1.0)
    assert len(next(stream)) == 101
    with pytest.raises(FaultError, match=r"1\.01e\+05 counts per second are above the limit of 1e\+05"):
        next(stream)
    assert calls == ["dark", "spad_array make_safe", "spad_array stream closed"]


def test_closing_a_guarded_stream_closes_that_of_the_instrument() -> None:
    calls: list[str] = []
    stream = GuardedSpadArray(FakeSpadArray("spad_array", calls), RigLimits(), darken=lambda: None).photons(1.0)
    next(stream)
    stream.close()
    assert calls == ["spad_array stream closed"]


@pytest.mark.parametrize("name", shipped_names("rigs"))
def test_a_shipped_rig_opens_dark_and_cold_and_says_that_it_is_simulated(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_rig(name) as rig:
        assert rig.simulated
        assert not rig.laser.status().emission
        assert rig.shutter is None or not rig.shutter.is_open()
        assert rig.heater is None or not rig.heater.status().heating
        assert set(rig.fingerprint()["devices"]) == set(rig.devices)
    assert not any(device.connected for device in rig.devices.values())


def test_the_shipped_calibration_agrees_with_the_simulated_optics() -> None:
    with open_rig("simulated") as rig:
        truth = rig._bench.optics  # type: ignore[union-attr]
        wavelength_nm, efficiency = rig.calibration.wavelength_nm, rig.calibration.relative_efficiency
    assert wavelength_nm is not None
    assert efficiency is not None
    np.testing.assert_allclose(wavelength_nm, truth.wavelength_nm(), atol=0.005)
    np.testing.assert_allclose(efficiency * truth.collection_efficiency, truth.pixel_efficiency(), rtol=1e-3)


def test_seed_and_sample_can_be_chosen_when_a_rig_is_opened() -> None:
    with open_rig("simulated", seed=7, sample="never_charges") as rig:
        truth = rig.truth()
    assert truth is not None
    assert (truth["seed"], truth["sample"]) == (7, "never_charges")


RIG = """\
name: mine
bench: {sample: cdse_cds_table}
roles:
  laser: {kind: simulated}
  spad_array: {kind: simulated}
limits: {objective: 70 degC}
calibrations: {wavelength: pixels.csv, relative_efficiency: efficiency.csv}
"""
PIXELS = "# measured\npixel,wavelength_nm\n" + "".join(f"{pixel},{450 + pixel}\n" for pixel in range(320))
EFFICIENCY = "wavelength_nm,efficiency\n400,0.2\n800,0.4\n"


def write_rig(folder: Path, rig: str = RIG, pixels: str = PIXELS, efficiency: str = EFFICIENCY) -> Path:
    (folder / "pixels.csv").write_text(pixels, encoding="utf-8")
    (folder / "efficiency.csv").write_text(efficiency, encoding="utf-8")
    (folder / "rig.yaml").write_text(rig, encoding="utf-8")
    return folder / "rig.yaml"


def test_calibrations_beside_the_rig_file_are_read(tmp_path: Path) -> None:
    with open_rig(write_rig(tmp_path)) as rig:
        efficiency = rig.calibration.relative_efficiency
    assert efficiency is not None
    assert efficiency[[0, 150, 319]] == pytest.approx([0.225, 0.3, 0.3845])


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("laser: {kind: simulated}", "lasr: {kind: simulated}", "key roles.lasr: is not a known key; did you mean"),
        ("laser: {kind: simulated}", "laser: {kind: pdl800}", "line 4, column 17, key roles.laser.kind: "),
        ("70 degC", "70", "line 6, column 21, key limits.objective: 70 has no unit"),
        ("70 degC", "70 nm", "70 nm (nanometer) is not a temperature"),
        ("cdse_cds_table", "cdse", "line 2, column 17, key bench.sample: cdse: no such file"),
        ("bench: {sample: cdse_cds_table}\n", "", "key bench: is missing"),
        ("wavelength: pixels.csv, ", "", "give the wavelength calibration as well"),
        ("pixels.csv", "nothing.csv", "nothing.csv: no such calibration file"),
    ],
)
def test_a_bad_rig_file_is_refused_with_its_place(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in RIG
    path = write_rig(tmp_path, RIG.replace(right, wrong, 1))
    with pytest.raises(ConfigError) as error:
        open_rig(path)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("table", "right", "wrong", "said"),
    [
        ("pixels", "pixel,wavelength_nm", "pixel,nm", "first line must be pixel,wavelength_nm, not 'pixel,nm'"),
        ("pixels", "3,453", "3,x", "line 6, column 1: must be two numbers, not '3,x'"),
        ("pixels", "3,453", "3,nan", "line 6, column 1: must be two finite numbers"),
        ("pixels", "3,453", "3,453,1", "must be two numbers"),
        ("pixels", "3,453", "3,45", "must be positive and ascend or descend"),
        ("pixels", "3,453\n", "", "one row for each pixel 0 ... 319"),
        ("efficiency", "0.2", "0", "efficiency must be above zero"),
        ("efficiency", "800", "300", "wavelength_nm must ascend"),
        ("efficiency", EFFICIENCY, "", "first line must be"),
        ("efficiency", "400,0.2\n800,0.4\n", "", "no rows"),
    ],
)
def test_a_bad_calibration_is_refused_with_its_place(
    tmp_path: Path, table: str, right: str, wrong: str, said: str
) -> None:
    tables = {"pixels": PIXELS, "efficiency": EFFICIENCY}
    assert right in tables[table]
    tables[table] = tables[table].replace(right, wrong, 1)
    path = write_rig(tmp_path, pixels=tables["pixels"], efficiency=tables["efficiency"])
    with pytest.raises(ConfigError) as error:
        open_rig(path)
    assert str(error.value).startswith(str(tmp_path / f"{table}.csv"))
    assert said in str(error.value)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ConfigError, match="seed must not be negative"):
        open_rig("simulated", seed=-1)
