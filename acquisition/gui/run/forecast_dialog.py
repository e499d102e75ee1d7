"""All points and steps of a forecast, as tables in a window of their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from acquisition.gui.run.words import count, energy
from acquisition.numbers import duration

POINT_HEADS = (
    "Point", "Label", "Time", "°C", "Laser / %", "Rate / kcps", "Photons", "Cascades", "of them by chance", "Dose",
)  # fmt: skip
STEP_HEADS = ("Step", "What", "Time")
_STATES = ("X", "X-", "X2-", "BX", "BX-", "BX2-")
_QUANTITIES = {
    "lifetime_ns": "lifetime",
    "quantum_efficiency": "quantum efficiency",
    "energy_ss_ev": "energy S–S",
    "energy_pp_ev": "energy P–P",
}


class ForecastDialog(QDialog):
    """Tables of points, of expected errors and of steps.

    Parameters
    ----------
    found : mapping
        As of `Session.check`.
    parent : QWidget
        Over which it stands.
    """

    def __init__(self, found: Mapping[str, Any], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"What {found['sequence']} would be like on {found['rig']}: expectations of the twin")
        self.tabs = QTabWidget()
        self.tabs.addTab(_table(POINT_HEADS, [_point(point) for point in found["points"]]), "Points")
        errors = [row for point in found["points"] for row in _errors(point)]
        if errors:
            self.tabs.addTab(_table(("Point", "Error in % of", *_STATES), errors), "Expected errors")
        steps = [(str(each["number"]), each["text"], duration(each["duration_s"])) for each in found["steps"]]
        self.tabs.addTab(_table(STEP_HEADS, steps), "Steps")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(self.tabs)
        column.addWidget(buttons)
        self.resize(min(980, parent.width()), min(480, parent.height()))


def _point(point: Mapping[str, Any]) -> tuple[str, ...]:
    temperature_c, dose_uj = point["temperature_c"], point["dose_uj"]
    return (
        str(point["number"]),
        point["label"] or "–",
        ("about " if point["goal_reached"] else "") + duration(point["duration_s"]),
        "–" if temperature_c is None else f"{temperature_c:.1f}",
        f"{point['intensity_percent']:g}",
        f"{point['count_rate_cps'] / 1e3:.4g}",
        count(point["photons"]),
        count(point["cascades"] + point["accidental_pairs"]),
        count(point["accidental_pairs"]),
        f"{point['dose_percent_s']:.4g} % s" if dose_uj is None else energy(dose_uj),
    )


def _errors(point: Mapping[str, Any]) -> list[tuple[str, ...]]:
    precision = point["precision_percent"]
    found = []
    for key, name in _QUANTITIES.items():
        errors = [precision.get(f"states.{state}.{key}") for state in _STATES]
        if any(error is not None for error in errors):
            texts = ("–" if error is None else f"{error:.2g}" for error in errors)
            found.append((str(point["number"]), name, *texts))
    return found


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> QTableWidget:
    table = QTableWidget(len(rows), len(heads))
    table.setHorizontalHeaderLabels(list(heads))
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(at, column, item)
    table.resizeColumnsToContents()
    table.horizontalHeader().setStretchLastSection(True)
    return table
