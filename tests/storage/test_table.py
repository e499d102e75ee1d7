"""Tables that grow: each complete row survives a kill, and other columns start a section of their own."""

import math
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acquisition.storage import RecordingError, StorageError, TableWriter, read_table
from acquisition.storage import table as table_module

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"])),
)


def test_rows_come_back_with_their_columns_and_times(tmp_path: Path) -> None:
    with TableWriter(tmp_path / "readings.csv", ["substrate_temperature_c", "laser_emission", "note"]) as table:
        table.append(0.5, {"substrate_temperature_c": 60.25, "laser_emission": True}, "2026-11-20T22:15:03Z")
        table.append(1, {"note": 'warm, "soaked"', "substrate_temperature_c": math.nan})
    found = read_table(tmp_path / "readings.csv")
    assert found.columns == ("time_s", "utc", "substrate_temperature_c", "laser_emission", "note")
    assert found.rows[0] == {
        "time_s": 0.5,
        "utc": "2026-11-20T22:15:03Z",
        "substrate_temperature_c": 60.25,
        "laser_emission": True,
    }
    assert found.column("note") == [None, 'warm, "soaked"']
    assert found.column("substrate_temperature_c") == [60.25, None]
    assert str(found.rows[1]["utc"]).endswith("+00:00")
    assert found.problems == ()
    with pytest.raises(KeyError, match="no column power_w"):
        found.column("power_w")


@quick
@given(rows=st.lists(st.tuples(plain, plain), max_size=6))
def test_any_plain_values_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, rows: list) -> None:
    path = tmp_path_factory.mktemp("table") / "readings.csv"
    with TableWriter(path, ["a", "b"]) as table:
        for number, (a, b) in enumerate(rows):
            table.append(number, {"a": a, "b": b})
    found = read_table(path)
    assert list(zip(found.column("a"), found.column("b"), strict=True)) == rows
    assert [type(row.get("a")) for row in found.rows] == [type(a) for a, _ in rows]


def test_a_kill_at_any_byte_costs_only_the_row_being_written(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    with TableWriter(path, ["power_w"]) as table:
        for number in range(3):
            table.append(number, {"power_w": 12.345 + number}, "t")
    data = path.read_bytes()
    header = data.index(b"\n") + 1
    for length in range(len(data) + 1):
        path.write_bytes(data[:length])
        complete = max(0, data[:length].count(b"\n") - 1)
        assert len(read_table(path).rows) == complete
        with TableWriter(path, ["power_w"]) as table:
            table.append(9, {"power_w": 1.5})
        found = read_table(path)
        assert found.column("power_w") == [*[12.345, 13.345, 14.345][:complete], 1.5]
        assert found.problems == ()
        assert path.read_bytes().count(b"time_s") == 1
        assert path.read_bytes()[:header] == data[:header]


def test_other_columns_start_a_new_header_and_the_rows_before_stay(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    for columns in (["a_c"], ["a_c", "b_w"], ["a_c", "b_w"], ["b_w"]):
        with TableWriter(path, columns) as table:
            table.append(1.0, dict.fromkeys(columns, 2.0))
    found = read_table(path)
    assert found.columns == ("time_s", "utc", "a_c", "b_w")
    assert found.column("a_c") == [2.0, 2.0, 2.0, None]
    assert found.column("b_w") == [None, 2.0, 2.0, 2.0]
    assert path.read_bytes().count(b"time_s") == 3


def test_a_table_is_written_by_one_program_at_a_time_and_read_by_all(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    with TableWriter(path, ["a"]) as table:
        with pytest.raises(StorageError, match="written by another program"):
            TableWriter(path, ["a"])
        table.append(1.0, {"a": 1})
        assert len(read_table(path).rows) == 1
    TableWriter(path, ["a"]).close()


def test_rows_of_many_threads_do_not_mix(tmp_path: Path) -> None:
    with TableWriter(tmp_path / "readings.csv", ["text"]) as table:
        threads = [
            threading.Thread(target=lambda: [table.append(1.0, {"text": "x" * 200}) for _ in range(20)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    found = read_table(tmp_path / "readings.csv")
    assert found.column("text") == ["x" * 200] * 80
    assert found.problems == ()


def test_damaged_lines_are_told_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    path.write_bytes(
        b'time_s,utc,a\n1.0,"t",1\n\xff,"t",1\n1.0,"t"\n1.0,"t",NaN\n"x","t",1\n1.0,"t",[]\n1,"t,2\n2.0,"t",2\n'
    )
    found = read_table(path)
    assert found.column("a") == [1, 2]
    assert [problem.split(": ")[0].split(", ")[-1] for problem in found.problems] == [f"line {n}" for n in range(3, 9)]


@pytest.mark.parametrize("name", ["", "a b", "a,b", 'a"', "a\n", "time_s", "utc"])
def test_a_column_that_would_break_the_table_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="a column cannot be called"):
        TableWriter(tmp_path / "readings.csv", [name])
    assert not (tmp_path / "readings.csv").exists()


@pytest.mark.parametrize(
    ("time_s", "values", "message"),
    [
        (1.0, {"b": 1}, "no column b; the columns are a"),
        (1.0, {"a": "two\nlines"}, "line break"),
        (1.0, {"a": [1]}, "cannot be stored"),
        (math.nan, {"a": 1}, "time_s is nan"),
    ],
)
def test_a_row_that_cannot_be_stored_is_refused(tmp_path: Path, time_s: float, values: dict, message: str) -> None:
    with TableWriter(tmp_path / "readings.csv", ["a"]) as table, pytest.raises(StorageError, match=message):
        table.append(time_s, values)
    assert read_table(tmp_path / "readings.csv").rows == ()


def test_a_full_disk_is_told_and_the_next_row_stands_on_its_own_line(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "readings.csv"
    with TableWriter(path, ["a"], sync_interval_s=0.0) as table:
        table.append(1.0, {"a": 1})

        def fail(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as full:
            full.setattr(table_module.os, "fsync", fail)
            with pytest.raises(StorageError, match="No space left on device"):
                table.append(2.0, {"a": 2})
        table.append(3.0, {"a": 3})
    assert read_table(path).problems == ()
    assert read_table(path).column("a")[-1] == 3


def test_a_closed_table_takes_nothing(tmp_path: Path) -> None:
    table = TableWriter(tmp_path / "readings.csv", ["a"])
    table.close()
    table.close()
    with pytest.raises(StorageError, match="is closed"):
        table.append(1.0, {})


def test_a_file_that_is_no_table_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"my notes\nof today")
    with pytest.raises(StorageError, match="is no table"):
        TableWriter(path, ["a"])
    with pytest.raises(RecordingError, match="is no table"):
        read_table(path)
    assert path.read_bytes() == b"my notes\nof today"
    with pytest.raises(RecordingError, match="cannot be read"):
        read_table(tmp_path / "missing.csv")
