"""The count rate, as large as its place allows, with the peak below it: read from across the room."""

from qtpy.QtCore import QRectF, QSize, Qt
from qtpy.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from qtpy.QtWidgets import QSizePolicy, QWidget

from acquisition.gui.align import words
from acquisition.gui.align.peak import Peak
from acquisition.gui.view import Desk

BAR_SHARE, PEAK_SHARE = 0.1, 0.2
"""Shares of the height that the bar and the words below it take."""

WIDEST = "888.8 Mcps"
"""The size of the digits follows from this, so that it does not change with the rate."""


class Readout(QWidget):
    """Paints a count rate, a bar that shows it as a share of the peak, and the peak.

    Parameters
    ----------
    desk : Desk
        Whose theme it takes.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._rate_cps: float | None = None
        self._peak: Peak | None = None
        self._what = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip(
            "Photons per second in the last tenth of a second. The mark on the bar is the highest "
            "rate since the last reset: turn the knobs until the bar reaches it."
        )

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """Return a size in which it is read from a chair."""
        return QSize(480, 150)

    def minimumSizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        """Return the least size that is of use."""
        return QSize(260, 90)

    def show_rate(self, rate_cps: float | None, peak: Peak | None, what: str) -> None:
        """Show a rate in counts/s and what it is that of; without one, why there is none."""
        self._rate_cps, self._peak, self._what = rate_cps, peak, what
        self.setAccessibleName(" ".join(words.rate(rate_cps)) if rate_cps is not None else what)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, whole = self._desk.theme, QRectF(self.rect())
        painter.fillRect(whole, QColor(theme.panel))
        inner = whole.adjusted(8, 4, -8, -4)
        if self._rate_cps is None:
            painter.setPen(QColor(theme.faint))
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._what)
            return
        line = QFontMetricsF(self.font()).height()
        words_height = max(PEAK_SHARE * inner.height(), 1.2 * line)
        bar_height = BAR_SHARE * inner.height()
        painter.setPen(QColor(theme.faint))
        first = QRectF(inner.left(), inner.top(), inner.width(), line)
        painter.drawText(first, int(Qt.AlignmentFlag.AlignCenter), self._what)
        top = QRectF(inner.left(), first.bottom(), inner.width(), inner.height() - line - words_height - bar_height)
        self._paint_rate(painter, top, self._rate_cps)
        self._paint_bar(painter, QRectF(inner.left(), top.bottom(), inner.width(), bar_height), self._rate_cps)
        self._paint_peak(painter, QRectF(inner.left(), top.bottom() + bar_height, inner.width(), words_height))

    def _paint_rate(self, painter: QPainter, where: QRectF, rate_cps: float) -> None:
        font = _fitting(self.font(), where, WIDEST)
        painter.setFont(font)
        painter.setPen(QColor(self._desk.theme.text))
        painter.drawText(where, int(Qt.AlignmentFlag.AlignCenter), " ".join(words.rate(rate_cps)))

    def _paint_bar(self, painter: QPainter, where: QRectF, rate_cps: float) -> None:
        theme, peak_cps = self._desk.theme, self._peak.rate_cps if self._peak else 0.0
        top_cps = 1.1 * max(peak_cps, rate_cps, 1.0)
        filled = QRectF(where.left(), where.top(), where.width() * max(rate_cps, 0.0) / top_cps, where.height())
        painter.fillRect(where, QColor(theme.window))
        painter.fillRect(filled, QColor(theme.accent))
        if self._peak is not None:
            x = where.left() + where.width() * peak_cps / top_cps
            painter.fillRect(QRectF(x - 1.5, where.top(), 3.0, where.height()), QColor(theme.text))

    def _paint_peak(self, painter: QPainter, where: QRectF) -> None:
        if self._peak is None:
            return
        number, unit = words.rate(self._peak.rate_cps)
        place = self._peak.place_um
        text = f"peak {number} {unit}" + (f" at ({place[0]:.2f}, {place[1]:.2f}) µm" if place else "")
        painter.setFont(_fitting(self.font(), where, text))
        painter.setPen(QColor(self._desk.theme.faint))
        painter.drawText(where, int(Qt.AlignmentFlag.AlignCenter), text)


def _fitting(font: QFont, where: QRectF, text: str) -> QFont:
    """Return the font in the largest size in which a text fits."""
    found = QFont(font)
    found.setPointSizeF(100.0)
    metrics = QFontMetricsF(found)
    scale = min(where.width() / max(metrics.horizontalAdvance(text), 1.0), where.height() / max(metrics.height(), 1.0))
    found.setPointSizeF(max(100.0 * scale, 6.0))
    return found
