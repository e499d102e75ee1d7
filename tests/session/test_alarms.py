"""An operator who is elsewhere hears of a run what they want to hear, and no way of telling it can harm the run."""

import json
import logging
import subprocess
import sys

import pytest

from acquisition.config import ConfigError
from acquisition.session import SessionError, alarms, desktop_notice
from acquisition.session.alarms import Alarm, Alarms, AlarmSettings, Event, alarm_of, alarm_settings

IDLE = {
    "state": "idle", "outcome": None, "ok": True, "run": None, "message": "", "question": None, "paused_because": "",
}  # fmt: skip
RUNNING = {**IDLE, "state": "running", "run": "/runs/1", "message": "acquire photons"}
PAUSED = {**RUNNING, "state": "paused"}
ENDED = {**RUNNING, "state": "idle", "outcome": "completed"}
FAILED = {**ENDED, "outcome": "failed", "ok": False, "message": "laser: no answer"}
SUSPENDED = {**PAUSED, "paused_because": "the count rate collapsed", "suspended": True}
WRITER = "import json, sys; open(sys.argv[1], 'a').write(json.dumps(sys.argv[2:]) + '\\n')"


@pytest.fixture
def told():
    return []


@pytest.fixture
def file(tmp_path):
    return tmp_path / "alarms.txt"


def command(file, *more):
    return (sys.executable, "-c", WRITER, str(file), *more)


def told_of(file, told, *statuses, **settings):
    """Show statuses to alarms and return what their command wrote."""
    with Alarms(AlarmSettings(**{"command": command(file), "desktop": False, **settings}), told.append) as watching:
        for status in statuses:
            watching.see(status)
            watching.close()  # so that lines come in order
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.mark.parametrize(
    ("status", "alarm"),
    [
        (IDLE, None),
        (RUNNING, None),
        ({**RUNNING, "state": "analysing"}, None),
        ({**PAUSED, "paused_because": "asked for"}, None),
        ({**PAUSED, "paused_because": "lunch", "suspended": False}, None),
        (SUSPENDED, Alarm(Event.TRIPPED, "/runs/1", "suspended: the count rate collapsed")),
        ({**RUNNING, "state": "broken", "message": "look"}, Alarm(Event.TRIPPED, "/runs/1", "look")),
        ({**RUNNING, "question": {"text": "N2 on?"}}, Alarm(Event.WAITING, "/runs/1", "N2 on?")),
        (FAILED, Alarm(Event.FAILED, "/runs/1", "laser: no answer")),
        ({**ENDED, "ok": False, "message": "the disk is full"}, Alarm(Event.FAILED, "/runs/1", "the disk is full")),
        (
            {
                **ENDED,
                "outcome": "aborted",
                "ok": False,
                "interlocks": [{"name": "heater_temperature", "state": "tripped", "since": "", "message": "too hot"}],
            },
            Alarm(Event.TRIPPED, "/runs/1", "interlock heater_temperature has tripped: too hot"),
        ),
        (
            {**RUNNING, "interlocks": [{"name": "laser_rate", "state": "warning", "since": "", "message": "slow"}]},
            None,
        ),
        ({**ENDED, "outcome": "aborted", "ok": False}, Alarm(Event.ABORTED, "/runs/1", "the run was aborted")),
        ({**ENDED, "outcome": "stopped"}, Alarm(Event.FINISHED, "/runs/1", "the run was stopped")),
        (ENDED, Alarm(Event.FINISHED, "/runs/1", "the run was completed")),
    ],
)
def test_what_there_is_to_tell(status, alarm):
    assert alarm_of(status) == alarm


def test_each_thing_is_told_once(file, told):
    lines = told_of(file, told, IDLE, RUNNING, SUSPENDED, SUSPENDED, RUNNING, SUSPENDED, FAILED, FAILED)
    assert [line[0] for line in lines] == ["tripped", "tripped", "failed"]
    assert lines[-1] == ["failed", "/runs/1", "laser: no answer"]
    assert told == []


def test_two_runs_that_end_alike_are_told_each(file, told):
    lines = told_of(file, told, ENDED, {**ENDED, "run": "/runs/2"})
    assert [line[1] for line in lines] == ["/runs/1", "/runs/2"]


def test_a_status_that_nobody_thought_of_does_no_harm(file, told):
    assert told_of(file, told, {}, {}, ENDED) == [["finished", "/runs/1", "the run was completed"]]
    assert told == ["an alarm could not be told: KeyError('run')"]


def test_only_what_is_wanted_is_told(file, told):
    assert told_of(file, told, SUSPENDED, FAILED, events=("failed",)) == [["failed", "/runs/1", "laser: no answer"]]


def test_the_command_has_its_words_where_it_wants_them_and_no_shell_reads_them(file, told):
    status = {**FAILED, "message": "$(reboot); {run} `rm` \"'"}
    lines = told_of(file, told, status, command=command(file, "--text={event}: {message}", "{run}", "{other}"))
    assert lines == [["--text=failed: $(reboot); {run} `rm` \"'", "/runs/1", "{other}"]]


def test_a_command_that_fails_is_told_with_what_it_said(file, told):
    told_of(file, told, ENDED, command=(sys.executable, "-c", "raise SystemExit('no network')"))
    assert told == ["the alarm command (finished) failed with exit status 1: no network"]


def test_a_command_that_is_not_there_is_told(file, told, tmp_path):
    told_of(file, told, ENDED, command=(str(tmp_path / "nothing"),))
    assert len(told) == 1
    assert told[0].startswith("the alarm command (finished) cannot be started: ")


def test_a_command_that_hangs_is_ended(file, told):
    told_of(file, told, ENDED, command=(sys.executable, "-c", "import time; time.sleep(600)"), timeout_s=0.1)
    assert told == ["the alarm command (finished) was ended after 0.1 s"]


def test_a_run_that_trips_again_and_again_starts_only_so_many_commands(told):
    hanging = AlarmSettings(command=(sys.executable, "-c", "input()"), desktop=False, timeout_s=0.1)
    with Alarms(hanging.model_copy(update={"timeout_s": 60.0}), told.append) as watching:
        for number in range(alarms.MAX_AT_ONCE + 2):
            watching._deliveries += [NeverEnding()] if number < alarms.MAX_AT_ONCE else []
            watching.see({**SUSPENDED, "paused_because": f"reason {number}"}) if number >= alarms.MAX_AT_ONCE else None
    assert told == ["the alarm command (tripped) is left out: 8 alarms are still being delivered"] * 2


class NeverEnding:
    def ended(self):
        return False

    def wait(self):
        """Have no end."""


def test_no_desktop_is_said_in_the_log_only(told, caplog, monkeypatch):
    monkeypatch.setattr(alarms, "_desktop_command", lambda alarm: [sys.executable, "-c", "raise SystemExit('none')"])
    with caplog.at_level(logging.INFO), Alarms(AlarmSettings(), told.append) as watching:
        watching.see(ENDED)
    assert "the desktop notice (finished) failed with exit status 1: none" in caplog.text
    assert told == []


def test_a_notice_says_why_there_is_none_where_no_desktop_is(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    notice = subprocess.run(
        [*alarms._desktop_command(Alarm(Event.FAILED, "/runs/1", "é"))[:3], "a", "b"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if sys.platform == "linux":
        assert notice.returncode == 1
        assert notice.stderr.count("\n") == 1
    assert "Traceback" not in notice.stderr


def test_a_notice_says_that_its_library_is_missing(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "desktop_notifier", None)
    assert desktop_notice.main("a", "b") == 1
    assert "desktop-notifier is not installed" in capsys.readouterr().err


def test_a_notice_shows_title_and_message(monkeypatch):
    pytest.importorskip("desktop_notifier")
    shown = []

    async def send(notifier, **said):
        shown.append(said)

    monkeypatch.setattr("desktop_notifier.DesktopNotifier.send", send)
    title, message = alarms._desktop_command(Alarm(Event.FAILED, "/runs/1", "no answer"))[-2:]
    assert desktop_notice.main(title, message) == 0
    assert shown == [{"title": "cascadescope: failed", "message": "no answer\n1"}]


@pytest.fixture
def settings_file(tmp_path, monkeypatch):
    monkeypatch.setenv("CASCADESCOPE_HOME", str(tmp_path))
    return tmp_path / "alarms.yaml"


def test_without_a_file_there_is_the_desktop_only(settings_file):
    assert alarm_settings() == AlarmSettings()
    assert alarm_settings().command == ()


def test_the_users_file_says_what_is_told_and_how(settings_file):
    settings_file.write_text("command: [mail, ada]\ntimeout: 5 s\ndesktop: false\nevents: [failed, tripped]\n")
    assert alarm_settings() == AlarmSettings(
        command=("mail", "ada"), timeout_s=5.0, desktop=False, events=(Event.FAILED, Event.TRIPPED)
    )
    assert alarm_settings("'my program' {event}").command == ("my program", "{event}")
    assert alarm_settings("x").timeout_s == 5.0


def test_a_wrong_file_or_command_is_told(settings_file):
    with pytest.raises(SessionError, match="is empty"):
        alarm_settings(" ")
    settings_file.write_text("comand: [mail]\n")
    with pytest.raises(ConfigError, match=r"alarms\.yaml, line 1.*comand"):
        alarm_settings()
