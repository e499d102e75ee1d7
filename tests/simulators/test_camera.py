"""The simulated camera: streaks where the emitters are, and the noise of an EMCCD."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.interfaces.camera import Frame
from simulators.bench import Bench
from simulators.camera import CameraSettings, SimulatedCamera
from simulators.emccd import FULL_SCALE, SensorSettings, read_out
from simulators.optics import PHOTON_EV_NM
from simulators.sample import Emitter, MicrostatePhotophysics, Sample, Spectrum
from simulators.widefield import WidefieldSettings

MODEL = MicrostatePhotophysics(kind="microstate")
SENSOR = SensorSettings(rows=60, columns=128)
SEEING = WidefieldSettings(column_step_nm=2.0, first_column_nm=570.0)
COLD = SensorSettings(dark_current_per_s=0.0, clock_induced_charge=0.0, read_noise_electrons=0.0, electrons_per_count=1)


def dots(*places_um: tuple[float, float], energy_ev: float = 1.78) -> Sample:
    """Return emitters that stay neutral."""
    emitters = tuple(
        Emitter(photophysics=MODEL, position_x_um=x, position_y_um=y, spectrum=Spectrum(energy_ss_ev=energy_ev))
        for x, y in places_um
    )
    return Sample(name="dots", emitters=emitters)


def camera_on(sample: Sample, seed: int = 1, intensity_percent: float = 50.0) -> tuple[Bench, SimulatedCamera]:
    """Return a cold camera with light on the sample."""
    bench = Bench(sample, seed)
    bench.beam.intensity_percent, bench.beam.emission = intensity_percent, True
    camera = SimulatedCamera("camera", bench, CameraSettings(sensor=SENSOR, widefield=SEEING))
    camera.connect()
    camera.set_temperature_c(-70.0)
    camera.set_cooler(True)
    bench.clock.sleep(3600.0)
    camera.set_exposure_s(1.0)
    return bench, camera


def electrons(frames: list[Frame]) -> NDArray[np.float64]:
    """Return the sum of frames in electrons before multiplication."""
    gain = frames[0].em_gain
    return np.sum([frame.counts - SENSOR.bias_counts for frame in frames], axis=0) * SENSOR.electrons_per_count / gain


def test_each_emitter_is_a_streak_at_its_own_height() -> None:
    bench, camera = camera_on(dots((0.0, 0.0), (0.0, 1.5)))
    camera.set_em_gain(200.0)
    rows = electrons(list(camera.frames(20))).sum(axis=1)
    streaks = [row for row in range(1, 59) if rows[row] == rows[max(0, row - 4) : row + 5].max() > 0.3 * rows.max()]
    found = [streak["row"] for streak in bench.truth()["points"][0]["streaks"]]
    assert found == pytest.approx([29.5, 44.5])
    assert len(streaks) == 2
    assert streaks == pytest.approx(found, abs=1.6)


def test_a_streak_holds_the_electrons_that_the_photophysics_says() -> None:
    _, camera = camera_on(dots((0.0, 0.0)), intensity_percent=10.0)
    camera.set_em_gain(300.0)
    frames = list(camera.frames(40))
    total = electrons(frames)[20:40].sum() - 40 * 20 * 128 * SENSOR.clock_induced_charge
    # 0.005 excitations per pulse at 1 MHz for 40 s, nearly all excitons, 10 % detected; the edges lose light
    emitted = 40 * 1e6 * 0.005 * SEEING.efficiency
    noise = (2 * (emitted + 40 * 20 * 128 * SENSOR.clock_induced_charge)) ** 0.5
    assert 0.85 * emitted - 4 * noise < total < 0.99 * emitted + 4 * noise


def test_the_line_lies_at_the_energy_of_the_emitter() -> None:
    centres = []
    for energy_ev in (1.72, 1.82):
        _, camera = camera_on(dots((0.0, 0.0), energy_ev=energy_ev))
        camera.set_em_gain(200.0)
        spectrum = electrons(list(camera.frames(20)))[24:36].sum(axis=0)
        smooth = np.convolve(spectrum, np.ones(5) / 5, mode="same")
        centres.append(PHOTON_EV_NM / camera.wavelength_nm()[int(np.argmax(smooth))])
    assert centres == pytest.approx([1.72, 1.82], abs=0.02)


def test_the_slit_and_the_stage_decide_which_emitters_are_seen() -> None:
    bench, camera = camera_on(dots((0.0, 0.0), (3.0, 0.0)))
    (_,) = camera.frames(1)
    shares = [streak["through_slit"] for streak in bench.truth()["points"][0]["streaks"]]
    assert shares[0] > 0.99
    assert shares[1] < 1e-6


def test_without_light_there_is_bias_and_noise_only() -> None:
    bench, camera = camera_on(dots((0.0, 0.0)))
    bench.beam.emission = False
    (frame,) = camera.frames(1)
    pixels = frame.counts.size
    noise_counts = SENSOR.read_noise_electrons / SENSOR.electrons_per_count
    assert abs(frame.counts.mean() - SENSOR.bias_counts) < 4 * noise_counts / pixels**0.5 + 0.01
    assert frame.counts.std() == pytest.approx(noise_counts, rel=0.05)


def test_the_multiplication_doubles_the_variance_and_keeps_the_mean() -> None:
    mean, gain = 30.0, 300.0
    counts = read_out(np.random.default_rng(1), COLD, np.full((300, 300), mean), gain) - COLD.bias_counts
    pixels = counts.size
    assert counts.mean() == pytest.approx(mean * gain, rel=4 * (2 / mean / pixels) ** 0.5)
    excess = counts.var() / (gain**2 * mean)
    assert excess == pytest.approx(2 - 1 / gain, rel=0.03)


def test_without_gain_electrons_are_counted_as_they_are() -> None:
    counts = read_out(np.random.default_rng(1), COLD, np.full((200, 200), 30.0), 1.0) - COLD.bias_counts
    assert counts.var() == pytest.approx(counts.mean(), rel=0.05)
    assert counts.mean() == pytest.approx(30.0, abs=4 * (30 / 40_000) ** 0.5)


def test_clock_induced_charge_is_single_electrons_with_an_exponential_tail() -> None:
    dark = COLD.model_copy(update={"clock_induced_charge": 0.01})
    counts = read_out(np.random.default_rng(2), dark, np.zeros((500, 500)), 100.0) - dark.bias_counts
    events = counts[counts > 0]
    assert len(events) == pytest.approx(2500, abs=4 * 50)
    assert events.mean() == pytest.approx(100.0, abs=4 * 100 / 50 + 1.0)


def test_too_much_light_is_cut_off_and_told() -> None:
    _, camera = camera_on(dots((0.0, 0.0)), intensity_percent=100.0)
    camera.set_em_gain(300.0)
    camera.set_exposure_s(30.0)
    (frame,) = camera.frames(1)
    assert frame.saturated
    assert frame.counts.max() == FULL_SCALE


def test_a_warm_sensor_is_brighter() -> None:
    assert SENSOR.dark_electrons_per_s(-70.0) == pytest.approx(SENSOR.dark_current_per_s)
    assert SENSOR.dark_electrons_per_s(-58.0) == pytest.approx(4 * SENSOR.dark_current_per_s)


def test_frames_depend_on_seed_acquisition_and_number_alone() -> None:
    def taken(seed: int, count: int) -> list[NDArray[np.uint16]]:
        _, camera = camera_on(dots((0.0, 0.0)), seed)
        return [np.array(frame.counts) for frame in camera.frames(count)]

    assert np.array_equal(taken(3, 4)[1], taken(3, 2)[1])
    assert not np.array_equal(taken(3, 2)[0], taken(3, 2)[1])
    assert not np.array_equal(taken(3, 1)[0], taken(4, 1)[0])
    bench, camera = camera_on(dots((0.0, 0.0)), 3)
    first = np.array(next(iter(camera.frames(1))).counts)
    bench.skip_points(1)
    assert not np.array_equal(first, np.array(next(iter(camera.frames(1))).counts))
    assert [point["point"] for point in bench.truth()["points"]] == [1, 3]


def test_an_emitter_that_charges_blinks_from_frame_to_frame_as_its_path_says() -> None:
    charging = {"neutral_to_minus1_hz": 0.5, "minus1_to_neutral_hz": 0.5}
    (one,) = dots((0.0, 0.0)).emitters
    sample = Sample(name="blinks", emitters=(Emitter.model_validate({**one.model_dump(), "charging": charging}),))
    bench, camera = camera_on(sample, intensity_percent=100.0)
    camera.set_em_gain(300.0)
    frames = list(camera.frames(60))
    light = np.array([electrons([frame])[20:40].sum() for frame in frames])
    (path,) = bench.truth()["points"][0]["charge_paths"]
    starts_s, charges = np.array(path).T
    begins_s = np.array([frame.started_s for frame in frames])
    whole = np.array([not np.any((starts_s > begin) & (starts_s < begin + 1.0)) for begin in begins_s])
    charge = charges[np.searchsorted(starts_s, begins_s, side="right") - 1]
    means = [light[whole & (charge == q)].mean() for q in (0, -1)]
    assert means[1] / means[0] == pytest.approx(0.91, abs=0.03)


def test_the_truth_of_a_camera_is_plain_data() -> None:
    bench, camera = camera_on(dots((0.0, 0.0)))
    list(camera.frames(2))
    (point,) = json.loads(json.dumps(dict(bench.truth()), allow_nan=False))["points"]
    assert point["duration_s"] == pytest.approx(2 * 1.01)
    assert point["excitations_per_pulse"] == pytest.approx(0.5 * SEEING.illumination)
    assert point["streaks"][0]["states"]["X"]["energy_ss_ev"] == pytest.approx(1.78)
