"""No text of the window is cut, on small screens and on large ones."""

from itertools import chain

import pytest
from qtpy.QtWidgets import QApplication, QPushButton

from tests.gui.screenshots import SIZES, cut_texts, pages, panels
from tests.gui.windows import shown


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
