"""The driver of an Andor spectrograph, function by function of its library."""

import inspect
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.interfaces.clock import WallClock
from drivers.interfaces.errors import (
    CommunicationError,
    DeviceError,
    DeviceTimeoutError,
    FaultError,
    RangeError,
    StateError,
)
from drivers.spectrograph import atspectrograph
from drivers.spectrograph.andor_spectrograph import AndorSpectrograph
from simulators.faults import FaultBoard
from simulators.sdk.andor_spectrograph import AndorSpectrographDouble, SpectrographOptics
from tests.drivers.camera.recording import Recorded
from tests.drivers.spectrograph.spectrographs import SETTINGS, double, spectrograph_on

UNMOTORISED = SpectrographOptics(motorised_slit=False, shutter=False)


@pytest.fixture
def library() -> Recorded:
    return Recorded(double())


@pytest.fixture
def spectrograph(library: Recorded) -> AndorSpectrograph:
    device = spectrograph_on(library)
    device.connect()
    library.calls.clear()
    return device


@pytest.mark.parametrize("name", atspectrograph.FUNCTIONS)
def test_the_double_has_every_function_with_as_many_parameters(name: str) -> None:
    parameters = inspect.signature(getattr(AndorSpectrographDouble, name)).parameters
    assert len(parameters) - 1 == len(atspectrograph.FUNCTIONS[name])


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (20201, CommunicationError),
        (20275, CommunicationError),
        (20266, RangeError),
        (20270, RangeError),
        (20292, StateError),
        (20249, StateError),
        (4711, FaultError),
    ],
)
def test_codes_are_sorted_by_what_is_to_be_done(code: int, kind: type[DeviceError]) -> None:
    error = atspectrograph.error_of("spectrograph", "ShamrockSetGrating", code)
    assert isinstance(error, kind)
    assert str(code) in str(error)


def test_knows_its_gratings_and_their_ranges(spectrograph: AndorSpectrograph) -> None:
    assert [(grating.number, grating.lines_per_mm) for grating in spectrograph.gratings] == [(1, 150), (2, 300), (3, 0)]
    assert spectrograph.gratings[0].blaze == "500"
    assert spectrograph.limits["centre_nm"].high == pytest.approx(10_667, abs=1)
    spectrograph.set_grating(2)
    assert spectrograph.limits["centre_nm"].high == pytest.approx(5333, abs=1)


def test_what_was_set_is_read_back(spectrograph: AndorSpectrograph, library: Recorded) -> None:
    spectrograph.set_grating(2)
    spectrograph.set_centre_nm(650.5)
    spectrograph.set_slit_um(80.0)
    assert ("ShamrockSetAutoSlitWidth", 0, 1, 80.0) in library.calls
    status = spectrograph.status()
    assert (status.grating, status.slit_um) == (2, 80.0)
    assert status.centre_nm == pytest.approx(650.5, abs=0.01)
    assert spectrograph.readings()["lines_per_mm"] == 300


def test_a_move_that_was_made_is_not_repeated_although_its_code_is_an_error(
    spectrograph: AndorSpectrograph, library: Recorded
) -> None:
    library.double._faults.begin("spectrograph_communication", times=1)
    spectrograph.set_centre_nm(600.0)
    assert library.names() == ["ShamrockSetWavelength", "ShamrockGetWavelength", "ShamrockGetWavelength"]


def test_a_move_that_was_not_made_is_tried_six_times_then_over_a_new_connection(
    spectrograph: AndorSpectrograph, library: Recorded
) -> None:
    library.answers["ShamrockSetGrating"] = [20201] * 6
    spectrograph.set_grating(2)
    assert library.names().count("ShamrockSetGrating") == 7
    assert library.names().count("ShamrockInitialize") == 1
    library.calls.clear()
    library.answers["ShamrockSetGrating"] = 20201
    with pytest.raises(CommunicationError, match=r"ShamrockSetGrating returned 20201 .*reconnect"):
        spectrograph.set_grating(1)
    assert library.names().count("ShamrockSetGrating") == 12


def test_a_library_that_has_lost_it_is_connected_again(spectrograph: AndorSpectrograph, library: Recorded) -> None:
    library.answers["ShamrockSetWavelength"] = [20275]
    spectrograph.set_centre_nm(600.0)
    assert library.names()[:3] == ["ShamrockSetWavelength", "ShamrockClose", "ShamrockInitialize"]
    assert spectrograph.status().centre_nm == pytest.approx(600.0)


def test_a_move_that_ends_elsewhere_is_a_fault_with_both_places(
    spectrograph: AndorSpectrograph, library: Recorded
) -> None:
    library.answers["ShamrockSetAutoSlitWidth"] = 20202  # said to be done, but not done
    with pytest.raises(FaultError, match="set to 300 by ShamrockSetAutoSlitWidth but reads 100"):
        spectrograph.set_slit_um(300.0)


def test_an_answer_is_asked_for_again_at_most_five_times(spectrograph: AndorSpectrograph, library: Recorded) -> None:
    library.answers["ShamrockGetGrating"] = [20201] * 5
    assert spectrograph.status().grating == 1
    library.answers["ShamrockGetGrating"] = [20201] * 6
    with pytest.raises(CommunicationError, match="spectrograph: does not answer"):
        spectrograph.status()


def test_wavelengths_rise_around_the_centre(spectrograph: AndorSpectrograph) -> None:
    spectrograph.set_centre_nm(700.0)
    wavelength_nm = spectrograph.wavelength_nm(512, 16.0)
    assert wavelength_nm.shape == (512,)
    assert wavelength_nm.mean() == pytest.approx(700.0, abs=0.01)
    assert np.diff(wavelength_nm) == pytest.approx(16e3 / (150 * 328), rel=1e-3)


def test_fewer_than_eight_pixels_are_not_asked_for(spectrograph: AndorSpectrograph, library: Recorded) -> None:
    with pytest.raises(RangeError, match="at least 8"):
        spectrograph.wavelength_nm(7, 16.0)
    assert library.names() == []


def test_a_calibration_that_is_none_is_no_wavelength(spectrograph: AndorSpectrograph, library: Recorded) -> None:
    library.answers["ShamrockGetCalibration"] = 20202  # nothing is written
    with pytest.raises(CommunicationError, match="calibration that is none"):
        spectrograph.wavelength_nm(512, 16.0)


def test_a_mirror_has_no_wavelengths(spectrograph: AndorSpectrograph) -> None:
    spectrograph.set_grating(3)
    with pytest.raises(StateError, match="choose a grating"):
        spectrograph.wavelength_nm(512, 16.0)


def test_a_call_that_blocks_is_given_up_and_the_library_is_not_entered_again_before_it_ends() -> None:
    blocking = double()
    spectrograph = spectrograph_on(blocking, move_timeout_s=0.05)
    spectrograph.connect()
    blocking.calibration_blocks.set()
    with pytest.raises(DeviceTimeoutError, match=r"ShamrockGetCalibration has not come back for 0\.05 s"):
        spectrograph.wavelength_nm(512, 16.0)
    assert not spectrograph.connected
    spectrograph.close()
    with pytest.raises(DeviceTimeoutError, match="still busy with ShamrockGetCalibration"):
        spectrograph.connect()
    blocking.calibration_blocks.clear()
    blocking.unblock.set()
    deadline = time.monotonic() + 10
    while not spectrograph.connected and time.monotonic() < deadline:
        try:
            spectrograph.connect()
        except DeviceTimeoutError:
            continue
    assert len(spectrograph.wavelength_nm(512, 16.0)) == 512


def test_during_a_move_it_says_so_at_once_and_can_be_made_safe(
    spectrograph: AndorSpectrograph, library: Recorded
) -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        leave.wait(5)

    library.before["ShamrockSetGrating"] = hold
    thread = threading.Thread(target=lambda: spectrograph.set_grating(2))
    thread.start()
    assert inside.wait(5)
    for call in (spectrograph.status, lambda: spectrograph.wavelength_nm(512, 16.0)):
        with pytest.raises(StateError, match="is moving"):
            call()
    spectrograph.make_safe()
    leave.set()
    thread.join(5)
    assert spectrograph.status().grating == 2


def test_its_shutter_follows_the_camera_or_is_closed_when_safe() -> None:
    by_line = double()
    with spectrograph_on(by_line) as spectrograph:
        assert by_line.shutter_mode == 2
        assert spectrograph.status().shutter_open is None
        with pytest.raises(StateError, match="follows the camera"):
            spectrograph.set_shutter(True)
    by_software = double()
    with spectrograph_on(by_software, shutter="software") as spectrograph:
        assert spectrograph.status().shutter_open is False
        spectrograph.set_shutter(True)
        assert spectrograph.status().shutter_open is True
        spectrograph.make_safe()
        assert spectrograph.status().shutter_open is False
        spectrograph.set_shutter(True)
    assert by_software.shutter_mode == 0


def test_what_it_does_not_have_is_told() -> None:
    with spectrograph_on(double(UNMOTORISED)) as spectrograph:
        assert "slit_um" not in spectrograph.limits
        status = spectrograph.status()
        assert (status.slit_um, status.shutter_open) == (None, None)
        with pytest.raises(StateError, match="not motorised"):
            spectrograph.set_slit_um(100.0)
        with pytest.raises(StateError, match="has no shutter"):
            spectrograph.set_shutter(True)


def test_one_on_the_cameras_bus_tells_that_it_cannot_be_reached_while_the_camera_acquires() -> None:
    acquiring = threading.Event()
    on_bus = AndorSpectrographDouble(FaultBoard(WallClock()), unreachable=acquiring.is_set)
    with spectrograph_on(on_bus) as spectrograph:
        acquiring.set()
        with pytest.raises(CommunicationError, match="while the camera acquires"):
            spectrograph.status()
        acquiring.clear()
        assert spectrograph.status().grating == 1


def test_a_wrong_spectrograph_is_refused() -> None:
    for settings, words in (
        ({"device_index": 2}, "there are 1"),
        ({"serial_number": "KY-9"}, "expects 'KY-9'"),
        ({"simulated": False}, "a simulator answers"),
    ):
        spectrograph = spectrograph_on(double(), **settings)
        with pytest.raises(DeviceError, match=words):
            spectrograph.connect()
        assert not spectrograph.connected


def test_a_library_that_is_not_there_is_told_with_its_path_and_what_to_do() -> None:
    settings = SETTINGS.model_copy(update={"library": "/nowhere/libatspectrograph.so"})
    with pytest.raises(CommunicationError, match=r"/nowhere/libatspectrograph\.so.*give its path"):
        AndorSpectrograph("spectrograph", settings).connect()


@given(
    st.dictionaries(
        st.sampled_from(sorted(atspectrograph.FUNCTIONS)), st.sampled_from([*atspectrograph.Code, 0, 99999]), max_size=2
    )
)
def test_whatever_codes_come_it_does_what_it_says_or_an_error_names_it(answers: dict[str, int]) -> None:
    library = Recorded(double())
    library.answers.update(answers)
    spectrograph = spectrograph_on(library)
    errors: list[DeviceError] = []
    for use in (spectrograph.connect, lambda: _use(spectrograph, library), spectrograph.close):
        try:
            use()
        except DeviceError as error:
            errors.append(error)
    assert all(error.device == "spectrograph" and str(error).startswith("spectrograph: ") for error in errors)


def _use(spectrograph: AndorSpectrograph, library: Recorded) -> None:
    spectrograph.set_centre_nm(600.0)
    assert library.double.centre_nm == 600.0
    assert spectrograph.wavelength_nm(16, 16.0).mean() == pytest.approx(600.0, abs=0.01)
