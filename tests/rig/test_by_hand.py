"""Pre-flight says what a person will have to do on the real rig, and what is refused where nobody is."""

from pathlib import Path

import pytest

from acquisition.config import ConfigError
from acquisition.rig import NotSafeError, open_rig
from acquisition.rig.twin import open_twin
from acquisition.sequence import SequenceError
from acquisition.session import LocalSession, SessionError
from acquisition.storage import read_journal
from drivers.interfaces.laser import LaserAuthority

SHIPPED = Path(__file__).parents[2] / "configs" / "rigs" / "simulated.yaml"
DECLARED = "{repetition_rate: 1 MHz, intensity: 20 %, head: LDH-D-C-405, triggering: internal}"
STEPS = [
    {"kind": "set_laser", "repetition_rate_hz": 1e6, "intensity_percent": 20.0},
    {"kind": "set_laser", "intensity_percent": 5.0},
    {"kind": "set_attenuator", "transmission_percent": 10.0},
]


@pytest.fixture
def rig_file(tmp_path):
    def write(authority, attenuator="{kind: operator, description: filter wheel}"):
        text = SHIPPED.read_text()
        laser = f"{{kind: pdl_800d, authority: {authority}, declared: {DECLARED}, simulated: true}}"
        text = text.replace("laser: {kind: simulated}", f"laser: {laser}")
        text = text.replace("attenuator: {kind: simulated}", f"attenuator: {attenuator}")
        path = tmp_path / f"{authority}.yaml"
        path.write_text(text)
        return str(path)

    return write


def test_check_says_what_a_person_will_be_asked(rig_file, tmp_path):
    with LocalSession(rig_file("shutter"), str(tmp_path)) as session:
        found = session.check(STEPS)
    assert found["ok"], found["problems"]
    assert [question.partition(". Done?")[0] for question in found["asked"]] == [
        "Step 2 (set laser: 5 %) needs you. laser: set the intensity to 5 %",
        "Step 3 (set attenuator: 10 % pass) needs you. attenuator: let 10 % of the light pass",
    ]


def test_check_says_that_it_cannot_work_where_nobody_is(rig_file, tmp_path):
    with LocalSession(rig_file("shutter"), str(tmp_path)) as session:
        found = session.check(STEPS, attended=False)
    assert not found["ok"]
    assert "step 2 (set_laser): laser: set the intensity to 5 %; no software can do it, and nobody attends" in str(
        found["problems"]
    )


def test_a_twin_acts_as_a_person_has_set_it(rig_file):
    with open_twin(rig_file("shutter")) as twin:
        twin.arm()
        assert twin.laser.status().intensity_percent == 20.0
        assert twin.laser.authority is LaserAuthority.SHUTTER
        twin.laser.set_emission(True)
        twin.shutter.set_open(True)
        assert twin.light_on_sample_percent == 20.0


def test_check_says_that_somebody_must_stay_with_a_bare_laser(rig_file, tmp_path):
    with LocalSession(rig_file("none"), str(tmp_path)) as session:
        assert any("somebody must stay" in note for note in session.check(STEPS)["notes"])
    with LocalSession(rig_file("shutter"), str(tmp_path)) as session:
        assert not any("somebody must stay" in note for note in session.check(STEPS)["notes"])


def test_a_laser_that_no_software_can_darken_is_refused_unattended_by_check(rig_file, tmp_path):
    with (
        LocalSession(rig_file("none"), str(tmp_path)) as session,
        pytest.raises(SequenceError, match="no software can take the light of the laser off the sample"),
    ):
        session.check(STEPS, attended=False)


def test_a_laser_that_no_software_can_darken_says_so_on_an_emergency_stop(rig_file, tmp_path):
    with LocalSession(rig_file("none"), str(tmp_path), guarded=False) as session:
        session.devices()
        with pytest.raises(SequenceError, match="put its trigger, its gate or a shutter into the rig file"):
            session.start(STEPS, attended=False)
        assert not list(tmp_path.glob("*/run.json"))
        with pytest.raises(NotSafeError, match="LASER NOT UNDER CONTROL"):
            session.emergency_stop()
        status = session.status()
        assert status["state"] == "broken"
        assert "LASER NOT UNDER CONTROL: no software can switch it off; turn the key switch" in status["message"]
        with pytest.raises(SessionError, match="LASER NOT UNDER CONTROL"):
            session.start(STEPS)


def test_the_rig_says_what_it_is_told(rig_file):
    rig = open_rig(rig_file("shutter"))
    try:
        assert rig.attenuator.identity.model == "filter wheel"
        assert "intensity_percent" in rig.laser.declared
    finally:
        rig.close()


def test_the_twin_of_a_microscope_has_its_limits_and_takes_addresses_that_are_not_filled_in(tmp_path):
    config = "config: fill in, device: XYStage"
    stage = f"{{kind: micro_manager, {config}, x_low: 10 um, x_high: 90 um, y_low: 0 um, y_high: 50 um}}"
    positions = "[{position: open, transmission: 100 %}, {position: ND1, transmission: 9.3 %}]"
    text = SHIPPED.read_text()
    for old, new in (
        ("stage: {kind: simulated, speed: 500 um/s, settling: 50 ms, repeatability: 20 nm}", f"stage: {stage}"),
        (
            "focus: {kind: simulated, speed: 100 um/s, settling: 20 ms}",
            "focus: {kind: micro_manager, config: fill in, device: Z, z_low: -5 um, z_high: 5 um}",
        ),
        (
            "attenuator: {kind: simulated}",
            f"attenuator: {{kind: micro_manager, config: fill in, device: Wheel, positions: {positions}}}",
        ),
        (
            "power_meter: {kind: simulated, pulse_energy: 5 pJ}",
            'power_meter: {kind: thorlabs_pm100, address: "fill in"}',
        ),
    ):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "microscope.yaml"
    path.write_text(text)
    steps = [
        {"kind": "move_stage", "x_um": 95.0, "y_um": 20.0},
        {"kind": "move_stage", "x_um": 20.0, "y_um": 60.0},
        {"kind": "set_focus", "z_um": 6.0},
        {"kind": "set_attenuator", "transmission_percent": 9.3},
        {"kind": "measure_power"},
    ]
    with LocalSession(str(path), str(tmp_path)) as session:
        allowed = session.check([{**steps[0], "x_um": 20.0}, {**steps[2], "z_um": 4.0}, *steps[3:]])
        assert allowed["ok"], allowed["problems"]
        for step, said in zip(steps[:3], ("x_um = 95", "y_um = 60", "z_um = 6"), strict=True):
            with pytest.raises(SequenceError, match=said):
                session.check([step])
    with pytest.raises(ConfigError, match="'fill in' is not filled in"):
        open_rig(path)


def run_to_its_end(session, steps, *answers):
    """Run steps and answer what is asked; return the last status and the questions."""
    session.start(steps)
    asked, left = [], list(answers)
    for _ in range(600):
        status = session.wait(0.1)
        if status["outcome"] is not None:
            return status, asked
        if status["question"] and left:
            asked.append(status["question"]["text"])
            session.answer(left.pop(0))
    raise AssertionError(f"the run has not ended: {status}")


def test_a_person_switches_a_bare_laser_off_and_the_journal_says_that_it_was_declared(rig_file, tmp_path):
    with LocalSession(rig_file("none"), str(tmp_path / "runs"), guarded=False) as session:
        status, asked = run_to_its_end(session, [{"kind": "set_laser", "emission": False}], "done")
        assert (status["outcome"], status["ok"]) == ("completed", True), status["message"]
    assert len(asked) == 1
    assert "laser: switch the PDL 800-D off at its key switch" in asked[0]
    events = read_journal(next((tmp_path / "runs").glob("*/journal.jsonl"))).events
    (declared,) = [event for event in events if event["event"] == "done_by_hand"]
    assert (declared["device"], declared["answer"]) == ("laser", "done")
    assert declared["operator"]


def test_a_run_that_leaves_a_bare_laser_on_says_that_it_is_not_under_control(rig_file, tmp_path):
    with LocalSession(rig_file("none"), str(tmp_path / "runs"), guarded=False) as session:
        status, _ = run_to_its_end(session, [{"kind": "set_shutter", "open": False}])
        assert (status["state"], status["outcome"], status["ok"]) == ("broken", "failed", False)
        assert "LASER NOT UNDER CONTROL: no software can switch it off; turn the key switch" in status["message"]
