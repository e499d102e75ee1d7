"""Stage and camera of a rig: what the latch forbids them, and that the simulated ones see one sample."""

from pathlib import Path

import numpy as np
import pytest

from acquisition.config import ConfigError
from acquisition.rig import open_rig
from drivers.interfaces.errors import StateError
from tests.rig.fakes import fake_rig
from tests.rig.test_rig_file import RIG, write_rig


def test_the_stage_may_move_while_the_rig_is_latched() -> None:
    calls: list[str] = []
    rig = fake_rig(calls)
    rig.make_safe()
    assert rig.stage is not None
    assert rig.stage.move_to_um(1.0, 2.0)
    assert calls[-1] == "stage move 1 2"


def test_while_latched_the_gain_can_only_be_put_to_its_minimum() -> None:
    calls: list[str] = []
    rig = fake_rig(calls)
    assert rig.camera is not None
    rig.make_safe()
    rig.camera.set_em_gain(1.0)
    rig.camera.set_cooler(True)
    assert calls[-2:] == ["camera gain 1", "camera cooler True"]
    with pytest.raises(StateError, match="camera: stays off"):
        rig.camera.set_em_gain(1.5)


def test_no_frame_is_taken_while_the_rig_is_latched() -> None:
    calls: list[str] = []
    rig = fake_rig(calls)
    assert rig.camera is not None
    frames = rig.camera.frames(10)
    next(frames)
    rig.make_safe()
    assert list(frames) == []
    assert calls[-1] == "camera frames closed"
    with pytest.raises(StateError, match="camera: stays off"):
        next(rig.camera.frames(1))
    rig.arm()
    assert len(list(rig.camera.frames(2))) == 2


def test_making_dark_ends_frames_at_lowest_gain_and_keeps_the_cooler_on() -> None:
    with open_rig("simulated") as rig:
        assert rig.camera is not None
        rig.camera.set_cooler(True)
        rig.camera.set_em_gain(100.0)
        frames = rig.camera.frames(10)
        next(frames)
        rig.make_dark()
        assert list(frames) == []
        status = rig.camera.status()
        assert (status.em_gain, status.shutter_open, status.cooler) == (1.0, False, True)
        rig.camera.set_em_gain(100.0)
        assert len(list(rig.camera.frames(1))) == 1


def test_stage_and_camera_see_the_same_sample_as_the_array() -> None:
    with open_rig("simulated", sample="field_of_dots", seed=2) as rig:
        assert rig.shutter is not None
        assert rig.stage is not None
        assert rig.camera is not None
        rig.laser.set_intensity_percent(10.0)
        rig.laser.set_emission(True)
        rig.shutter.set_open(True)
        rig.spad_array.set_bias(True)
        counts = []
        for place in ((0.6, -0.8), (0.6, 1.0)):
            assert rig.stage.move_to_um(*place)
            counts.append(sum(len(block) for block in rig.spad_array.photons(1.0)))
        assert rig.stage.move_to_um(0.6, 1.0)
        rig.camera.set_em_gain(200.0)
        rig.camera.set_exposure_s(5.0)
        (frame,) = rig.camera.frames(1)
        truth = rig.truth()
    assert truth is not None
    assert counts[0] > counts[1] + 2000
    assert [point["point"] for point in truth["points"]] == [1, 2, 3]
    assert rig.next_point == 4
    row = truth["points"][2]["streaks"][5]["row"]
    rows = frame.counts.astype(float).sum(axis=1)
    assert int(np.argmax(rows)) == pytest.approx(row, abs=3)


def test_the_numbers_of_the_bench_are_known_before_and_after_its_first_acquisition() -> None:
    with open_rig("simulated", first_point=4) as rig:
        assert (rig.first_point, rig.next_point) == (4, 4)
        rig.spad_array.set_bias(True)
        next(rig.spad_array.photons(0.1))
        assert (rig.first_point, rig.next_point) == (4, 5)


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("stage: {kind: simulated, speed: 5 um}", "roles.stage.speed"),
        ("stage: {kind: simulated, low: 5 um}", "as the stage starts at 0 um"),
        ("stage: {kind: simulated, low: 5 um, high: 1 um}", "low (5 um) must lie below high (1 um)"),
        ("camera: {kind: simulated, sensor: {rows: 0}}", "key roles.camera.sensor.rows"),
        ("camera: {kind: ixon}", "'ixon' is not a known kind; allowed are 'simulated', 'andor_sdk2'"),
    ],
)
def test_a_bad_stage_or_camera_is_refused_with_its_place(tmp_path: Path, role: str, said: str) -> None:
    path = write_rig(tmp_path, RIG.replace("roles:\n", f"roles:\n  {role}\n"))
    with pytest.raises(ConfigError) as error:
        open_rig(path)
    assert said in str(error.value)
    assert "line 4" in str(error.value)
