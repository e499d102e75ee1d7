"""The report of a run shows its slow readings, and what was remarked and why it was paused."""

import numpy as np
import pytest

from acquisition.report.notes import MOST_ROWS, note_rows
from acquisition.report.readings_figure import draw_readings, elapsed_s, went_on_s
from acquisition.report.render import ReportPoint, render_html
from acquisition.storage import Journal, RunFolder, TableWriter
from tests.report.recordings import data_of
from tests.report.test_render import RUN, text_of

EVENTS = [
    {
        "event": "step_started",
        "step": 1,
        "text": "soak for 5 s",
        "note": "lamp <b>off</b>",
        "time": "2026-11-20T22:15:03",
    },
    {"event": "step_started", "step": 2, "text": "open shutter"},
    {"event": "note", "text": "refocused", "author": "Ada", "time": "2026-11-20T22:16:00.123+00:00"},
    {"event": "paused", "reason": "the interlock of the laser is open", "by_itself": True},
    {"event": "resumes_by_itself", "reason": "the interlock of the laser is closed, for 10 s"},
    {"event": "transition", "before": "paused", "verb": "resume", "after": "running"},
    {"event": "gives_up", "how": "stop", "reason": "wrong for 3600 s"},
    {"event": "transition", "before": "paused", "verb": "resume", "after": "running"},
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "points").mkdir()
    return RunFolder.open(tmp_path)


def write(folder, events=EVENTS, rows=20):
    with Journal(folder.journal) as journal:
        for event in events:
            journal.append(event)
    with TableWriter(folder.readings, ["count_rate_cps", "temperature_c", "setpoint_c"]) as table:
        for row in range(rows):
            table.append(
                5.0 * row, {"temperature_c": 20 + row, "setpoint_c": 40, "count_rate_cps": 1e5 if row > 9 else None}
            )


def test_the_page_shows_readings_and_notes_with_their_time(folder):
    write(folder)
    run = {**RUN, "warnings": ["the slow readings go on without the heater: no answer"]}
    page = render_html("a run", [ReportPoint("Point 1", data_of("no pulses"))], run, folder)
    assert 'id="readings"' in page
    text = text_of(page)
    assert "<h3>Notes</h3>" in text
    assert "<td>2026-11-20 22:16:00</td><td>note by Ada</td><td>refocused</td>" in text
    assert "lamp &lt;b&gt;off&lt;/b&gt;" in text
    assert "<td>paused by itself</td><td>the interlock of the laser is open</td>" in text
    assert "go on without the heater" in text


def test_a_run_without_readings_and_remarks_has_neither_on_its_page(folder):
    page = render_html("a run", [ReportPoint("Point 1", data_of("no pulses"))], RUN, folder)
    assert 'id="readings"' not in page
    assert "<h3>Notes</h3>" not in page


def test_notes_come_in_their_order_and_not_without_end(folder):
    write(folder)
    assert [row[1] for row in note_rows(folder)] == [
        "what", "step 1: soak for 5 s", "note by Ada", "paused by itself", "goes on by itself", "gives up: stop",
        "goes on",
    ]  # fmt: skip
    write(folder, [{"event": "note", "text": str(number)} for number in range(300)])
    assert len(note_rows(folder)) == MOST_ROWS + 2
    assert note_rows(folder)[-1][2] == "and 106 more in journal.jsonl"


def test_the_readings_are_drawn_against_the_time_of_the_run(folder):
    write(folder)
    drawn = draw_readings(folder)
    temperature, rate = drawn.figure.axes
    np.testing.assert_allclose(temperature.lines[1].get_xydata()[-1], [95 / 60, 39])
    np.testing.assert_allclose(rate.lines[0].get_ydata()[10:], 100.0)
    assert np.isnan(rate.lines[0].get_ydata()[:10]).all()


def test_the_time_goes_on_where_a_run_was_resumed_with_a_new_clock():
    np.testing.assert_allclose(elapsed_s(np.array([3.0, 5.0, 10.0, 0.0, 5.0])), [0, 2, 7, 7, 12])


def test_a_run_that_was_broken_off_shows_where_it_went_on(folder):
    np.testing.assert_allclose(went_on_s(np.array([3.0, 5.0, 10.0, 0.0, 5.0, 1.0])), [7, 12])
    write(folder)
    write(folder)
    drawn = draw_readings(folder)
    assert [ax.lines[-1].get_linestyle() for ax in drawn.figure.axes] == ["--", "--"]
    assert "had been broken off and went on" in drawn.caption


def test_two_rows_are_too_few_to_draw(folder):
    write(folder, rows=2)
    assert draw_readings(folder) is None
