"""The window remembers how it was left; its colours can be read, and in the dark room they are red."""

import pytest
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QApplication

from acquisition.gui.theme.style import (
    DEFAULT_SIZE,
    button_colour,
    contrast,
    font_size,
    palette,
    readable_on,
    style_sheet,
)
from acquisition.gui.theme.themes import THEMES
from acquisition.gui.window.app import _log_to_file
from acquisition.gui.window.log_pane import head
from acquisition.session import SessionError
from acquisition.user_folders import VARIABLE
from tests.gui.fake_session import FakeSession
from tests.gui.windows import few_views, shown, view_of

TEXT_CONTRAST = 4.5
GRAPHIC_CONTRAST = 3.0
"""Asked for by WCAG 2.2, 1.4.3 and 1.4.11."""

RED_SHARE = 0.66
"""Most green or blue, as a share of red, of what does not spoil eyes that are used to the dark."""


@pytest.fixture
def few(monkeypatch):
    with few_views(monkeypatch):
        yield


def channels(colour):
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def colours_of(theme):
    names = ("window", "panel", "text", "faint", "line", "accent", "warn", "bad", "good")
    return [*(getattr(theme, name) for name in names), *theme.states.values(), *theme.charges.values(), *theme.stop]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("name", ["text", "faint", "accent", "warn", "bad", "good"])
def test_text_of_every_colour_can_be_read_on_every_ground(theme, name):
    colour = getattr(theme, name)
    assert contrast(colour, theme.window) >= TEXT_CONTRAST
    assert contrast(colour, theme.panel) >= TEXT_CONTRAST
    if name in ("text", "faint"):
        assert contrast(colour, button_colour(theme)) >= TEXT_CONTRAST


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_on_coloured_grounds_can_be_read(theme):
    assert contrast(*theme.stop) >= TEXT_CONTRAST
    assert contrast(theme.panel, theme.warn) >= TEXT_CONTRAST
    assert contrast(theme.panel, theme.accent) >= TEXT_CONTRAST
    assert contrast(readable_on(theme, theme.line), theme.line) >= TEXT_CONTRAST


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_curves_can_be_told_from_the_ground(theme):
    curves = [*theme.states.values(), *theme.charges.values()]
    assert [colour for colour in curves if contrast(colour, theme.panel) < GRAPHIC_CONTRAST] == []


def test_contrast_is_that_of_the_standard():
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_red_theme_has_no_other_colour():
    theme = THEMES["red"]
    roles = [role for role in QPalette.ColorRole if role not in (QPalette.ColorRole.NColorRoles,)]
    groups = (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive, QPalette.ColorGroup.Disabled)
    dressed = palette(theme)
    used = [dressed.color(group, role).name() for group in groups for role in roles]
    for colour in {*colours_of(theme), *used, *_hex_in(style_sheet(theme))}:
        red, green, blue = channels(colour)
        assert max(green, blue) <= RED_SHARE * red, colour


def _hex_in(sheet):
    return [word.strip(" ;{}") for word in sheet.split() if word.startswith("#") and len(word.strip(" ;{}")) == 7]


def test_every_pixel_of_the_red_window_is_red(desk, session, qtbot):
    desk.settings.setValue("theme", "red")
    with shown(desk, session, qtbot) as window:
        qtbot.waitUntil(lambda: view_of(window, "simulated").isVisible(), timeout=10_000)
        image = window.grab().toImage().scaled(683, 384)
        pixels = {image.pixelColor(x, y).name() for x in range(0, 683, 2) for y in range(0, 384, 2)}
    wrong = [pixel for pixel in pixels if max(channels(pixel)[1:]) > RED_SHARE * channels(pixel)[0] + 12]
    assert wrong == []


def test_theme_and_size_of_the_font_are_chosen_in_the_menu_and_remembered(desk, session, qtbot, few):
    with shown(desk, session, qtbot) as window:
        size = QApplication.font().pointSizeF()
        _action(window, "Larger font").trigger()
        _action(window, "Light").trigger()
        assert QApplication.font().pointSizeF() > size
        assert desk.theme is THEMES["light"]
        assert QApplication.palette().window().color().name() == THEMES["light"].window
    desk.theme = THEMES["dark"]
    with shown(desk, session, qtbot) as later:
        assert desk.theme is THEMES["light"]
        assert QApplication.font().pointSizeF() > size
        _action(later, "Usual font").trigger()
        assert QApplication.font().pointSizeF() == size


def _action(window, text):
    found = [action for menu in window.menu_bar.actions() for action in menu.menu().actions() if action.text() == text]
    return found[0]


def test_panels_stay_closed_or_popped_out_the_next_time_until_the_layout_is_reset(desk, session, qtbot, few):
    with shown(desk, session, qtbot) as window:
        closed, popped = window.live.docks[:2]
        closed.close()
        popped.setFloating(True)
        window.remember()
    with shown(desk, session, qtbot) as later:
        later.restore()
        closed, popped = later.live.docks[:2]
        assert closed.isHidden()
        assert popped.isFloating()
        later.reset_layout()
        assert not closed.isHidden()
        assert not popped.isFloating()


def test_damaged_settings_do_not_keep_the_window_shut(desk, session, qtbot, few):
    for key in ("theme", "font_size", "window/docks", "window/live", "window/geometry"):
        desk.settings.setValue(key, "nonsense")
    with shown(desk, session, qtbot) as window:
        window.restore()
        assert window.isVisible()
        assert desk.theme is THEMES["dark"]


@pytest.mark.parametrize("written", ["huge", "nan", "inf", "-3", "0", "1e6", "5.9"])
def test_a_size_of_the_font_that_is_none_is_the_usual_one(desk, written):
    desk.settings.setValue("font_size", written)
    assert font_size(desk.settings) == DEFAULT_SIZE


def test_a_size_of_the_font_that_is_one_is_kept(desk):
    desk.settings.setValue("font_size", "17.5")
    assert font_size(desk.settings) == 17.5


def test_a_log_file_that_cannot_be_written_does_not_keep_the_window_shut(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file" / "folder"))
    _log_to_file()()
    assert "window.log cannot be written" in capsys.readouterr().err


def test_the_log_is_a_python_program_that_does_the_same_again(desk, session, qtbot, few):
    session.answers["pause"] = SessionError("no run goes on\nstart one")
    with shown(desk, session, qtbot) as window:
        desk.commands.do("note", "blinks 'often'")
        desk.commands.do("pause")
        desk.diary.warn("light is low")
        log = view_of(window, "log").text
        qtbot.waitUntil(lambda: "done" in log.toPlainText() and "start one" in log.toPlainText(), timeout=10_000)
        text = log.toPlainText()
    assert text.startswith(head("simulated"))
    assert "# " in text
    assert "warning: light is low" in text
    again = FakeSession()
    exec(compile(text.replace(head("simulated"), ""), "log", "exec"), {"session": again})
    assert again.asked("note") == [{"text": "blinks 'often'"}]
    assert again.asked("pause") == [{}]


def test_what_is_asked_while_another_command_goes_on_is_written_in_its_order(desk, session, qtbot, few):
    with shown(desk, session, qtbot) as window:
        for number in range(20):
            desk.commands.do("note", f"n{number}")
        log = view_of(window, "log").text
        qtbot.waitUntil(lambda: len(_notes(log, "done")) == 20, timeout=10_000)
        assert [line.split("  #")[0] for line in _notes(log)] == [f"session.note('n{number}')" for number in range(20)]


def test_the_log_follows_also_after_long_lines_unless_somebody_reads_above(desk, session, qtbot, few):
    with shown(desk, session, qtbot) as window:
        log = view_of(window, "log").text
        bar = log.verticalScrollBar()
        qtbot.waitUntil(log.isVisible, timeout=10_000)
        for number in range(20):
            desk.diary.note(f"before {number}")
        desk.commands.do("note", "x" * 4000)
        qtbot.waitUntil(lambda: "done" in log.toPlainText(), timeout=10_000)
        for number in range(20):
            desk.diary.note(f"after {number}")
            window.tick()
        assert bar.value() == bar.maximum() > 0
        bar.setValue(3)
        desk.diary.note("the last")
        window.tick()
        assert bar.value() == 3
        bar.setValue(bar.maximum())
        desk.diary.note("the very last")
        window.tick()
        assert bar.value() == bar.maximum()


def test_a_long_command_has_its_own_line_and_its_outcome_stands_before_it(desk, session, qtbot, few):
    session.answers["pause"] = SessionError("no run goes on")
    with shown(desk, session, qtbot) as window:
        desk.commands.do("note", "x" * 400)
        desk.commands.do("pause", "y" * 400)
        log = view_of(window, "log").text
        qtbot.waitUntil(lambda: "done" in log.toPlainText() and "failed" in log.toPlainText(), timeout=10_000)
        lines = log.toPlainText().splitlines()[2:]
    note = next(number for number, line in enumerate(lines) if "done" in line and "session.note" in line)
    assert lines[note].startswith("# ")
    assert lines[note + 1] == f"session.note({'x' * 400!r})"
    pause = next(number for number, line in enumerate(lines) if "failed session.pause" in line)
    assert "error: no run goes on" in lines[pause + 1]
    assert lines[pause + 2] == f"session.pause({'y' * 400!r})"
    again = FakeSession()
    exec(compile("\n".join(lines), "log", "exec"), {"session": again})
    assert again.asked("note") == [{"text": "x" * 400}]


def _notes(log, words=""):
    return [line for line in log.toPlainText().splitlines() if line.startswith("session.note") and words in line]
