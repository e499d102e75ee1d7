"""Choosing, checking and starting a run, and what it came to."""

from collections.abc import Mapping
from typing import Any

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.run.allowed import LOOKS_ON
from acquisition.gui.run.lit import allow, light
from acquisition.gui.run.main_numbers import with_numbers
from acquisition.gui.run.progress import goes_on
from acquisition.gui.run.remembered import form_of, operator_of, remember_form, remember_operator
from acquisition.gui.run.request import RunRequest, metadata_overrides
from acquisition.gui.run.rig_facts import RigFacts, rig_facts
from acquisition.gui.run.run_panel import RunPanel
from acquisition.gui.run.run_tips import CHECK_TIP, QUEUE_TIP, START_TIP
from acquisition.gui.sequence_editor.document import document_of
from acquisition.gui.view import Desk, Place, View


@view("run", "Run", Place.SIDE, order=10, tip="Choose a sequence, say what is measured, check it, start it.")
class RunView(View):
    """Sequence, numbers, metadata, check and start; below it the forecast, and how the last run ended."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._document = document_of(desk)
        self._present = RunRequest("")
        self._checked: RunRequest | None = None
        self._checking: RunRequest | None = None
        self._ok = self._starting = self._adding = False
        self._status: Mapping[str, Any] | None = None
        self._seen_run: tuple[object, object] | None = None
        self.panel = panel = RunPanel(self, desk, operator_of(desk.settings))
        self._read_document()
        metadata, numbers = form_of(desk.settings, self._sequence_name)
        panel.metadata.restore({name: text for name, text in metadata.items() if name != "operator"})
        panel.numbers.restore(numbers)
        self._document.changed.connect(self._read_document)
        for box in (panel.sequence, panel.sample):
            box.problem.connect(panel.forecast.show_problem)
        for form in (panel.numbers, panel.metadata):
            form.changed.connect(self._take_changes)
        panel.unattended.toggled.connect(lambda _on: self._take_changes())
        panel.check.clicked.connect(self._check)
        panel.start.clicked.connect(self._start)
        panel.enqueue.clicked.connect(self._enqueue)
        self._take_changes()
        for form in (panel.numbers, panel.metadata):
            form.changed.connect(self._remember)
        desk.work.do(lambda: rig_facts(desk.rig), self._know_rig)
        panel.resume.ask()

    def show_said(self, said: Said) -> None:
        """Show what may be done, and a run that has ended."""
        self._status = status = said.status
        self.panel.sample.follow(status)
        if self.panel.sample.changes != self._present.sample_changes:
            self._take_changes()
        if status is not None:
            seen = status.get("run"), status.get("outcome")
            if seen != self._seen_run:
                first, self._seen_run = self._seen_run is None, seen
                self._take_run(status, ask_again=not first)
        self._look()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.panel.forecast.restyle()
        self._look()

    # what would be started

    @property
    def request(self) -> RunRequest:
        """What would be started now."""
        return self._present

    def _read_document(self) -> None:
        self.panel.numbers.show_numbers_of(self._document.content)
        self.panel.metadata.show_metadata_of(self._document.content)
        self._take_changes()

    def _take_changes(self) -> None:
        """Put together what would be started now; a check of something else arms nothing."""
        document, changes = self._document, self.panel.numbers.changes()
        as_shipped = document.shipped and not document.dirty and not changes
        sequence = document.source if as_shipped else with_numbers(document.standalone, changes)
        overrides = metadata_overrides(document.content, self.panel.metadata.said())
        attended, changed = not self.panel.unattended.isChecked(), self.panel.sample.changes
        self._present = RunRequest(sequence, overrides, attended=attended, sample_changes=changed)
        self._look()

    @property
    def _sequence_name(self) -> str:
        return str(self._document.path or self._document.name)

    def _remember(self) -> None:
        """Keep what was typed for a window that is opened later, also if this one is killed."""
        form = self.panel.metadata, self.panel.numbers
        remember_form(self.desk.settings, self._sequence_name, form[0].said(), form[1].changes())

    def _know_rig(self, facts: RigFacts | None, error: Exception | None) -> None:
        if facts is None:
            self.desk.diary.warn(f"the rig file {self.desk.rig} cannot be read: {error}")
            return
        self.panel.metadata.require(facts.required)
        self.panel.sample.offer(facts.samples)

    def _take_run(self, status: Mapping[str, Any], *, ask_again: bool) -> None:
        if goes_on(status):
            self.panel.ended.hide()
        elif status.get("run") is not None:
            self.panel.ended.show_run(status)
            self.panel.show_top()
            if ask_again:
                self.panel.resume.ask()

    # what is asked for

    def _is_complete(self) -> bool:
        """Whether everything is said; what is missing or wrong is shown else."""
        problems = self.panel.numbers.problems()
        if missing := self.panel.metadata.missing():
            problems.append(f"the rig asks for {', '.join(missing)}")
            self.panel.metadata.mark_missing()
        if problems:
            self.panel.forecast.show_problem("\n".join(problems))
        else:
            remember_operator(self.desk.settings, self.panel.metadata.said()["operator"].strip())
        return not problems

    def _check(self) -> None:
        asked = self._present
        if self._checking is not None or not self._is_complete():
            return
        self._checking, self._checked = asked, None
        self.panel.forecast.wait()
        self.desk.commands.do(
            "check", asked.sequence, asked.overrides, asked.attended, then=lambda done: self._take_check(asked, done)
        )
        self._look()

    def _take_check(self, asked: RunRequest, done: Done) -> None:
        self._checking = None
        if done.error is not None:
            self.panel.forecast.show_problem(str(done.error))
        else:
            self._checked, self._ok = asked, bool(done.result["ok"])
            self.panel.forecast.show_forecast(done.result)
        self._look()
        self.panel.show_forecast()

    def _start(self) -> None:
        asked = self._checked
        if asked is None or self._why_no_start():
            return
        self._starting, self._checked = True, None
        self.desk.commands.do("start", asked.sequence, asked.overrides, asked.attended, then=self._take_start)
        self._look()

    def _take_start(self, done: Done) -> None:
        self._starting = False
        if done.error is not None:
            self.panel.forecast.show_problem(str(done.error))
        else:
            self.panel.forecast.show_problem("")  # what could be started is being done
            self.desk.show("measure")
        self._look()

    def _enqueue(self) -> None:
        if self._is_complete():
            asked = self._present
            entry = {"sequence": asked.sequence, "overrides": asked.overrides, "attended": asked.attended}
            if not isinstance(asked.sequence, str) and self._document.path is not None:
                entry["source"] = str(self._document.path)
            self._adding = True
            self.desk.commands.do("queue_add", entry, then=self._take_queued)
            self._look()

    def _take_queued(self, done: Done) -> None:
        self._adding = False
        if done.error is not None:
            self.panel.forecast.show_problem(str(done.error))
        else:
            self.desk.show("queue")

    # what may be asked for

    def _why_no_start(self) -> str:
        if not self.desk.in_control:
            return LOOKS_ON
        if self._starting:
            return "It is being started."
        if self.panel.sample.choosing:
            return "Another sample is being laid there."
        if self._status is None or goes_on(self._status):
            return "A run goes on." if self._status else "The session has not answered yet."
        if self._checking is not None:
            return "It is being checked."
        if self._checked is None:
            return "Check it first."
        if self._checked != self._present:
            return "Something was changed: check it again."
        return "" if self._ok else "The check found what cannot work."

    def _look(self) -> None:
        """Enable what may be done, and light what comes next."""
        panel, theme, why = self.panel, self.desk.theme, self._why_no_start()
        idle = self._status is not None and not goes_on(self._status) and not self._starting
        panel.forecast.show_stale(self._checked is not None and self._checked != self._present)
        allow(panel.start, why or START_TIP, allowed=not why)
        panel.start.setText("Starting …" if self._starting else "Start")
        allow(panel.check, CHECK_TIP, allowed=self._checking is None and not panel.sample.choosing)
        panel.check.setText("Check" if self._checking is None else "Checking …")
        in_control = self.desk.in_control
        allow(panel.enqueue, QUEUE_TIP if in_control else LOOKS_ON, allowed=in_control and not self._adding)
        panel.enqueue.setText("Adding …" if self._adding else "Add to queue")
        panel.ended.look()
        light(panel.start, theme, on=True)
        light(panel.check, theme, on=bool(why) and idle and not panel.ended.comes_next)
        panel.resume.look(idle=idle, attended=not panel.unattended.isChecked())
