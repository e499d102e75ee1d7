"""How the Run dock is laid out: what may be long scrolls, the buttons stay in sight."""

from qtpy.QtCore import QSize, Qt, QTimer
from qtpy.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from acquisition.gui.run.ended_box import EndedBox
from acquisition.gui.run.forecast_box import ForecastBox
from acquisition.gui.run.metadata_form import MetadataForm
from acquisition.gui.run.numbers_form import NumbersForm
from acquisition.gui.run.resume_box import ResumeBox
from acquisition.gui.run.sample_box import SampleBox
from acquisition.gui.run.sequence_box import SequenceBox
from acquisition.gui.view import Desk


class RunPanel:
    """The parts of the Run dock, placed in it.

    Parameters
    ----------
    owner : QWidget
        The dock's view.
    desk : Desk
        Shared with the others.
    operator : str
        Who measures.
    """

    def __init__(self, owner: QWidget, desk: Desk, operator: str) -> None:
        self.resume, self.ended = ResumeBox(desk), EndedBox(desk)
        self.sequence = SequenceBox(desk)
        self.sample = SampleBox(desk)
        self.numbers, self.metadata = NumbersForm(), MetadataForm(operator)
        self.unattended = QCheckBox("Nobody stays with it (unattended)")
        self.unattended.setToolTip(
            "What only a person at the instruments can do then fails at once instead of asking, and a laser that no "
            "software can darken is not used."
        )
        self.forecast = ForecastBox(desk)
        self.check, self.start, self.enqueue = QPushButton("Check"), QPushButton("Start"), QPushButton("Add to queue")
        self._scroll = _scrolling(
            (self.resume, self.ended, self.sequence, self.sample, self.numbers, self.metadata, self.unattended,
             self.forecast)
        )  # fmt: skip
        buttons = QHBoxLayout()
        buttons.setContentsMargins(8, 4, 8, 8)
        for button in (self.check, self.start, self.enqueue):
            buttons.addWidget(button)
        whole = QVBoxLayout(owner)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll)
        whole.addLayout(buttons)
        self._later = QTimer(owner, singleShot=True, interval=0)
        self._later.timeout.connect(self._scroll_to_forecast)

    def show_forecast(self) -> None:
        """Scroll to the forecast, as soon as it has its size."""
        self._later.start()

    def show_top(self) -> None:
        """Scroll to how the last run ended."""
        self._scroll.verticalScrollBar().setValue(0)

    def _scroll_to_forecast(self) -> None:
        self._scroll.verticalScrollBar().setValue(max(0, self.forecast.y() - 8))


class _Column(QScrollArea):
    """Scrolls up and down, and is never narrower than what it holds, also with large letters."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the width of the content and of the bar beside it."""
        inside = self.widget()
        width = 0 if inside is None else inside.minimumSizeHint().width()
        return QSize(width + self.verticalScrollBar().sizeHint().width(), super().minimumSizeHint().height())


def _scrolling(parts: tuple[QWidget, ...]) -> QScrollArea:
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(8, 8, 8, 8)
    column.setSpacing(10)
    for part in parts:
        column.addWidget(part)
    column.addStretch(1)
    area = _Column()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area
