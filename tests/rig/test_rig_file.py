"""A rig is opened from its file, with calibrations and a sample; a bad file is refused with its place."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from acquisition.config import ConfigError
from acquisition.config.shipped import CONFIGS
from acquisition.rig import open_rig


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
        (
            "laser: {kind: simulated}",
            "laser: {kind: pdl800}",
            "line 4, column 17, key roles.laser.kind: 'pdl800' is not a known kind; allowed are 'simulated', ",
        ),
        ("  laser: {kind: simulated}\n", "", "key roles.laser: is missing; write {kind: ...}, allowed: simulated"),
        ("70 degC", "70", "line 6, column 21, key limits.objective: 70 has no unit"),
        ("70 degC", "70 nm", "70 nm (nanometer) is not a temperature"),
        ("cdse_cds_table", "cdse", "line 2, column 17, key bench.sample: cdse: no such file"),
        ("bench: {sample: cdse_cds_table}\n", "", "key bench: is missing"),
        ("wavelength: pixels.csv, ", "", "give the wavelength calibration as well"),
        (
            "pixels.csv",
            "nothing.csv",
            "rig.yaml, line 7, column 28, key calibrations.wavelength: nothing.csv: no such calibration file",
        ),
        (
            "spad_array: {kind: simulated}\n",
            "spad_array: {kind: simulated}\n  heater: {kind: simulated}\n",
            "key limits: heater, immersion, sample_mount: missing; a rig with a heater needs the highest temperature",
        ),
        ("70 degC", "", "key limits.objective: is empty; write a temperature, for example 70 degC, or none"),
        ("70 degC", "no", "is not a number with a unit"),
    ],
)
def test_a_bad_rig_file_is_refused_with_its_place(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in RIG
    path = write_rig(tmp_path, RIG.replace(right, wrong, 1))
    with pytest.raises(ConfigError) as error:
        open_rig(path)
    assert said in str(error.value)


def test_a_rig_with_a_heater_must_say_what_each_part_stands(tmp_path: Path) -> None:
    heated = RIG.replace("  spad_array:", "  heater: {kind: simulated}\n  spad_array:")
    with pytest.raises(ConfigError, match="key limits: heater, objective, immersion, sample_mount: missing"):
        open_rig(write_rig(tmp_path, heated.replace("limits: {objective: 70 degC}\n", "")))
    said = "{heater: none, objective: 70 degC, immersion: none, sample_mount: 90 degC}"
    with open_rig(write_rig(tmp_path, heated.replace("{objective: 70 degC}", said))) as rig:
        assert (rig.limits.heater_c, rig.limits.objective_c, rig.limits.sample_mount_c) == (None, 70.0, 90.0)


def test_the_file_of_a_simulated_sample_can_be_told_from_others(tmp_path: Path) -> None:
    sample = tmp_path / "mine.yaml"
    sample.write_bytes((CONFIGS / "samples" / "cdse_cds_table.yaml").read_bytes())
    with open_rig("simulated", sample=sample, seed=5) as rig:
        known = rig.fingerprint()["simulation"]
    digest = hashlib.sha256(sample.read_bytes()).hexdigest()
    assert known["sample"] == {"name": "cdse_cds_table", "file": str(sample), "sha256": digest}
    assert known["seed"] == 5
    assert set(known) == {"sample", "seed", "optics", "plant"}


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


def test_a_declared_intensity_above_the_limit_is_refused_with_its_place(tmp_path: Path) -> None:
    declared = "{repetition_rate: 1 MHz, intensity: 40 %, head: LDH-D-C-405, triggering: internal}"
    laser = f"laser: {{kind: pdl_800d, authority: none, declared: {declared}, simulated: true}}"
    text = RIG.replace("laser: {kind: simulated}", laser)
    text = text.replace("objective: 70 degC", "objective: 70 degC, laser_intensity: 30 %")
    said = r"line 6, .*key limits: laser_intensity: 30 % are allowed, .*declared: intensity .* at 40 %"
    with pytest.raises(ConfigError, match=said):
        open_rig(write_rig(tmp_path, text))
