"""The journal: each event is on the disk when `append` returns, and a torn line costs only itself."""

import threading

import pytest

from acquisition.storage import Journal, RecordingError, StorageError, read_journal


def test_events_come_back_in_order_with_their_time(tmp_path):
    with Journal(tmp_path / "journal.jsonl") as journal:
        for number in range(3):
            journal.append({"event": "step", "number": number})
    contents = read_journal(tmp_path / "journal.jsonl")
    assert [event["number"] for event in contents.events] == [0, 1, 2]
    assert all(event["time"].endswith("+00:00") for event in contents.events)
    assert contents.problems == ()


def test_an_event_can_be_read_before_the_journal_is_closed(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append({"event": "start"})
    assert len(read_journal(tmp_path / "journal.jsonl").events) == 1
    journal.close()


def test_a_torn_last_line_is_reported_and_the_journal_goes_on_after_it(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"event": "start"}\n{"event": "po')
    with Journal(path) as journal:
        journal.append({"event": "resumed"})
    contents = read_journal(path)
    assert [event["event"] for event in contents.events] == ["start", "resumed"]
    assert "line 2" in contents.problems[0]


def test_a_journal_killed_at_any_byte_is_continued_by_a_resumed_run(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        for number in range(3):
            journal.append({"time": "t", "number": number})
    data = path.read_bytes()
    for length in range(len(data) + 1):
        path.write_bytes(data[:length])
        before = read_journal(path).events
        with Journal(path) as journal:
            assert read_journal(path).events == before
            with pytest.raises(StorageError, match="written by another program"):
                Journal(path)
            journal.append({"time": "t", "number": 9})
        contents = read_journal(path)
        assert contents.events == (*before, {"time": "t", "number": 9})
        assert len(contents.problems) == len(data[:length].splitlines()) - len(before)
        assert path.read_bytes().startswith(data[:length])


def test_an_event_that_a_full_disk_has_torn_does_not_spoil_the_next(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.append({"number": 0})
        honest, journal._file = journal._file, FullDisk(journal._file)
        with pytest.raises(StorageError, match="the disk is full"):
            journal.append({"number": 1})
        journal._file = honest
        journal.append({"number": 2})
    contents = read_journal(path)
    assert [event["number"] for event in contents.events] == [0, 2]
    assert len(contents.problems) == 1


class FullDisk:
    """A file that takes only the half of what it is given."""

    closed = False

    def __init__(self, file):
        self._file = file

    def write(self, data):
        return self._file.write(data[: len(data) // 2])


@pytest.mark.parametrize("line", [b"\xff\xfe\n", b"[1]\n", b"{]\n"])
def test_garbage_is_reported_not_raised(tmp_path, line):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"event": "start"}\n' + line)
    assert len(read_journal(path).events) == 1
    assert len(read_journal(path).problems) == 1


def test_events_of_many_threads_do_not_mix(tmp_path):
    with Journal(tmp_path / "journal.jsonl") as journal:
        threads = [
            threading.Thread(target=lambda: [journal.append({"text": "x" * 200}) for _ in range(20)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    contents = read_journal(tmp_path / "journal.jsonl")
    assert len(contents.events) == 80
    assert contents.problems == ()


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_an_event_that_is_not_plain_is_refused(tmp_path, value):
    with Journal(tmp_path / "journal.jsonl") as journal, pytest.raises(StorageError, match="cannot be written"):
        journal.append({"value": value})
    assert read_journal(tmp_path / "journal.jsonl").events == ()


def test_a_closed_journal_takes_nothing(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.close()
    with pytest.raises(StorageError, match="is closed"):
        journal.append({"event": "late"})


def test_a_journal_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RecordingError, match=r"journal\.jsonl: cannot be read"):
        read_journal(tmp_path / "journal.jsonl")


def test_a_journal_is_written_by_one_program_at_a_time_and_read_by_all(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        with pytest.raises(StorageError, match="written by another program"):
            Journal(path)
        journal.append({"event": "start"})
        assert len(read_journal(path).events) == 1
    Journal(path).close()
