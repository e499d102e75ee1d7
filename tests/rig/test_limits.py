"""A rig stays inside its limits: the weakest part sets the temperature, and too much light goes off by itself."""

import pytest

from acquisition.rig import RigLimits
from acquisition.rig.guards import GuardedHeater, GuardedLaser, GuardedSpadArray
from acquisition.rig.latch import SafetyLatch
from drivers.interfaces.errors import FaultError, RangeError, StateError
from drivers.interfaces.laser import LaserStatus
from tests.rig.fakes import FakeHeater, FakeLaser, FakeSpadArray


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
    heater = GuardedHeater(FakeHeater("heater", calls), RigLimits(**limits), SafetyLatch())
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
    laser = GuardedLaser(FakeLaser("laser", calls), RigLimits(laser_intensity_percent=30.0), SafetyLatch())
    with pytest.raises(RangeError, match=r"40 is outside 0 \.\.\. 30"):
        laser.set_intensity_percent(40.0)
    laser.set_intensity_percent(20.0)
    assert calls == ["laser intensity 20"]


@pytest.mark.parametrize(("declared", "said"), [(True, "is declared to be at"), (False, "reads back")])
def test_the_laser_stays_dark_while_its_knob_stands_higher_than_the_rig_allows(declared: bool, said: str) -> None:
    class Turned(FakeLaser):
        percent = 40.0

        @property
        def declared(self) -> frozenset[str]:
            return frozenset({"intensity_percent"} if declared else ())

        def status(self) -> LaserStatus:
            return LaserStatus(1e6, self.percent, False, True)

    calls: list[str] = []
    inner = Turned("laser", calls)
    laser = GuardedLaser(inner, RigLimits(laser_intensity_percent=30.0), SafetyLatch())
    with pytest.raises(RangeError, match=rf"laser: stays dark: its intensity {said} 40 %, above the 30 %"):
        laser.set_emission(True)
    laser.set_emission(False)
    assert calls == ["laser emission False"]
    inner.percent = 30.0
    laser.set_emission(True)
    assert calls[-1] == "laser emission True"


def test_too_much_light_ends_the_stream_with_light_and_bias_off_and_the_photons_kept() -> None:
    calls: list[str] = []
    array = FakeSpadArray("spad_array", calls)
    array.photons_per_block = 101
    latch = SafetyLatch()
    guarded = GuardedSpadArray(array, RigLimits(count_rate_cps=1e5), latch, darken=lambda: calls.append("dark"))
    stream = guarded.photons(1.0)
    assert len(next(stream)) == 101
    assert calls == ["dark", "spad_array make_safe"]
    with pytest.raises(FaultError, match=r"1\.01e\+05 counts per second are above the limit of 1e\+05"):
        next(stream)
    assert calls[2:] == ["spad_array stream closed"]
    with pytest.raises(StateError, match="stays off"):
        guarded.set_bias(True)


def test_too_much_light_in_the_last_block_is_told_when_the_stream_is_closed() -> None:
    array = FakeSpadArray("spad_array", [], trouble="make_safe")
    array.photons_per_block = 101
    stream = GuardedSpadArray(array, RigLimits(count_rate_cps=1e5), SafetyLatch(), darken=lambda: None).photons(1.0)
    next(stream)
    with pytest.raises(FaultError, match=r"above the limit.*NOT all could be switched off \(spad_array: the wire"):
        stream.close()


def test_closing_a_guarded_stream_closes_that_of_the_instrument() -> None:
    calls: list[str] = []
    array = FakeSpadArray("spad_array", calls)
    stream = GuardedSpadArray(array, RigLimits(), SafetyLatch(), darken=lambda: None).photons(1.0)
    next(stream)
    stream.close()
    assert calls == ["spad_array stream closed"]
