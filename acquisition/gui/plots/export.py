"""What is drawn as a file: PNG and SVG in the colours of paper, CSV with names and units."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyqtgraph as pg
from qtpy.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QRect, QRectF, QSize
from qtpy.QtGui import QGuiApplication, QImage, QImageWriter, QPainter, QResizeEvent
from qtpy.QtSvg import QSvgGenerator

from acquisition.gui.theme.themes import THEMES

if TYPE_CHECKING:
    from acquisition.gui.plots.canvas import Canvas

SCALE = 3
"""Dots of a PNG file per dot of the screen."""

FIGURE = QSize(640, 420)
"""Size of what is drawn into files, in dots of the screen, whatever room the panel has."""

PAPER = THEMES["light"]


def picture_of(canvas: "Canvas") -> QImage:
    """Return what is drawn as an image."""
    image = QImage(FIGURE * SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)  # lines, letters and symbols grow with it
    dots_per_metre = round(canvas.logicalDpiX() / 0.0254)
    image.setDotsPerMeterX(dots_per_metre)
    image.setDotsPerMeterY(dots_per_metre)
    with _on_paper(canvas):
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _render(canvas, painter)
    return image


def drawing_of(canvas: "Canvas") -> QByteArray:
    """Return what is drawn as the content of an SVG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the other version knows no clipping
    generator.setOutputDevice(buffer)
    generator.setSize(FIGURE)
    generator.setViewBox(QRect(0, 0, FIGURE.width(), FIGURE.height()))
    generator.setResolution(canvas.logicalDpiX())  # else axes, which are recorded for the screen, are scaled
    generator.setTitle(canvas.title)
    generator.setDescription(canvas.about)
    with _on_paper(canvas):
        _render(canvas, QPainter(generator))
    return content


def _render(canvas: "Canvas", painter: QPainter) -> None:
    try:
        area = QRectF(0, 0, FIGURE.width(), FIGURE.height())
        painter.fillRect(area, canvas.backgroundBrush())
        canvas.scene().prepareForPaint()
        canvas.scene().render(painter, area, QRectF(canvas.viewRect()))
    finally:
        painter.end()


@contextmanager
def _on_paper(canvas: "Canvas") -> Iterator[None]:
    """Let a plot have the size and colours of paper, and all its axes and remarks."""
    size, geometry = canvas.size(), canvas.geometry()
    sharp = [item for item in canvas.scene().items() if isinstance(item, pg.ScatterPlotItem | pg.PlotCurveItem)]
    canvas.hide_values()
    canvas.on_paper = True
    try:
        _take_size(canvas, FIGURE)
        canvas.paint_in(PAPER)
        canvas.layout_.layout.activate()
        canvas.refit()
        for item in sharp:
            item.setExportMode(True, {"antialias": True})
        yield
    finally:
        canvas.on_paper = False
        for item in sharp:
            item.setExportMode(False)
        _take_size(canvas, size)
        canvas.setGeometry(geometry)
        canvas.restyle()


def _take_size(canvas: "Canvas", size: QSize) -> None:
    """Give a plot a size at once, also if it is hidden."""
    before = canvas.size()
    canvas.resize(size)
    QCoreApplication.sendEvent(canvas, QResizeEvent(size, before))


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
        said = [canvas.title, canvas.about, "simulated data" if canvas.simulated else "", *canvas.remarks()]
        file.writelines(f"# {text}\r\n" for text in said if text)
        csv.writer(file).writerows(canvas.table())
