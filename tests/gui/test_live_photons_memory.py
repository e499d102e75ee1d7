"""Drawing for hours keeps nothing: thousands of draws of each panel with new data leave memory as it was."""

import gc
import sys

import pytest
from qtpy.QtCore import QCoreApplication

from tests.gui.live_content import contents, said
from tests.gui.test_live_photons import KINDS

WARM = 100
PAINT_EACH = 25
"""Drawings are the same again and again; one in so many is painted, so that the test is quick."""

NOISE, PER_DRAW = 100, 0.25
"""Blocks of memory that may be kept: wrappers of addresses that pyqtgraph meets for the first time, ever fewer of them.
What is kept by each draw is at least one block per draw."""


@pytest.mark.parametrize("draws", [200, pytest.param(5_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_drawing_again_and_again_keeps_no_memory(kind, draws, desk, qtbot):
    panel = kind(desk)
    qtbot.addWidget(panel)
    panel.resize(420, 300)
    panel.show()
    news = [said(contents(seed), seed) for seed in range(1, 5)]

    def draw(times):
        for number in range(times):
            panel.show_said(news[number % len(news)])
            if number % PAINT_EACH == 0:
                panel.repaint()
                QCoreApplication.processEvents()
        gc.collect()
        return sys.getallocatedblocks(), len(gc.get_objects())

    draw(WARM)
    blocks, objects = draw(WARM)
    more_blocks, more_objects = draw(draws)
    assert more_blocks - blocks < NOISE + PER_DRAW * draws
    assert more_objects - objects < NOISE
