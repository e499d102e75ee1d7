"""What is declared once for a run is written to the points for which it holds."""

import pytest

from acquisition.sequence import Sequence
from acquisition.session import LocalSession
from acquisition.session.conditions import metadata_of_points
from acquisition.storage import RunFolder, open_point

ACQUIRE = {"kind": "acquire_photons", "duration_s": 1.0}
OFF = {"kind": "set_laser", "emission": False}
METADATA = {"excitations_per_pulse": 0.2, "operator": "Ada"}


def light(intensity_percent):
    return {"kind": "set_laser", "intensity_percent": intensity_percent, "emission": True}


def metadata(*steps):
    return metadata_of_points(Sequence.model_validate({"name": "dot", "metadata": METADATA, "steps": steps}))


@pytest.mark.parametrize(
    "steps",
    [
        [light(20), ACQUIRE],
        [light(20), ACQUIRE, light(20), ACQUIRE],
        [ACQUIRE, light(20), ACQUIRE, OFF, ACQUIRE],
        [light(1), light(20), ACQUIRE],
    ],
    ids=["one point", "the same again", "dark points beside it", "another intensity without a point"],
)
def test_the_declared_excitations_per_pulse_hold_for_one_intensity(steps):
    assert metadata(*steps) == METADATA


def test_the_declared_excitations_per_pulse_hold_for_no_point_of_several_intensities():
    assert metadata(light(10), ACQUIRE, light(20), ACQUIRE) == {"operator": "Ada"}


def test_intensities_of_a_repeat_count(tmp_path):
    steps = [{"kind": "set_laser", "intensity": "$power", "emission": True}, ACQUIRE]
    repeat = {"kind": "repeat", "for": "power", "values": ["5 %", "10 %"], "steps": steps}
    assert metadata(repeat) == {"operator": "Ada"}


@pytest.mark.parametrize(("intensities", "known"), [([20, 20], True), ([10, 20], False)])
def test_declared_excitations_per_pulse_are_stored_for_one_intensity_only(tmp_path, monkeypatch, intensities, known):
    monkeypatch.setattr("acquisition.session.run_job.analyze_run", lambda folder, report: None)
    steps = [
        step
        for percent in intensities
        for step in (
            {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": f"{percent} %", "emission": True},
            {"kind": "acquire_photons", "duration_s": 1},
        )
    ]
    with LocalSession("simulated", str(tmp_path)) as session:
        run = session.start({"name": "dots", "metadata": {"excitations_per_pulse": 0.2}, "steps": steps})
        assert session.wait(60)["ok"]
    stored = [open_point(point).conditions for point in RunFolder.open(tmp_path / run).points()]
    assert [("excitations_per_pulse" in conditions) for conditions in stored] == [known, known]
