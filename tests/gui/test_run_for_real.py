"""The Run dock, the verbs and the queue over a served session on the simulated rig."""

from pathlib import Path

import pytest
from qtpy.QtCore import QSettings

from acquisition.gui.client.commands import Commands
from acquisition.gui.client.feed import SessionFeed
from acquisition.gui.client.local import LocalWork
from acquisition.gui.run import opening
from acquisition.gui.run.question_view import QuestionView
from acquisition.gui.run.queue_view import QueueView
from acquisition.gui.run.run_view import RunView
from acquisition.gui.run.verbs_view import VerbsView
from acquisition.gui.sequence_editor.document import document_of
from acquisition.gui.theme.themes import THEMES
from acquisition.gui.view import Desk
from acquisition.queue import SessionQueue
from acquisition.remote import Announcement, RemoteSession, SessionServer
from acquisition.session import LocalSession, run_job
from acquisition.user_folders import VARIABLE

TIMEOUT_MS = 60_000

ASKS = """
name: asks
steps:
  - kind: prompt
    text: Is it in focus?
    choices: [yes it is, no]
  - {kind: set_laser, repetition_rate: 1 MHz, intensity: 20 %, emission: true}
  - {kind: set_shutter, open: true}
  - {kind: acquire_photons, duration: 1 s}
"""


@pytest.fixture(scope="module")
def remote(tmp_path_factory):
    """A program in control of a served session, which the tests share."""
    folder = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(VARIABLE, str(folder / "home"))
        session = LocalSession("simulated", str(folder / "runs"), seed=5)
        queue = SessionQueue(folder / "queue.sqlite", session, "simulated", str(folder / "runs"))
        with (
            SessionServer(session, Announcement("simulated"), queue=queue) as server,
            RemoteSession(server.endpoint, "window") as remote,
        ):
            remote.take_control()
            yield remote


@pytest.fixture
def until(remote, tmp_path, qapp, qtbot):
    """Show views what a real session says until something is so; ``until.desk`` is theirs."""
    views = []
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    with Commands(remote) as commands, LocalWork() as work, SessionFeed(remote) as feed:
        feed.start()

        def wait(happened):
            def look():
                commands.deliver()
                work.deliver()
                for view in views:
                    view.show_said(feed.said())
                return happened()

            qtbot.waitUntil(look, timeout=TIMEOUT_MS)

        def add(view):
            qtbot.addWidget(view)
            views.append(view)
            return view

        wait.desk = Desk(commands, work, settings, THEMES["dark"], "simulated", str(tmp_path / "runs"))
        wait.add = add
        yield wait


def test_three_clicks_make_a_measurement_with_a_report(until, monkeypatch, remote):
    opened = []
    monkeypatch.setattr(opening, "open_path", lambda path: opened.append(path) or True)
    dock = until.add(RunView(until.desk))
    dock.panel.numbers.fields["duration"].line.setText("2 s")
    dock.panel.metadata.fields["sample"].line.setText("batch 7")
    dock.panel.metadata.changed.emit()
    dock.panel.check.click()
    until(dock.panel.start.isEnabled)
    assert "Can be started" in dock.panel.forecast.text.text()
    dock.panel.start.click()
    until(dock.panel.ended.report.isEnabled)
    dock.panel.ended.report.click()
    [report] = opened
    assert report.read_text(encoding="utf-8").startswith("<!")
    dock.panel.ended.keep.click()
    until(dock.panel.ended.keep.isChecked)
    [run] = remote.runs({"sample": "batch 7"})
    assert (run["sample"], run["verdict"], Path(run["path"])) == ("batch 7", "keep", report.parent)


def test_another_sample_is_measured_once_it_was_chosen(until, monkeypatch, remote):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    dock = until.add(RunView(until.desk))
    box = dock.panel.sample
    until(lambda: box.choice.isEnabled() and box.choice.findText("dark") >= 0)
    assert box.choice.currentText() == "cdse_cds_table"
    box.choice.setCurrentIndex(box.choice.findText("dark"))
    box.choice.activated.emit(box.choice.currentIndex())
    until(lambda: box.sample == "dark")
    dock.panel.numbers.fields["duration"].line.setText("500 ms")
    dock.panel.metadata.changed.emit()
    dock.panel.check.click()
    until(dock.panel.start.isEnabled)
    dock.panel.start.click()
    until(lambda: (remote.status()["outcome"], remote.status()["run"] is None) == ("completed", False))
    assert remote.runs()[0]["sample"] == "dark"
    remote.choose_sample(None)


def test_a_question_is_answered_and_the_run_paused_and_resumed_in_between(until, tmp_path, remote, monkeypatch):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    (tmp_path / "asks.yaml").write_text(ASKS, encoding="utf-8")
    desk = until.desk
    document_of(desk).open(tmp_path / "asks.yaml")
    dock, verbs, question = until.add(RunView(desk)), until.add(VerbsView(desk)), until.add(QuestionView(desk))
    dock.panel.check.click()
    until(dock.panel.start.isEnabled)
    assert "Is it in focus?" in dock.panel.forecast.text.text()
    dock.panel.start.click()
    until(lambda: not question.isHidden())
    verbs.hold.click()
    until(lambda: verbs.hold.text() == "Resume")
    verbs.hold.click()
    until(lambda: verbs.hold.text() == "Pause" and verbs.hold.isEnabled())
    verbs._note("looks fine")
    question.buttons[0].click()
    until(lambda: question.isHidden() and not dock.panel.ended.isHidden())
    run = remote.status()
    assert run["outcome"] == "completed"
    journal = (Path(run["run"]) / "journal.jsonl").read_text(encoding="utf-8")
    assert "looks fine" in journal
    assert '"paused"' in journal


def test_the_queue_is_filled_from_the_dock_reordered_and_carried_out(until, remote, monkeypatch):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    dock, page = until.add(RunView(until.desk)), until.add(QueueView(until.desk))
    for count, duration in enumerate(("500 ms", "1 s"), start=1):
        dock.panel.numbers.fields["duration"].line.setText(duration)
        dock.panel.metadata.changed.emit()
        until(dock.panel.enqueue.isEnabled)  # not while the one before is being added
        dock.panel.enqueue.click()
        until(lambda count=count: page.model.rowCount() == count)
    page.panel.table.selectRow(1)
    page.panel.buttons["up"].click()
    until(lambda: [entry["id"] for entry in page.model.entries] == [2, 1])
    until(page.panel.buttons["start"].isEnabled)
    page.panel.buttons["start"].click()
    until(lambda: [entry["state"] for entry in page.model.entries] == ["completed", "completed"])
    assert [run["measured_s"] for run in remote.runs()[:2]] == pytest.approx([0.5, 1.0])
    page.panel.buttons["clear"].click()
    until(lambda: page.model.rowCount() == 0)
