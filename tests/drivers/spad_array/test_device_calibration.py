import hashlib
from pathlib import Path

import numpy as np
import pytest

from acquisition.config import ConfigError, parse_config
from acquisition.config.shipped import CONFIGS
from drivers.spad_array.device_calibration import DeviceCalibration, LoadedCalibration, load_device_calibration

SHIPPED = CONFIGS / "calibrations" / "spad_lambda_device.yaml"
ODD_ON_SLAVE = {235, 247, 255, 263, 271, 279, 283, 291, 299, 307}


def text() -> str:
    return SHIPPED.read_text(encoding="utf-8")


def test_the_shipped_map_names_each_position_once_even_ones_on_the_slave() -> None:
    pixel_map = load_device_calibration("spad_lambda_device.yaml").values.pixel_map
    assert sorted([*pixel_map.slave, *pixel_map.master]) == list(range(320))
    assert {position for position in pixel_map.slave if position % 2} == ODD_ON_SLAVE
    assert all(position % 2 for position in pixel_map.master)


def test_the_table_of_positions_is_by_chip_and_wire_id() -> None:
    positions = load_device_calibration("spad_lambda_device.yaml").values.positions
    assert [positions[0, 0], positions[0, 169], positions[1, 0], positions[1, 149]] == [190, 318, 267, 313]


def test_a_position_that_stands_twice_is_refused_with_its_number() -> None:
    with pytest.raises(ConfigError, match=r"pixel_map.*230 stands more than once"):
        parse_config(text().replace("190, 230", "230, 230"), DeviceCalibration)


def test_a_tick_that_is_no_whole_picosecond_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"33\.3333 ns is no whole number of picoseconds"):
        parse_config(text().replace("100 ns", "33.3333 ns"), DeviceCalibration)


def test_a_chip_offset_that_is_no_step_is_refused() -> None:
    changed = text().replace("chip_offset: 0 ps", "chip_offset: 30 ps").replace("resolution: 1 ps", "resolution: 20 ps")
    with pytest.raises(ConfigError, match="30 ps must be a multiple of delay_resolution, 20 ps"):
        parse_config(changed, DeviceCalibration)


def test_ticks_per_pulse_with_the_counter_on_the_laser_are_refused() -> None:
    with pytest.raises(ConfigError, match="ticks_per_pulse"):
        parse_config(text() + "\nticks_per_pulse: 10\n", DeviceCalibration)


def test_a_file_beside_the_rig_file_comes_first_and_its_hash_is_known(tmp_path: Path) -> None:
    path = tmp_path / "spad_lambda_device.yaml"
    path.write_text(text().replace("serial: unknown", "serial: L042"), encoding="utf-8")
    loaded = load_device_calibration("spad_lambda_device.yaml", tmp_path)
    assert loaded.values.serial == "L042"
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml.*no such calibration file"):
        load_device_calibration("nowhere.yaml")


def test_offsets_and_mask_are_offered_to_the_analysis(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    offsets = ", ".join(f"{k} ps" for k in range(320))
    path.write_text(f"{text()}\npixel_offset: [{offsets}]\nmask: [3, 5]\n", encoding="utf-8")
    found = LoadedCalibration(path).pixel_calibration
    assert found.pixel_offset_ps is not None
    assert found.pixel_mask is not None
    np.testing.assert_array_equal(found.pixel_offset_ps, np.arange(320.0))
    assert np.flatnonzero(~found.pixel_mask).tolist() == [3, 5]


def test_without_offsets_and_mask_none_are_offered() -> None:
    found = load_device_calibration("spad_lambda_device.yaml").pixel_calibration
    assert (found.pixel_offset_ps, found.pixel_mask) == (None, None)
