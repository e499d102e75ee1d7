"""No text of the window is cut, on small screens and on large ones."""

from itertools import chain

import pytest
from qtpy.QtWidgets import QApplication, QPushButton

from acquisition.gui.window.top_bar import TopBar
from tests.gui.screenshots import SIZES, cut_texts, pages, panels
from tests.gui.windows import few_views, shown


@pytest.mark.parametrize("size", SIZES)
def test_no_text_of_any_page_or_panel_is_cut(desk, session, qtbot, size):
    with shown(desk, session, qtbot) as window:
        window.resize(*size)
        window.reset_layout()
        QApplication.processEvents()
        assert (window.width(), window.height()) == size
        cut = []
        for name in chain(pages(window), panels(window)):
            window.tick()
            QApplication.processEvents()
            cut += [f"{name}: {each}" for each in cut_texts(window)]
        assert (window.width(), window.height()) == size
        assert "\n".join(dict.fromkeys(cut)) == ""


def test_a_text_that_is_cut_is_found(qtbot):
    button = QPushButton("Emergency stop")
    qtbot.addWidget(button)
    holder = QPushButton()
    qtbot.addWidget(holder)
    button.setParent(holder)
    button.resize(20, 20)
    holder.resize(200, 40)
    holder.show()
    assert len(cut_texts(holder)) == 1
    button.resize(200, 40)
    assert cut_texts(holder) == []


@pytest.mark.parametrize("font_size", [14.0, 18.0])
def test_the_bar_fits_on_a_small_screen_with_large_letters_if_need_be_in_two_rows(
    desk, session, qtbot, monkeypatch, font_size
):
    desk.settings.setValue("font_size", font_size)
    with few_views(monkeypatch, also=("verbs", "guardian")), shown(desk, session, qtbot) as window:
        QApplication.processEvents()
        assert window.width() == SIZES[0][0]
        assert cut_texts(window.menuWidget()) == []
        assert window.findChild(TopBar).rows == 2 or font_size < 18.0
        desk.settings.setValue("font_size", 10.0)
        window.restyle()
        qtbot.waitUntil(lambda: window.findChild(TopBar).rows == 1, timeout=10_000)
