"""Panel: whether photons are lost, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from acquisition.gui.client.feed import Said
from acquisition.gui.live.amounts import count_text, share_text
from acquisition.gui.live.photon_panel import PhotonPanel
from acquisition.gui.registry import view
from acquisition.gui.view import Desk, Place

PILE_UP_WARN, PILE_UP_BAD = 0.01, 0.05
"""Shares of the photons of the brightest pixel that are lost, as it sees one photon per pulse only."""

LOST_BAD = 0.01
"""Share of the time that is lost."""


class Verdict(StrEnum):
    """How good something is; the value names its colour in a theme."""

    OK = "good"
    WARN = "warn"
    BAD = "bad"


SIGNS = {Verdict.OK: "✓ OK", Verdict.WARN: "▲ Look", Verdict.BAD: "✕ Bad"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: how good, of what, in numbers, what to do."""

    verdict: Verdict
    what: str
    number: str
    advice: str = ""


def judge_losses(losses: Mapping[str, Any]) -> list[Finding]:
    """Return what is to be said of gaps in the stream and of a live analysis that lags."""
    found = [Finding(Verdict.OK, "Lost photons", "none: the stream has no gap")]
    if losses["gaps"]:
        gaps = "1 gap" if losses["gaps"] == 1 else f"{count_text(losses['gaps'])} gaps"
        last = losses["latest"][-1] if losses["latest"] else None
        since = f"; the last at {last['from_s']:.4g} s: {last['reason']}" if last else ""
        number = f"{gaps}, {losses['lost_s']:.3g} s ({share_text(losses['lost_share'])}){since}"
        advice = "The gaps are marked in the data and left out of every number. Lower the count rate if they go on."
        bad = losses["lost_share"] > LOST_BAD
        found = [Finding(Verdict.BAD if bad else Verdict.WARN, "Lost photons", number, advice)]
    if losses["unseen_s"] > 0:
        number = f"{losses['unseen_s']:.3g} s not shown"
        advice = "The recording is complete; only this display lagged behind. The report uses all photons."
        found.append(Finding(Verdict.WARN, "Live analysis", number, advice))
    else:
        found.append(Finding(Verdict.OK, "Live analysis", "has seen all photons"))
    return found


def judge_pile_up(pile_up: Mapping[str, Any]) -> list[Finding]:
    """Return what is to be said of pixels that see more than one photon per pulse."""
    lost = pile_up["lost_in_brightest_share"]
    number = f"{share_text(lost)} of the photons of the brightest pixel"
    if lost < PILE_UP_WARN:
        verdict, advice = Verdict.OK, ""
    else:
        verdict = Verdict.BAD if lost > PILE_UP_BAD else Verdict.WARN
        advice = "A pixel counts one photon per pulse: lifetimes come out too short. Lower the laser intensity."
    several = f"{share_text(pile_up['several_share'])} of the pulses with light"
    rate = f"{pile_up['photons_per_pulse']:.3g} photons per pulse, dark counts included; several photons in {several}"
    return [Finding(verdict, "Pile-up", number, advice), Finding(Verdict.OK, "Occupancy", rate)]


@view(
    "data_quality", "Data quality", Place.LIVE, order=30, shows=("losses", "pile_up"),
    tip="Photons that the detector or the computer has lost, and pile-up: light so bright that pixels miss photons.",
)  # fmt: skip
class DataQuality(PhotonPanel):
    """A line for each thing that can spoil the data."""

    main = "losses"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        inner = QWidget()
        self._grid = QGridLayout(inner)
        self._grid.setColumnStretch(2, 1)
        self._grid.setHorizontalSpacing(10)
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        self._shown: list[Finding] = []
        self.words = QLabel()
        self.words.setWordWrap(True)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.column.addWidget(self.words)
        self.column.addWidget(scroll, 1)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is shown."""
        return tuple(self._shown)

    def draw_content(self, content: Mapping[str, Any], said: Said) -> None:
        """Judge the newest numbers."""
        pile_up = said.panels.get("pile_up")
        self._show(judge_losses(content) + (judge_pile_up(pile_up) if pile_up else []))

    def clear(self) -> None:
        """Show nothing."""
        self._show([])

    def say(self, words: str) -> None:
        """Say why there is nothing."""
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self._shown = []
        super().restyle()

    def _show(self, findings: list[Finding]) -> None:
        if findings == self._shown:
            return
        self._shown = findings
        while len(self._rows) < len(findings):
            self._add_row()
        for row, finding in zip(self._rows, findings, strict=False):
            self._fill(row, finding)
        for place, row in enumerate(self._rows):
            for label in row:
                label.setVisible(place < len(findings))
        self._grid.setRowStretch(len(self._rows), 1)

    def _add_row(self) -> None:
        sign, what, text = QLabel(), QLabel(), QLabel()
        text.setWordWrap(True)
        text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for column, label in enumerate((sign, what, text)):
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self._grid.addWidget(label, len(self._rows), column)
        self._grid.setRowStretch(len(self._rows), 0)
        self._rows.append((sign, what, text))

    def _fill(self, row: tuple[QLabel, QLabel, QLabel], finding: Finding) -> None:
        sign, what, text = row
        shade = getattr(self.desk.theme, finding.verdict)
        sign.setText(f'<b style="color:{shade}">{SIGNS[finding.verdict]}</b>')
        what.setText(finding.what)
        text.setText(finding.number + (f"<br><i>{finding.advice}</i>" if finding.advice else ""))
