"""What a run becomes when camera or spectrograph fail: what passes ends well, what does not is told and safe."""

from pathlib import Path

import pytest

from tests.faults.trials import ANDOR, LIGHT, Trial, simulated_trial

FRAMES = 4
SPECTRA = [*LIGHT, {"kind": "acquire_spectra", "frames": FRAMES, "exposure": "300 ms", "em_gain": 20}]
CAMERA = ["camera_no_new_data", "camera_acquiring", "camera_vanished"]
SAID = {
    "camera_no_new_data": "frame",
    "camera_acquiring": "20072",
    "camera_vanished": "vanished",
}


def frames_kept(trial: Trial) -> int:
    """Return how many frames lie in the folder of the run as they were taken."""
    return len(list(trial.folder.point(1).path.rglob("*.npz")))


def assert_camera_is_safe(trial: Trial) -> None:
    camera = trial.session._rig.camera
    assert (camera.status().em_gain, camera.status().shutter_open) == (1.0, False)
    assert not trial.session._rig.laser.status().emission


def begin_in_frames(trial: Trial, fault: str) -> None:
    """Let a fault begin when the first frame of a run is there."""
    trial.session.start(SPECTRA)
    trial.until(lambda status: status["point"] == 1 and frames_kept(trial) > 0)
    trial.begin(fault)


@pytest.mark.parametrize("fault", CAMERA)
def test_a_camera_of_andor_that_fails_is_named_keeps_its_frames_and_goes_on_after_reconnecting(
    fault: str, tmp_path: Path
) -> None:
    with simulated_trial(tmp_path, roles=ANDOR) as trial:
        begin_in_frames(trial, fault)
        trial.ended()
        trial.assert_told("camera", SAID[fault], "reconnect" if fault != "camera_acquiring" else "close the running")
        assert frames_kept(trial) + trial.folder.point(1).frames_h5.exists() > 0
        trial.end(fault)
        trial.session.reconnect("camera")
        assert_camera_is_safe(trial)
        trial.session.start(SPECTRA)
        assert trial.ended()["ok"]
        assert_camera_is_safe(trial)


def test_frames_that_come_late_are_waited_for(tmp_path: Path) -> None:
    with simulated_trial(tmp_path, roles=ANDOR) as trial:
        begin_in_frames(trial, "camera_no_new_data")
        trial.session.wait(0.3)  # while the camera goes on exposing
        trial.end("camera_no_new_data")
        status = trial.ended()
        assert status["ok"], status
        assert trial.folder.point(1).frames_h5.exists()
        assert_camera_is_safe(trial)


@pytest.mark.parametrize("fault", CAMERA)
def test_the_simulated_camera_fails_with_the_same_words(fault: str, tmp_path: Path) -> None:
    with simulated_trial(tmp_path, f"{{name: {fault}, after: 500 ms}}") as trial:
        trial.session.start(SPECTRA)
        trial.ended()
        trial.assert_told("camera", SAID[fault], "econnect")
        trial.end(fault)
        trial.session.reconnect("camera")
        assert_camera_is_safe(trial)


def test_a_spectrograph_that_misunderstands_three_times_arrives_and_the_run_says_how_often(tmp_path: Path) -> None:
    with simulated_trial(tmp_path, "{name: spectrograph_communication, times: 3}", roles=ANDOR) as trial:
        spectrograph = trial.session._rig.spectrograph
        for slit_um in (50.0, 60.0, 70.0):
            spectrograph.set_slit_um(slit_um)
        assert spectrograph.status().slit_um == 70.0
        trial.session.start(SPECTRA)
        assert trial.ended()["ok"]
        assert trial.record["baseline_before"]["devices"]["spectrograph"]["readings"]["communication_errors"] == 3
