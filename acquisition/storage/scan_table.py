"""Tables of numbers that a run stores beside its points, as CSV that any program reads."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from acquisition.storage.errors import RecordingError
from acquisition.storage.files import make_folder, write_text


def write_scan_table(
    path: Path, title: str, columns: Sequence[str], rows: Sequence[Sequence[float | None]], *, simulated: bool
) -> None:
    """Replace `path` by a table.

    The first lines begin with ``#``: the title, and whether the numbers are simulated. None is an empty cell.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    text = io.StringIO()
    title = " ".join(title.split())
    text.write(f"# {title}\n# simulated: {'true' if simulated else 'false'}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    make_folder(path.parent)
    write_text(path, text.getvalue())


def read_scan_table(path: Path) -> tuple[tuple[str, ...], list[tuple[float | None, ...]]]:
    """Return columns and rows of a table.

    Raises
    ------
    RecordingError
        If it cannot be read; names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: cannot be read: {error}") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if not line.startswith("#")]
    if not numbered:
        raise RecordingError(f"{path}: holds no table")
    columns = tuple(next(csv.reader([numbered[0][1]])))
    rows = []
    for number, line in numbered[1:]:
        cells = line.split(",")
        try:
            rows.append(tuple(float(cell) if cell else None for cell in cells))
        except ValueError as error:
            raise RecordingError(f"{path}, line {number}: {error}; numbers and empty cells are allowed") from error
        if len(cells) != len(columns):
            raise RecordingError(f"{path}, line {number}: has {len(cells)} cells, but there are {len(columns)} columns")
    return columns, rows
