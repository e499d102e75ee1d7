"""Where the docks of a measurement stand at first: what matters most in front, on small screens and on large ones."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMainWindow

from acquisition.gui.window.dock import Dock

Columns: TypeAlias = Sequence[Sequence[Sequence[str]]]
"""Columns of stacks of names; the first name of a stack is in front."""

SMALL: Columns = (
    (
        ("count_trace", "conditions", "camera", "flid"),
        ("spectra", "spectrum", "emission", "pixel_delay_map"),
    ),
    (
        ("counts", "quality", "data_quality", "goals", "numbers"),
        ("decays", "delays", "g2", "state_g2"),
    ),
)

LARGE: Columns = (
    (("count_trace",), ("spectra", "emission"), ("spectrum", "camera")),
    (("flid", "conditions"), ("decays",), ("delays", "pixel_delay_map")),
    (("counts", "goals"), ("numbers", "quality", "data_quality"), ("g2", "state_g2")),
)

LARGE_FROM_PX = 1700
"""Width of the window from which there is room for the large arrangement."""


def arrange(page: QMainWindow, docks: Iterable[Dock], columns: Columns) -> None:
    """Put docks where an arrangement says; one that it does not name comes last into the last stack.

    Parameters
    ----------
    page : QMainWindow
        What holds the docks.
    docks : iterable of Dock
        All of the page.
    columns : Columns
        The arrangement.
    """
    left = {dock.holder.kind.name: dock for dock in docks}
    for dock in left.values():
        page.removeDockWidget(dock)
    stacks = [[[left.pop(name) for name in stack if name in left] for stack in column] for column in columns]
    filled = [[stack for stack in column if stack] for column in stacks]
    filled = [column for column in filled if column]
    rest = list(left.values())
    if not filled:
        filled = [[rest]] if rest else []
    else:
        filled[-1][-1].extend(rest)
    _place(page, filled)


def _place(page: QMainWindow, columns: list[list[list[Dock]]]) -> None:
    area = Qt.DockWidgetArea.LeftDockWidgetArea
    heads = [column[0][0] for column in columns]
    for number, head in enumerate(heads):
        page.addDockWidget(area, head)
        if number:
            page.splitDockWidget(heads[number - 1], head, Qt.Orientation.Horizontal)
    for column in columns:
        for above, below in pairwise(column):
            page.addDockWidget(area, below[0])
            page.splitDockWidget(above[0], below[0], Qt.Orientation.Vertical)
    for stack in [stack for column in columns for stack in column]:
        for dock in stack[1:]:
            page.addDockWidget(area, dock)
            page.tabifyDockWidget(stack[0], dock)
        for dock in stack:
            dock.setFloating(False)
            dock.show()
        stack[0].raise_()
    page.resizeDocks(heads, [100] * len(heads), Qt.Orientation.Horizontal)
    for column in columns:
        page.resizeDocks([stack[0] for stack in column], [100] * len(column), Qt.Orientation.Vertical)
