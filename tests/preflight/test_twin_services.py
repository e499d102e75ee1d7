"""What steps that count and procedures get on a twin: photons and counts as they are expected."""

import threading

import numpy as np
import pytest

from acquisition.preflight.expected_acquisition import ExpectedAcquisition
from acquisition.preflight.expected_photons import expected_blocks
from acquisition.preflight.twin_services import TwinServices
from acquisition.rig.twin import TwinRig, open_twin
from acquisition.sequence import AcquirePhotons
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

INFO = PhotonStreamInfo(period_ps=1e6, pulsed=True, delay_resolution_ps=20.0, pixel_count=4)
EDGES_NS = np.linspace(0.0, 1000.0, 6)


class Recorder:
    def __init__(self) -> None:
        self.blocks: list[PhotonBlock] = []

    def append(self, block: PhotonBlock) -> None:
        self.blocks.append(block)

    def finish(self) -> None: ...

    def abandon(self) -> None: ...

    @property
    def photons(self) -> int:
        return sum(len(block) for block in self.blocks)


def lit() -> TwinRig:
    twin = open_twin("simulated", sample="never_charges")
    twin.arm()
    assert twin.shutter is not None
    twin.laser.set_intensity_percent(20.0)
    twin.laser.set_emission(True)
    twin.shutter.set_open(True)
    twin.spad_array.set_bias(True)
    return twin


def read(twin: TwinRig, services: TwinServices, duration_s: float, recorder: Recorder) -> int:
    acquire = ExpectedAcquisition(twin, services, None)
    array = twin.spad_array
    return acquire(array, duration_s, array.stream_info(), recorder, stop=threading.Event()).photons


def test_expected_photons_are_right_to_one_in_each_pixel_and_delay() -> None:
    per_pulse = np.random.default_rng(1).exponential(1e-4, (4, 5))
    blocks = list(expected_blocks(per_pulse, EDGES_NS, 2_500_000, INFO))
    assert [(block.first_pulse, block.end_pulse) for block in blocks] == [
        (0, 1_000_000), (1_000_000, 2_000_000), (2_000_000, 2_500_000),
    ]  # fmt: skip
    for block in blocks[:2]:
        delay_bin = np.searchsorted(EDGES_NS, block.delay_ps / 1e3) - 1
        found = np.zeros((4, 5))
        np.add.at(found, (block.pixel, delay_bin), 1)
        assert np.abs(found - 1e6 * per_pulse).max() <= 1.0
        assert np.abs(found.sum(axis=1) - 1e6 * per_pulse.sum(axis=1)).max() <= 1.0


def test_nothing_expected_gives_empty_blocks() -> None:
    (block,) = expected_blocks(np.zeros((4, 5)), EDGES_NS, 10, INFO)
    assert len(block) == 0
    assert block.end_pulse == 10


def test_a_count_gets_the_photons_that_are_expected_and_its_time_passes() -> None:
    with lit() as twin:
        recorder, services = Recorder(), TwinServices(twin)
        photons = read(twin, services, 1.5, recorder)
        assert photons == recorder.photons
        assert photons == pytest.approx(twin.expectation(1.5).time_tags, rel=1e-3)
        assert twin.clock.now() == 1.5
        assert services.points == {}


def test_a_place_beside_the_emitter_is_darker() -> None:
    with lit() as twin:
        assert twin.stage is not None
        recorders = []
        for x_um in (0.0, 0.2, 3.0):
            twin.stage.move_to_um(x_um, 0.0)
            recorders.append(Recorder())
            read(twin, TwinServices(twin), 1.0, recorders[-1])
        dark = twin.expectation(1.0).dark_counts
    light = [recorder.photons - dark for recorder in recorders]
    assert light[0] > 1.5 * light[1] > 100
    assert abs(light[2]) <= 2


def test_late_light_is_that_of_the_expected_points() -> None:
    with lit() as twin:
        services = TwinServices(twin)
        for number, percent in enumerate((0.0, 1.0, 2.0), 1):
            twin.laser.set_intensity_percent(percent)
            services.begin_part(number, AcquirePhotons(duration_s=10.0), twin.spad_array.stream_info())
            read(twin, services, 10.0, Recorder())
        found = services.late_light((1, 2, 3), 60.0, 200.0)
    assert found["late_pulses"] == [10_000_000] * 3
    dark, one, two = found["late_counts"]
    assert (two - dark) / (one - dark) == pytest.approx(2.0, rel=0.02)
