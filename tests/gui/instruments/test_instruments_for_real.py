"""The cards operate the instruments of a simulated rig through a server, as the window does."""

import pytest
from qtpy.QtCore import QSettings, Qt

from acquisition.gui.client.commands import Commands
from acquisition.gui.client.feed import SessionFeed
from acquisition.gui.client.local import LocalWork
from acquisition.gui.instruments.view import InstrumentsView
from acquisition.gui.theme.themes import THEMES
from acquisition.gui.view import Desk
from acquisition.remote import Announcement, RemoteSession, SessionServer
from acquisition.session import LocalSession
from acquisition.user_folders import VARIABLE


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A served session of the simulated rig, and a program in control of it."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    with (
        LocalSession("simulated", str(tmp_path / "runs"), seed=3) as session,
        SessionServer(session, Announcement("simulated")) as server,
        RemoteSession(server.endpoint, "window") as remote,
    ):
        remote.take_control()
        yield session, remote


@pytest.fixture
def operate(served, qtbot, tmp_path, qapp):
    """A view that is told what the session says as often as the window does it."""
    _, remote = served
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    with Commands(remote) as commands, LocalWork() as work, SessionFeed(remote) as feed:
        feed.start()
        view = InstrumentsView(Desk(commands, work, settings, THEMES["dark"], "simulated", str(tmp_path)))
        qtbot.addWidget(view)
        view.show()

        def until(condition):
            def told():
                commands.deliver()
                view.show_said(feed.said())
                return bool(view.cards) and condition()

            qtbot.waitUntil(told, timeout=20_000)

        until(view.all_off.isEnabled)  # instruments and status are asked apart: a click before both came does nothing
        yield view, until


def test_light_heat_and_shutter_follow_the_cards_and_go_off_again(served, operate, qtbot):
    session, _ = served
    view, until = operate
    rig = session._open()
    laser, heater, shutter = (view.cards[role] for role in ("laser", "heater", "shutter"))
    line = laser.rows["intensity_percent"].field.line
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "20 %")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    until(lambda: laser.rows["intensity_percent"].state.text() == "✓ set 20 % · reads 20 % · 0 … 100 %")
    assert rig.laser.status().intensity_percent == 20.0
    qtbot.mouseClick(laser.rows["emission"].on, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(laser.confirm.yes, Qt.MouseButton.LeftButton)
    until(lambda: laser.state.text() == "● LASER EMITS")
    assert rig.laser.status().emission
    qtbot.mouseClick(shutter.rows["open"].on, Qt.MouseButton.LeftButton)
    until(lambda: shutter.state.text() == "● OPEN: laser light can pass")
    heater.rows["temperature_c"].field.set_value(40.0)
    qtbot.mouseClick(heater.rows["temperature_c"].button, Qt.MouseButton.LeftButton)
    until(lambda: heater.state.text().startswith("● HEATING to 40 °C"))
    qtbot.mouseClick(view.all_off, Qt.MouseButton.LeftButton)
    until(lambda: all(card.state.text().startswith("○") for card in (laser, heater, shutter)))
    assert not rig.laser.status().emission
    assert not rig.shutter.is_open()
    assert not rig.heater.status().heating


def test_what_the_rig_does_not_allow_is_told_beside_the_field(served, operate, qtbot, monkeypatch):
    session, _ = served
    view, until = operate
    row = view.cards["laser"].rows["intensity_percent"]
    monkeypatch.setattr(session._open().laser._device, "set_intensity_percent", lambda value: None)
    row.field.set_value(30.0)
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    until(lambda: row.state.text().startswith("✗ NOT SET"))
    assert "was set to 30, but reads back as 0" in row.state.text()


def test_an_instrument_that_was_lost_is_connected_anew_by_its_card(served, operate, qtbot):
    session, _ = served
    view, until = operate
    card = view.cards["heater"]
    session._open().heater._device._connected = False
    until(lambda: card.state.text() == "✗ NOT CONNECTED" and bool(card.device["problem"]))
    assert view.cards["laser"].state.text() == "○ emission off"
    qtbot.mouseClick(card.buttons.reconnect, Qt.MouseButton.LeftButton)
    until(lambda: card.state.text().startswith("○ heating off"))
    assert session._open().heater.connected
