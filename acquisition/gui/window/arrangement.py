"""Where the docks of a measurement stand at first: what matters most in front, on small screens and on large ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMainWindow

from acquisition.gui.window.dock import Dock


@dataclass(frozen=True, slots=True)
class Stack:
    """Panels behind each other.

    Attributes
    ----------
    height : int
        Share of the column, relative to the other stacks.
    names : tuple of str
        The first one is in front.
    """

    height: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """Stacks below each other.

    Attributes
    ----------
    width : int
        Share of the page, relative to the other columns.
    stacks : tuple of Stack
        From above.
    """

    width: int
    stacks: tuple[Stack, ...]


SMALL = (
    Column(
        55,
        (
            Stack(52, ("count_trace", "flid", "conditions", "camera")),
            Stack(48, ("spectra", "spectrum", "emission", "pixel_delay_map")),
        ),
    ),
    Column(
        45,
        (
            Stack(28, ("counts", "goals")),
            Stack(72, ("decays", "numbers", "delays", "g2", "state_g2", "data_quality")),
        ),
    ),
)
"""For 1366 x 768 pixels."""

LARGE = (
    Column(36, (Stack(30, ("count_trace",)), Stack(40, ("spectra", "emission")), Stack(30, ("spectrum", "camera")))),
    Column(33, (Stack(30, ("flid", "conditions")), Stack(40, ("decays",)), Stack(30, ("delays", "pixel_delay_map")))),
    Column(
        31, (Stack(22, ("counts", "data_quality", "goals")), Stack(48, ("numbers",)), Stack(30, ("g2", "state_g2")))
    ),
)
"""For 2560 x 1440 pixels."""

LARGE_FROM_PX = 1800
"""Width of the window from which there is room for the large arrangement."""


def arrange(page: QMainWindow, docks: Iterable[Dock], columns: Iterable[Column]) -> None:
    """Put docks where an arrangement says; one that it does not name comes last into the last stack.

    Parameters
    ----------
    page : QMainWindow
        What holds the docks.
    docks : iterable of Dock
        All of the page.
    columns : iterable of Column
        The arrangement.
    """
    left = {dock.holder.kind.name: dock for dock in docks}
    for dock in left.values():
        page.removeDockWidget(dock)
    filled: list[tuple[int, list[tuple[int, list[Dock]]]]] = []
    for column in columns:
        stacks = [
            (stack.height, found)
            for stack in column.stacks
            if (found := [left.pop(name) for name in stack.names if name in left])
        ]
        if stacks:
            filled.append((column.width, stacks))
    if not filled:
        filled = [(1, [(1, [])])]
    filled[-1][1][-1][1].extend(left.values())
    if filled[0][1][0][1]:
        _place(page, filled)


def _place(page: QMainWindow, columns: list[tuple[int, list[tuple[int, list[Dock]]]]]) -> None:
    area = Qt.DockWidgetArea.LeftDockWidgetArea
    heads = [stacks[0][1][0] for _, stacks in columns]
    page.addDockWidget(area, heads[0])
    for before, head in pairwise(heads):
        page.splitDockWidget(before, head, Qt.Orientation.Horizontal)
    for _, stacks in columns:
        for (_, above), (_, below) in pairwise(stacks):
            page.splitDockWidget(above[0], below[0], Qt.Orientation.Vertical)
    for stack in [stack for _, stacks in columns for _, stack in stacks]:
        for dock in stack[1:]:
            page.tabifyDockWidget(stack[0], dock)
        for dock in stack:
            dock.setFloating(False)
            dock.show()
        stack[0].raise_()
    page.resizeDocks(heads, _shares([width for width, _ in columns], page.width()), Qt.Orientation.Horizontal)
    for _, stacks in columns:
        heights = _shares([height for height, _ in stacks], page.height())
        page.resizeDocks([stack[0] for _, stack in stacks], heights, Qt.Orientation.Vertical)


def _shares(weights: list[int], length_px: int) -> list[int]:
    return [max(1, length_px * weight // sum(weights)) for weight in weights]
