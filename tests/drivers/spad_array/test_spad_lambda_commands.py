"""What the driver says to lSPAD, command by command, and what it makes of the replies."""

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acquisition.config.shipped import CONFIGS
from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, FaultError, StateError
from drivers.interfaces.rescue import Rescue
from drivers.spad_array.device_calibration import LoadedCalibration
from drivers.wire.whose import SIMULATOR_MARK
from tests.drivers.spad_array.scripted_lspad import REPLIES, ScriptedLspad, driver
from tests.drivers.spad_array.wire_bytes import record


def calibration(folder: Path, more: str) -> LoadedCalibration:
    text = (CONFIGS / "calibrations" / "spad_lambda_device.yaml").read_text(encoding="utf-8")
    path = folder / "mine.yaml"
    path.write_text(f"{text}\n{more}\n", encoding="utf-8")
    return LoadedCalibration(path)


def test_connecting_ends_what_runs_and_switches_the_bias_off_before_anything_is_asked(server: ScriptedLspad) -> None:
    with driver(server) as array:
        assert server.commands == ["STOP", "POW,0", "R", "D", "R"]
        assert array.identity.serial == "L-7"
        assert not array.identity.simulated
        assert server.clients == 1


def test_the_bias_is_set_and_read_back_before_it_goes_on(server: ScriptedLspad) -> None:
    with driver(server) as array:
        array.set_bias(True)
        assert server.commands[5:] == ["V,6", "R", "V", "R", "POW,1", "R"]
        assert array.settings()["bias"] is True


def test_the_bias_stays_off_when_another_voltage_is_read_back(server: ScriptedLspad) -> None:
    server.replies["V"] = b"8.5\n"
    with driver(server) as array, pytest.raises(FaultError, match=r"6 V was set, but 8\.5 V is read back"):
        array.set_bias(True)
    assert "POW,1" not in server.commands


def test_a_voltage_that_is_told_in_other_words_is_not_judged(server: ScriptedLspad) -> None:
    server.replies["V"] = b"voltages: 6.0 V, 25 V\n"
    with driver(server) as array:
        array.set_bias(True)
        assert "excess_voltage_v" not in array.readings()


def test_a_refused_power_leaves_the_bias_off(server: ScriptedLspad) -> None:
    server.replies["POW,1"] = b"interlock ERROR\n"
    with driver(server) as array:
        with pytest.raises(FaultError, match="interlock ERROR"):
            array.set_bias(True)
        assert server.commands[-3:] == ["STOP", "POW,0", "R"]
        assert array.settings()["bias"] is False


def test_closing_switches_the_bias_off(server: ScriptedLspad) -> None:
    array = driver(server)
    array.connect()
    array.set_bias(True)
    array.close()
    array.close()
    assert server.commands[-3:] == ["STOP", "POW,0", "R"]
    assert not array.connected


def test_the_bias_does_not_go_on_when_it_is_made_safe_between_the_commands(server: ScriptedLspad) -> None:
    array = driver(server)
    array.connect()
    failures = list[Exception]()

    def switch_on() -> None:
        try:
            array.set_bias(True)
        except DeviceError as error:
            failures.append(error)

    server.held = "V"  # it waits for this reply
    thread = threading.Thread(target=switch_on)
    thread.start()
    server.wait_for("V")
    array.make_safe()
    server.release.set()
    thread.join(10)
    array.close()
    assert "POW,1" not in server.commands
    assert len(failures) == 1


def test_late_confirmations_are_not_taken_for_answers_to_what_follows(server: ScriptedLspad) -> None:
    with driver(server) as array:
        server.replies |= {"STOP": b"stopped 7\n", "POW,0": b"8.8\n"}
        server.held = "STOP"
        array.make_safe()  # gives up waiting for the confirmation
        server.release.set()
        assert array.readings()["excess_voltage_v"] == 6.0


def test_readings_are_what_lspad_says(server: ScriptedLspad) -> None:
    with driver(server) as array:
        found = array.readings()
    assert (found["laser_rate_hz"], found["chip_board_c"], found["excess_voltage_v"]) == (1e6, 31.4, 6.0)
    assert "bias" not in found


def test_noise_of_the_measured_rate_does_not_change_the_period(server: ScriptedLspad) -> None:
    with driver(server) as array:
        before = array.stream_info()
        server.replies["R"] = REPLIES["R"].replace(b"1000000", b"1000003")
        assert array.stream_info() == before
        server.replies["R"] = REPLIES["R"].replace(b"1000000", b"1001000")
        assert array.stream_info().period_ps == pytest.approx(1e12 / 1_001_000)


def test_the_mask_of_the_calibration_goes_to_the_device_as_a_file(server: ScriptedLspad, tmp_path: Path) -> None:
    seen: list[str] = []

    class Replies(dict[str, bytes]):
        def get(self, command: str, default: bytes = b"") -> bytes:  # type: ignore[override]
            if command.startswith("M,"):
                seen.append(Path(command[2:]).read_text(encoding="ascii"))
                return b"Mask programming successful\n"
            return super().get(command, default)

    server.replies = Replies(server.replies)
    with driver(server, calibration(tmp_path, "mask: [3, 250]")):
        assert seen == ["3\n250\n"]


def test_a_mask_that_is_not_taken_is_a_fault(server: ScriptedLspad, tmp_path: Path) -> None:
    class Replies(dict[str, bytes]):
        def get(self, command: str, default: bytes = b"") -> bytes:  # type: ignore[override]
            return b"file not found\n" if command.startswith("M,") else super().get(command, default)

    server.replies = Replies(server.replies)
    with pytest.raises(FaultError, match="file not found"):
        driver(server, calibration(tmp_path, "mask: [3]")).connect()


def test_a_calibration_of_another_unit_is_refused(server: ScriptedLspad, tmp_path: Path) -> None:
    text = (CONFIGS / "calibrations" / "spad_lambda_device.yaml").read_text(encoding="utf-8")
    path = tmp_path / "other.yaml"
    path.write_text(text.replace("serial: unknown", "serial: L-8"), encoding="utf-8")
    with pytest.raises(StateError, match="serial number L-7, but the calibration file is of L-8"):
        driver(server, LoadedCalibration(path)).connect()


def test_a_simulator_where_hardware_is_expected_is_refused(server: ScriptedLspad) -> None:
    server.banner = f"lSPAD command server {SIMULATOR_MARK}\n".encode()
    with pytest.raises(StateError, match="simulator answers"):
        driver(server).connect()


def test_hardware_where_a_simulator_is_expected_is_refused(server: ScriptedLspad) -> None:
    with pytest.raises(StateError, match="no simulator"):
        driver(server, simulated=True).connect()


def test_something_else_at_the_port_is_refused(server: ScriptedLspad) -> None:
    server.banner = b"220 mail server\n"
    with pytest.raises(CommunicationError, match="220 mail server"):
        driver(server).connect()


def test_nothing_at_the_port_is_told_with_what_to_do() -> None:
    with ScriptedLspad() as server:
        array = driver(server)
    with pytest.raises(CommunicationError, match="start lSPAD"):
        array.connect()
    assert not array.connected


def test_a_server_that_never_becomes_silent_is_refused(server: ScriptedLspad) -> None:
    running = threading.Event()

    def pour(one: ScriptedLspad) -> None:
        running.set()
        while True:
            one._open[-1].sendall(record(0, 5, 0, 0) * 1000)

    server.banner = b"lSPAD command server\n"
    server.stream = [pour]
    array = driver(server)
    array.connect()
    server._answer(server._open[-1], "SB,1000")
    assert running.wait(10)
    with pytest.raises(CommunicationError, match=r"acquisition is still\s+running|still sends data"):
        array.readings()
    assert not array.connected


def test_a_question_without_answer_ends_the_connection_and_it_can_be_connected_again(server: ScriptedLspad) -> None:
    array = driver(server)
    array.connect()
    server.replies["R"] = b""
    with pytest.raises(DeviceTimeoutError, match=r"does not tell its status \(R\)"):
        array.readings()
    assert not array.connected
    server.replies["R"] = REPLIES["R"]
    array.connect()
    assert array.readings()["laser_rate_hz"] == 1e6
    array.close()


def test_after_a_lost_connection_the_bias_is_switched_off_on_a_new_one(server: ScriptedLspad) -> None:
    array = driver(server)
    array.connect()
    array.set_bias(True)
    server.hang_up()
    with pytest.raises(CommunicationError):
        array.readings()
    count = server.commands.count("POW,0")
    array.make_safe()
    server.wait_for("POW,0", count + 1)
    assert server.clients == 2


def test_a_bias_that_cannot_be_switched_off_is_told(server: ScriptedLspad) -> None:
    array = driver(server)
    array.connect()
    array.set_bias(True)
    server.close()
    with pytest.raises(CommunicationError, match="the bias may be on"):
        array.make_safe()


def test_the_tdc_is_calibrated_on_request(server: ScriptedLspad) -> None:
    server.replies["T,c,1"] = b"measuring...\ncalibration completed\n"
    with driver(server) as array:
        array.calibrate_tdc(5.0)
        assert "T,c,1" in server.commands


def test_a_failed_tdc_calibration_is_a_fault(server: ScriptedLspad) -> None:
    server.replies["T,c,1"] = b"too few counts ERROR\n"
    with driver(server) as array, pytest.raises(FaultError, match="too few counts"):
        array.calibrate_tdc(5.0)


def test_an_uncalibrated_tdc_refuses_the_start(server: ScriptedLspad) -> None:
    server.replies["T,v,1"] = b"TDC calibration is invalid\n"
    with driver(server) as array:
        array.set_bias(True)
        with pytest.raises(StateError, match="calibrate the TDC"):
            next(array.photons(1.0))
        assert not any(command.startswith("SB") for command in server.commands)


def test_the_guardian_is_told_where_to_switch_off_last(server: ScriptedLspad) -> None:
    assert driver(server).rescue() == Rescue("spad_array", "lspad", {"host": "127.0.0.1", "port": server.port}, True)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=st.sampled_from(["R", "V", "D", "T,v,1", "POW,1"]), reply=st.binary(min_size=1, max_size=40))
def test_malformed_replies_make_an_error_of_the_device_or_do_no_harm(command: str, reply: bytes) -> None:
    with ScriptedLspad() as server:
        server.replies[command] = reply
        array = driver(server, reply_timeout_s=0.5)
        told = "spad_array"
        try:
            array.connect()
            array.set_bias(True)
            rate = array.readings()["laser_rate_hz"]
        except DeviceError as error:
            told, rate = error.device, 1e6
        array.close()
        assert told == "spad_array"
        assert rate == 1e6 or command == "R"
