"""The twin of a rig: what it foretells, against what the simulated rig then measures."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from acquisition.analysis.analyze import analyze
from acquisition.config import Celsius, ConfigError, ConfigModel, find_config
from acquisition.rig import open_rig
from acquisition.rig.roles.heater import SimulatedHeaterRole
from acquisition.rig.simulated_roles import simulated_role
from acquisition.rig.twin import TwinRig, open_twin
from drivers.interfaces.errors import RangeError
from tests.analysis.simulated import record
from tests.simulators.worlds import sigmas

BARE = """
name: bare
bench: {sample: never_charges}
roles: {laser: {kind: simulated}, spad_array: {kind: simulated}}
"""


def lit(sample: str = "never_charges", percent: float = 20.0) -> TwinRig:
    twin = open_twin("simulated", sample=sample)
    twin.arm()
    twin.laser.set_intensity_percent(percent)
    twin.laser.set_emission(True)
    assert twin.shutter is not None
    twin.shutter.set_open(True)
    return twin


def test_every_instrument_of_a_twin_is_simulated_and_has_the_limits_of_the_rig() -> None:
    with open_twin("simulated") as twin, open_rig("simulated") as rig:
        assert all(device.identity.simulated for device in twin.devices.values())
        assert {role: dict(device.limits) for role, device in twin.devices.items()} == {
            role: dict(device.limits) for role, device in rig.devices.items()
        }
        assert twin.heater is not None
        twin.arm()
        with pytest.raises(RangeError, match="objective"):
            twin.heater.heat_to_c(75.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_time_tags_are_those_that_the_rig_measures(seed: int) -> None:
    with lit() as twin:
        expected = twin.expectation(5.0)
    with open_rig("simulated", seed=seed, sample="never_charges") as rig:
        rig.arm()
        rig.laser.set_intensity_percent(20.0)
        rig.laser.set_emission(True)
        assert rig.shutter is not None
        rig.shutter.set_open(True)
        rig.spad_array.set_bias(True)
        tags = sum(len(block) for block in rig.spad_array.photons(5.0))
    assert sigmas(tags, expected.time_tags) < 4
    parts = expected.signal_photons + expected.glow_photons + expected.dark_counts
    assert parts == pytest.approx(expected.time_tags)


def test_pairs_region_and_window_are_those_of_the_analysis() -> None:
    with lit() as twin:
        expected = twin.expectation(60.0)
    fit = analyze(record("never_charges", 60.0).recording).fits["neutral"]
    share = fit.counts.pulses / 60e6
    pairs = float(fit.counts.pair_lag[0].sum())
    assert sigmas(pairs, share * expected.counted_cascades) < 4
    assert abs(fit.counts.cascades - pairs) < 0.03 * pairs
    assert expected.region_pixels == (107, 151)
    assert expected.window_ns[0] == 19.0


def test_charge_states_share_the_time_and_the_pairs() -> None:
    with lit("cdse_cds_table") as twin:
        expected = twin.expectation(600.0)
    assert list(expected.charge_states) == ["neutral", "minus1", "minus2"]
    assert sum(state.time_s for state in expected.charge_states.values()) == pytest.approx(600.0)
    assert sum(state.cascades for state in expected.charge_states.values()) == pytest.approx(expected.cascades)
    by_state = sum(state.accidental_pairs for state in expected.charge_states.values())
    assert by_state == pytest.approx(expected.accidental_pairs, rel=0.01)
    assert set(expected.states) == {"X", "X-", "X2-", "BX", "BX-", "BX2-"}


def test_precision_has_the_numbers_of_the_readme() -> None:
    with lit("cdse_cds_table") as twin:
        states = twin.precision(600.0)["states"]
    for name, low, high in (("X", 0.002, 0.004), ("X2-", 0.002, 0.004), ("BX", 0.02, 0.05), ("BX2-", 0.03, 0.06)):
        lifetime = states[name]["lifetime_ns"]
        assert low < lifetime["error"] / lifetime["value"] < high


def test_two_emitters_are_counted_but_not_told_apart() -> None:
    with lit("two_emitters") as twin, lit("cdse_cds_microstate") as one:
        expected, alone = twin.expectation(10.0), one.expectation(10.0)
        assert twin.precision(10.0) == {}
    assert expected.emitters == 2
    assert expected.states == {}
    assert expected.signal_photons == pytest.approx(2 * alone.signal_photons, rel=0.02)  # the second is 10 meV bluer
    # photons of the one and of the other make pairs as background does, but many more
    assert expected.accidental_pairs > 2 * alone.accidental_pairs


def test_without_light_there_are_dark_counts() -> None:
    with open_twin("simulated") as twin:
        expected = twin.expectation(10.0)
        assert twin.precision(10.0) == {}
    assert not expected.pulsed
    assert expected.time_tags == pytest.approx(expected.dark_counts)
    assert expected.cascades == 0


def test_time_passes_at_once() -> None:
    with open_twin("simulated") as twin:
        twin.pass_time(3600.0)
        assert twin.clock.now() == 3600.0


def test_a_twin_settles_as_was_learnt() -> None:
    with open_twin("simulated") as twin:
        twin.arm()
        twin.learn_settling(lambda from_c, to_c: 100.0 if to_c > from_c else None)
        assert twin.heater is not None
        twin.heater.heat_to_c(40.0)
        twin.pass_time(99.0)
        assert 29.0 < twin.heater.status().temperature_c <= 30.0
        twin.pass_time(1.5)
        assert twin.heater.status().temperature_c == 40.0
        twin.heater.heat_to_c(30.0)  # not learnt: cools as the plate does
        twin.pass_time(1.0)
        assert 30.0 < twin.heater.status().temperature_c < 40.0
        twin.pass_time(600.0)
        assert twin.heater.status().temperature_c == pytest.approx(30.0, abs=0.01)


def test_a_role_of_another_kind_is_played_by_its_simulator_with_its_limits() -> None:
    class RealHeaterRole(ConfigModel):
        kind: Literal["some_model"]
        port: str
        low_c: Celsius = 10.0
        high_c: Celsius = Field(default=65.0)

    played = simulated_role(RealHeaterRole(kind="some_model", port="COM3"), SimulatedHeaterRole)
    assert played == SimulatedHeaterRole(kind="simulated", low_c=10.0, high_c=65.0)


def test_what_has_not_been_calibrated_is_listed(tmp_path: Path) -> None:
    (tmp_path / "bare.yaml").write_text(BARE, encoding="utf-8")
    with open_twin("simulated") as twin:
        assert twin.missing_calibrations == ()
    with open_twin(tmp_path / "bare.yaml") as twin:
        assert [missing.name for missing in twin.missing_calibrations] == ["wavelength", "relative_efficiency"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such calibration file"), (b"", "nothing.yaml: "), (b"\x00\xff\xfe", "nothing.yaml: ")],
)
def test_the_calibration_of_the_device_is_read_as_a_run_will(content: bytes | None, words: str, tmp_path: Path) -> None:
    text = find_config("rigs", "microscope").read_text(encoding="utf-8")
    path = tmp_path / "rig.yaml"
    path.write_text(text.replace("spad_lambda_device.yaml", "nothing.yaml"), encoding="utf-8")
    if content is not None:
        (tmp_path / "nothing.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=rf"rig.yaml.*line \d+, .*roles.spad_array.calibration: .*{words}"):
        open_twin(path)
