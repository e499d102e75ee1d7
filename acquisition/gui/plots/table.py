"""Data of plots as rows of text, for files that a spreadsheet reads."""

from collections.abc import Iterable
from typing import Any

import numpy as np


def csv_rows(columns: Iterable[tuple[str, Any]]) -> list[list[str]]:
    """Return columns of different lengths as rows of text, the first with their names; what is missing is empty."""
    held = [(name, np.asarray(values)) for name, values in columns]
    most = max((len(values) for _, values in held), default=0)
    rows = [[name for name, _ in held]]
    for place in range(most):
        rows.append([cell(values[place]) if place < len(values) else "" for _, values in held])
    return rows


def cell(value: Any) -> str:
    """Return a number with all its digits; nothing for one that is not finite."""
    number = float(value)
    return f"{number:.9g}" if np.isfinite(number) else ""
