"""Addresses that a laboratory has still to write: a sequence can be tried before, no instrument is opened."""

from pathlib import Path

import pytest

from acquisition.config import ConfigError
from acquisition.config.shipped import CONFIGS
from acquisition.preflight.foresee import foresee
from acquisition.rig import open_rig
from acquisition.rig.twin import open_twin
from tests.preflight.sequences import LIGHT, acquire, measurement


def test_a_rig_with_places_to_fill_in_is_not_opened_and_each_place_is_named() -> None:
    with pytest.raises(ConfigError) as refused:
        open_rig("microscope")
    lines = (CONFIGS / "rigs" / "microscope.yaml").read_text(encoding="utf-8").splitlines()
    said = {(problem.line, problem.key) for problem in refused.value.problems}
    assert {key for _, key in said} >= {"roles.shutter.address", "roles.laser.generator.address"}
    assert all(line is not None and "fill in" in lines[line - 1] for line, _ in said)


def test_a_sequence_can_be_tried_before_the_rig_is_filled_in_and_the_forecast_says_what_is_missing() -> None:
    twin = open_twin("microscope")
    with twin:
        forecast = foresee(twin, measurement(*LIGHT, acquire(1.0)))
    assert [
        note for note in forecast.notes if "still to be filled in" in note and "roles.laser.generator.address" in note
    ]


def test_a_rig_that_is_filled_in_misses_nothing(tmp_path: Path) -> None:
    text = (CONFIGS / "rigs" / "microscope.yaml").read_text(encoding="utf-8")
    path = tmp_path / "rig.yaml"
    path.write_text(text.replace("fill in}", "COM4}").replace("fill in,", "COM4,"), encoding="utf-8")
    with open_twin(path) as twin:
        assert twin.not_filled_in == ()
