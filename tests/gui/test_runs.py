"""The page of runs lists, finds, opens, analyses, resumes and judges them through the session."""

import threading

import pytest
from qtpy.QtCore import Qt, QUrl
from qtpy.QtGui import QDesktopServices, QGuiApplication

from acquisition.gui.client.feed import Said
from acquisition.gui.runs.columns import COLUMNS
from acquisition.gui.runs.details import details_page
from acquisition.gui.runs.page import RunsPage
from acquisition.gui.theme.themes import THEMES
from acquisition.session import ChangedError, SessionError
from tests.gui.runs_listed import RUNS, figures, read, run, select, shown
from tests.gui.state_content import results_of


@pytest.fixture
def page(desk, session, settle, qtbot):
    """The page with three runs."""
    session.answers.update(runs=list(RUNS), read=read, figures=figures)
    page = RunsPage(desk)
    qtbot.addWidget(page)
    page.resize(1000, 640)
    page.show()
    settle()
    return page


def test_the_newest_run_stands_first(page):
    assert shown(page) == ["dot08", "dot07", "broken"]
    assert page.count.text() == "3 runs"


def test_a_date_that_cannot_be_read_is_told_below_the_filters(page):
    page.filters.since.setText("21.11.2026")
    assert page.filters.problem.isVisible()
    assert "21.11.2026 is no date; write for example 2026-11-20" in page.filters.problem.text()
    page.filters.since.setText("2026-11-21")
    assert not page.filters.problem.isVisible()


def test_runs_are_sorted_by_numbers_as_numbers(page):
    page.table.sortByColumn([column.title for column in COLUMNS].index("photons"), Qt.SortOrder.DescendingOrder)
    assert shown(page)[-1] == "dot08"


def test_an_empty_folder_says_so(page, session, settle):
    session.answers["runs"] = []
    page.again.click()
    settle()
    assert page.count.text() == "No runs here yet."


def test_a_list_that_cannot_be_read_says_why(page, session, settle):
    session.answers["runs"] = SessionError("the folder is gone")
    page.again.click()
    settle()
    assert "the folder is gone" in page.count.text()


def test_what_is_typed_filters_the_runs_once_nobody_types_any_more(page, session, settle, qtbot):
    asked = len(session.asked("runs"))
    qtbot.keyClicks(page.filters.text, "dot")
    page.filters.sample.setText("CdSe")
    page.filters.since.setText("2026-11-20")
    qtbot.waitUntil(lambda: len(session.asked("runs")) > asked, timeout=5_000)
    settle()
    assert session.asked("runs")[asked:] == [{"filter": {"text": "dot", "sample": "CdSe", "since": "2026-11-20"}}]


def test_a_date_that_is_none_is_said_and_left_out(page):
    page.filters.until.setText("21.11.2026")
    assert "no date" in page.filters.until.toolTip()
    assert page.filters.wanted() == {}


@pytest.mark.parametrize(
    ("field", "text", "wanted"),
    [
        ("outcome", "killed", {"outcome": "killed"}),
        ("kind", "alignment", {"kind": "alignment"}),
        ("verdict", "keep", {"verdict": "keep"}),
        ("verdict", "not judged", {"verdict": None}),
    ],
)
def test_choices_filter_the_runs(page, field, text, wanted):
    getattr(page.filters, field).set_value(text)
    assert page.filters.wanted() == wanted


def test_what_is_selected_stays_so_when_the_list_is_read_again(page, session, settle):
    select(page, "dot07")
    session.answers["runs"] = [run("dot09", started_at="2026-11-22T08:00:00.000+00:00"), *RUNS]
    page.again.click()
    settle()
    assert [each["name"] for each in page.table.chosen] == ["dot07"]
    assert shown(page)[0] == "dot09"


def test_the_list_is_read_again_when_a_run_ends(page, session, settle):
    page.show_said(Said(status={"run": "/runs/dot09", "outcome": None, "state": "running"}))
    settle()
    asked = len(session.asked("runs"))
    page.show_said(Said(status={"run": "/runs/dot09", "outcome": None, "state": "running"}))
    page.show_said(Said(status={"run": "/runs/dot09", "outcome": "completed", "state": "idle"}))
    settle()
    assert len(session.asked("runs")) == asked + 1


def test_a_selected_run_shows_what_its_folder_says(page, settle):
    select(page, "dot07")
    assert "Reading" in page.about.toPlainText()
    settle()
    text = page.about.toPlainText()
    assert "60.00 ± 0.60" in text
    assert "2 gaps" in text
    assert "<b>bold</b>" in text
    assert "bright" in text


def test_a_damaged_run_says_what_is_wrong():
    page = details_page(run("x", problem="run.json is missing"), None, THEMES["dark"])
    assert "run.json is missing" in page
    assert THEMES["dark"].bad in page


def test_the_results_of_each_point_are_shown():
    results = {"points": [{"number": 1, **results_of(("X",))}, {"number": 2, "label": "hot", **results_of(("X",))}]}
    page = details_page(run("x"), {"run": {}, "results": results}, THEMES["dark"])
    assert "Results of point 1" in page
    assert "Results of point 2: hot" in page


def test_report_and_folder_are_opened_and_the_path_copied(page, settle, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    select(page, "dot07")
    settle()
    for name in ("report", "folder", "copy"):
        page.verbs.buttons[name].click()
    assert opened == [QUrl.fromLocalFile("/runs/dot07/report.html"), QUrl.fromLocalFile("/runs/dot07")]
    assert QGuiApplication.clipboard().text() == "/runs/dot07"


def test_a_computer_that_opens_nothing_is_told(page, settle, monkeypatch):
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    select(page, "dot07")
    settle()
    page.verbs.buttons["folder"].click()
    assert "opens /runs/dot07" in page.verbs.says.text()


def test_an_analysis_that_takes_long_is_shown_and_blocks_nothing(page, session, settle, desk, qtbot):
    going_on, end = threading.Event(), threading.Event()

    def analyze(**arguments):
        going_on.set()
        end.wait(10)
        return {}

    session.answers["analyze"] = analyze
    select(page, "dot07")
    settle()
    page.verbs.buttons["analyse"].click()
    assert going_on.wait(10)
    assert page.verbs.says.text().startswith("Analysing dot07…")
    assert "Analysing dot07" in page.busy_because()
    asked = len(session.asked("runs"))
    page.again.click()
    qtbot.waitUntil(lambda: len(session.asked("runs")) == asked + 1, timeout=5_000)
    end.set()
    settle()
    assert not page.verbs.says.isVisible()
    assert page.busy_because() == ""
    assert session.asked("analyze") == [{"path": "/runs/dot07"}]


def test_several_runs_are_analysed_one_after_the_other(page, session, settle):
    select(page, "dot07", "dot08")
    page.verbs.buttons["analyse"].click()
    settle()
    assert {asked["path"] for asked in session.asked("analyze")} == {"/runs/dot07", "/runs/dot08"}
    assert page.verbs.buttons["keep"].toolTip() == "Select one run only."


def test_what_was_read_of_a_run_is_read_again_after_its_analysis(page, session, settle):
    select(page, "dot07")
    settle()
    before = len(session.asked("read"))
    page.verbs.buttons["analyse"].click()
    settle()
    settle()
    assert len(session.asked("read")) == before + 1


def test_a_run_that_cannot_go_on_says_why(page, settle):
    select(page, "dot07")
    settle()
    assert not page.verbs.buttons["resume"].isEnabled()
    assert page.verbs.buttons["resume"].toolTip() == "It cannot go on: it is complete."


def test_a_killed_run_is_resumed(page, session, settle, desk):
    brought = []
    desk.show = brought.append
    select(page, "broken")
    settle()
    page.verbs.buttons["resume"].click()
    settle()
    assert session.asked("resume_run") == [{"run": "/runs/broken"}]
    assert brought == ["measure"]


def test_a_run_with_which_nobody_stays_is_resumed_so_also_at_the_second_word(page, session, settle):
    session.answers["resume_run"] = ChangedError("the laser is another one")
    select(page, "broken")
    settle()
    page.verbs.unattended.click()
    page.verbs.buttons["resume"].click()
    settle()
    page.verbs.buttons["anyway"].click()
    settle()
    asked = session.asked("resume_run")
    assert [each["attended"] for each in asked] == [False, False]
    assert [each.get("allow_changes", False) for each in asked] == [False, True]


def test_whether_somebody_stays_is_asked_only_where_a_run_can_be_resumed(page, settle):
    select(page, "dot07")
    settle()
    assert not page.verbs.unattended.isEnabled()
    select(page, "broken")
    settle()
    assert page.verbs.unattended.isEnabled()


def test_a_run_whose_rig_has_changed_is_resumed_only_after_a_second_word(page, session, settle):
    session.answers["resume_run"] = ChangedError("the laser is another one")
    select(page, "broken")
    settle()
    assert not page.verbs.buttons["anyway"].isVisible()
    page.verbs.buttons["resume"].click()
    settle()
    assert "the laser is another one" in page.verbs.says.text()
    session.answers["resume_run"] = "/runs/broken"
    page.verbs.buttons["anyway"].click()
    settle()
    assert session.asked("resume_run")[1:] == [{"run": "/runs/broken", "allow_changes": True}]
    assert not page.verbs.buttons["anyway"].isVisible()


def test_a_run_that_cannot_be_resumed_for_another_reason_is_told_and_no_second_word_is_asked(page, session, settle):
    session.answers["resume_run"] = SessionError("another program works on it")
    select(page, "broken")
    settle()
    page.verbs.buttons["resume"].click()
    settle()
    assert "another program works on it" in page.verbs.says.text()
    assert not page.verbs.buttons["anyway"].isVisible()


def test_no_run_is_resumed_while_another_goes_on(page, settle):
    select(page, "broken")
    settle()
    page.show_said(Said(status={"run": "/runs/dot09", "outcome": None, "state": "running"}))
    assert page.verbs.buttons["resume"].toolTip() == "A run goes on; wait for its end."


def test_recordings_of_a_killed_run_are_recovered(page, session, settle):
    select(page, "dot07")
    settle()
    assert not page.verbs.buttons["recover"].isEnabled()
    select(page, "broken")
    settle()
    page.verbs.buttons["recover"].click()
    settle()
    assert session.asked("recover") == [{"run": "/runs/broken"}]


@pytest.mark.parametrize(("button", "verdict"), [("keep", "keep"), ("reject", "reject"), ("unjudge", None)])
def test_a_dot_is_judged_with_a_comment(page, session, settle, button, verdict):
    select(page, "dot07")
    settle()
    page.verbs.comment.setText(" bright, one emitter ")
    page.verbs.buttons[button].click()
    settle()
    assert session.asked("mark") == [{"run": "/runs/dot07", "verdict": verdict, "comment": "bright, one emitter"}]


def test_a_window_that_looks_on_changes_nothing_but_opens_and_compares(page, desk, settle):
    desk.in_control = False
    select(page, "dot07")
    settle()
    page.show_said(Said(status={"run": None, "state": "idle"}))
    enabled = {name for name, button in page.verbs.buttons.items() if button.isEnabled()}
    assert enabled == {"report", "folder", "copy"}
    assert "take control" in page.verbs.buttons["keep"].toolTip()


def test_nothing_is_read_for_a_comparison_that_nobody_looks_at(page, session, settle):
    select(page, "dot07", "dot08")
    settle()
    assert session.asked("figures") == []


def test_selected_runs_are_laid_over_each_other(page, session, settle):
    select(page, "dot07", "dot08")
    page.tabs.setCurrentIndex(1)
    settle()
    names = {name.partition(":")[0] for name in page.overlays["Spectra"].plot.table()[0]}
    assert names == {"1", "2"}
    page.tabs.setCurrentIndex(2)
    settle()
    assert len(session.asked("figures")) == 2
    assert "τ = 60.00 ± 0.60 ns" in " ".join(page.overlays["Decays"].plot.remarks())


def test_a_run_without_analysis_is_named_beside_the_others(page, session, settle):
    def some(run, point=None):
        if run.endswith("broken"):
            raise SessionError("no point was analysed")
        return figures(run, point)

    session.answers["figures"] = some
    select(page, "dot07", "broken")
    page.tabs.setCurrentIndex(1)
    settle()
    assert page.missing.text() == "broken: no point was analysed"
    assert len(page.comparison.measured) == 1


def test_all_points_of_a_run_are_compared(page, session, settle):
    session.answers["figures"] = lambda run, point=None: figures(run, point) | {"points": [1, 2, 3]}
    select(page, "dot07")
    page.tabs.setCurrentIndex(3)
    settle()
    settle()
    assert [each.point for each in page.comparison.measured] == [1, 2, 3]


def test_a_theme_is_taken(page, desk, settle):
    select(page, "dot07")
    settle()
    for theme in THEMES.values():
        desk.theme = theme
        page.restyle()
        assert "60.00 ± 0.60" in page.about.toPlainText()


@pytest.mark.parametrize("width", [800, 1000, 2200])
def test_all_buttons_are_inside_of_the_page(page, settle, width):
    page.resize(width, 640)
    select(page, "dot07")
    settle()
    for button in page.verbs.buttons.values():
        right = button.mapTo(page, button.rect().bottomRight()).x()
        assert right <= page.width()


def test_the_page_gives_way_where_letters_are_large(page):
    before = page.minimumSizeHint().width()
    page.about.setMinimumWidth(3000)
    assert page.minimumSizeHint().width() == before < 1000
