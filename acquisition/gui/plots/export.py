"""What is drawn as a file: PNG and SVG in the colours of paper, CSV with names and units."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyqtgraph as pg
from qtpy.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from qtpy.QtGui import QGuiApplication, QImage, QImageWriter, QPainter
from qtpy.QtSvg import QSvgGenerator, QSvgRenderer

from acquisition.gui.theme.themes import THEMES

if TYPE_CHECKING:
    from acquisition.gui.plots.canvas import Canvas

SCALE = 3
"""Dots of a PNG file per dot of the screen."""

PAPER = THEMES["light"]


def picture_of(canvas: "Canvas") -> QImage:
    """Return what is drawn as an image."""
    image = QImage(canvas.width() * SCALE, canvas.height() * SCALE, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    try:  # by way of the SVG file: parts of a plot do not grow when it is drawn larger
        QSvgRenderer(drawing_of(canvas)).render(painter, QRectF(image.rect()))
    finally:
        painter.end()
    return image


def drawing_of(canvas: "Canvas") -> QByteArray:
    """Return what is drawn as the content of an SVG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(canvas.size())
    generator.setViewBox(canvas.rect())
    generator.setResolution(canvas.logicalDpiX())  # else axes, which are recorded for the screen, are scaled
    generator.setTitle(canvas.title)
    generator.setDescription(canvas.about)
    with _on_paper(canvas):
        painter = QPainter(generator)
        try:
            area = QRectF(0, 0, canvas.width(), canvas.height())
            painter.fillRect(area, canvas.backgroundBrush())
            canvas.scene().prepareForPaint()
            canvas.scene().render(painter, area, QRectF(canvas.viewRect()))
        finally:
            painter.end()
    return content


@contextmanager
def _on_paper(canvas: "Canvas") -> Iterator[None]:
    """Let a plot have the colours of paper, and all its axes and remarks."""
    sharp = [item for item in canvas.scene().items() if isinstance(item, pg.ScatterPlotItem | pg.PlotCurveItem)]
    canvas.hide_values()
    canvas.on_paper = True
    try:
        canvas.paint_in(PAPER)
        canvas.layout_.layout.activate()
        for item in sharp:
            item.setExportMode(True, {"antialias": True})
        yield
    finally:
        canvas.on_paper = False
        for item in sharp:
            item.setExportMode(False)
        canvas.restyle()


def copy_picture(canvas: "Canvas") -> None:
    """Put what is drawn on the clipboard."""
    QGuiApplication.clipboard().setImage(picture_of(canvas))


def save_png(canvas: "Canvas", path: Path) -> None:
    """Write a PNG file; raises `OSError` if that fails."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(picture_of(canvas))
    path.write_bytes(content.data())


def save_svg(canvas: "Canvas", path: Path) -> None:
    """Write an SVG file; raises `OSError` if that fails."""
    path.write_bytes(drawing_of(canvas).data())


def save_csv(canvas: "Canvas", path: Path) -> None:
    """Write what is drawn as a table; lines with # say what it is. Raises `OSError` if that fails."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        said = [canvas.title, canvas.about, "simulated data" if canvas.simulated else ""]
        file.writelines(f"# {text}\r\n" for text in said if text)
        csv.writer(file).writerows(canvas.table())
