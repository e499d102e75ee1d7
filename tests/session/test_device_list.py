"""What a session says of its instruments: how each is set, how it reads back, and who does not answer."""

import json

import pytest

from acquisition.rig import open_rig
from acquisition.session.device_list import describe, described
from drivers.attenuator.operator import OperatorAttenuator, OperatorAttenuatorSettings
from drivers.interfaces.errors import CommunicationError, OperatorNeeded
from simulators.spectrograph import SimulatedSpectrograph


@pytest.fixture(scope="module")
def rig():
    with open_rig("simulated", seed=3) as rig:
        rig.arm()
        yield rig


def test_a_laser_tells_how_it_was_set_how_it_reads_back_and_what_is_allowed(rig):
    laser = rig.laser
    laser.set_intensity_percent(20.0)
    said = describe("laser", laser)
    assert said["controls"]["intensity_percent"] == {
        "set": 20.0, "read": 20.0, "declared": False, "limits": [0.0, 100.0], "choices": None, "tolerance": 0.2,
    }  # fmt: skip
    assert said["controls"]["emission"]["read"] is said["emission"] is False
    assert said["interlock_closed"] is True
    assert said["connected"]
    assert said["problem"] is None


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("laser", ["repetition_rate_hz", "intensity_percent", "emission"]),
        ("shutter", ["open"]),
        ("attenuator", ["transmission_percent"]),
        ("heater", ["temperature_c"]),
        ("camera", ["light"]),
        ("stage", ["x_um", "y_um"]),
        ("focus", ["z_um"]),
        ("power_meter", []),
        ("spad_array", []),
    ],
)
def test_the_controls_of_a_role_have_the_names_of_its_step(rig, role, names):
    said = {device["role"]: device for device in described(rig.devices)}
    assert list(said[role]["controls"]) == names


def test_an_attenuator_speaks_percent(rig):
    rig.attenuator.set_transmission(0.25)
    control = describe("attenuator", rig.attenuator)["controls"]["transmission_percent"]
    assert (control["set"], control["read"], control["limits"]) == (25.0, 25.0, [0.0, 100.0])


def test_the_light_of_a_camera_is_what_a_person_has_said_among_what_can_be_said(rig):
    control = describe("camera", rig.camera)["controls"]["light"]
    assert (control["read"], control["declared"]) == ("sample", True)
    assert [choice["value"] for choice in control["choices"]] == ["sample", "lamp", "alignment", "room"]


def test_a_spectrograph_tells_its_gratings():
    with SimulatedSpectrograph("spectrograph") as device:
        device.set_grating(2)
        said = describe("spectrograph", device)["controls"]
    assert said["grating"]["read"] == 2
    assert said["grating"]["choices"][1] == {"value": 2, "text": "2: 300 lines/mm, blaze 500 nm"}
    assert said["slit_um"]["limits"] == [10.0, 2500.0]


def test_an_attenuator_that_is_set_by_hand_reads_as_declared():
    with OperatorAttenuator("attenuator", OperatorAttenuatorSettings()) as device:
        assert describe("attenuator", device)["controls"]["transmission_percent"]["read"] is None
        with pytest.raises(OperatorNeeded) as needed:
            device.set_transmission(0.1)
        needed.value.confirm()
        control = describe("attenuator", device)["controls"]["transmission_percent"]
    assert (control["read"], control["declared"]) == (10.0, True)


def test_who_does_not_answer_says_why_and_hides_no_other(rig, monkeypatch):
    devices = rig.devices

    def silent():
        raise CommunicationError("heater", "does not answer; look at its cable")

    monkeypatch.setattr(devices["heater"]._device, "readings", silent)
    said = {device["role"]: device for device in described(devices)}
    assert said["heater"]["problem"] == "heater: does not answer; look at its cable"
    assert said["heater"]["model"] == "simulated heated substrate"
    assert said["heater"]["controls"] == said["heater"]["readings"] == {}
    assert said["laser"]["problem"] is None


def test_an_instrument_that_is_not_connected_is_described_as_not_known(rig, monkeypatch):
    heater = rig.heater
    monkeypatch.setattr(heater._device, "_connected", False)
    said = describe("heater", heater)
    assert not said["connected"]
    assert "not connected" in said["problem"]
    assert json.loads(json.dumps(said)) == said
