"""Attenuator, focus and power meter in a run: what steps set, what is written down, what points know."""

from pathlib import Path

import pytest

from acquisition.rig import open_rig
from acquisition.scripting import run_steps
from acquisition.session.conditions import conditions
from acquisition.storage import read_journal, read_table

SHIPPED = Path(__file__).parents[2] / "configs" / "rigs" / "simulated.yaml"
METER = "{kind: simulated, pulse_energy: 5 pJ, noise: 1 %, zero_noise: 0 nW}"
LIGHT = [
    {"kind": "set_laser", "repetition_rate_hz": 1e6, "intensity_percent": 20.0, "emission": True},
    {"kind": "set_shutter", "open": True},
]


@pytest.fixture
def rig(tmp_path):
    path = tmp_path / "rig.yaml"
    path.write_text(SHIPPED.read_text().replace("{kind: simulated, pulse_energy: 5 pJ}", METER))
    with open_rig(path) as rig:
        yield rig


def test_points_know_transmission_and_measured_power(rig, tmp_path):
    steps = [
        *LIGHT,
        {"kind": "set_attenuator", "transmission_percent": 25.0},
        {"kind": "set_focus", "z_um": 1.5},
        {"kind": "measure_power", "readings": 16},
        {"kind": "acquire_photons", "duration_s": 0.2},
        {"kind": "set_attenuator", "transmission_percent": 50.0},
        {"kind": "acquire_photons", "duration_s": 0.2},
    ]
    metadata = {"power_at_sample": "0.25 uW", "power_at_intensity": "5 %"}
    result = run_steps(rig, steps, name="power", out=tmp_path, metadata=metadata, analyse=False)
    quarter, half = (point["conditions"] for point in result.points)
    assert quarter["transmission_percent"] == 25.0
    assert quarter["measured_power_uw"] == pytest.approx(0.25, rel=4 * 0.01 / 4)
    assert quarter["measured_power_error_uw"] == pytest.approx(0.25 * 0.01 / 4, rel=4 / 30**0.5)
    assert quarter["power_at_sample_uw"] == 0.25
    assert half["transmission_percent"] == 50.0
    assert not {"measured_power_uw", "power_at_sample_uw"} & half.keys()
    events = read_journal(result.run / "journal.jsonl").events
    (ended,) = [event for event in events if event["event"] == "step_ended" and event["kind"] == "measure_power"]
    assert ended["values"]["power_transmission_percent"] == 25.0


def test_readings_have_a_column_for_each(rig, tmp_path):
    steps = [*LIGHT, {"kind": "set_focus", "z_um": 1.5}, {"kind": "soak", "duration_s": 30.0}]
    result = run_steps(rig, steps, name="columns", out=tmp_path)
    rows = read_table(result.run / "readings.csv").rows
    assert rows[-1]["transmission"] == 1.0
    assert rows[-1]["z_um"] == 1.5
    assert max(row["laser_power_uw"] for row in rows) == pytest.approx(1.0, rel=4 * 0.01)


def test_what_a_power_series_has_found_is_proportional_to_the_transmission(rig):
    rig.arm()
    rig.laser.set_intensity_percent(20.0)
    rig.laser.set_emission(True)
    learnt = {
        "excitations_per_pulse_per_percent": 0.01,
        "excitations_per_pulse_per_percent_error": 0.001,
        "excitations_per_pulse_transmission_percent": 50.0,
    }
    rig.attenuator.set_transmission(0.25)
    found = conditions(rig, {}, learnt)
    assert found["excitations_per_pulse"] == pytest.approx(0.1)
    assert found["excitations_per_pulse_error"] == pytest.approx(0.01)
