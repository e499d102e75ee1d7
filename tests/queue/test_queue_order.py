"""Whatever people and programs do with a queue in whatever order, it does what a plain list would do."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acquisition.queue import EntryState, OnFailure, OnInterrupt, QueueEntry, QueueError, Request, RunQueue
from acquisition.queue.running import running
from tests.queue.fakes import SEQUENCE

FAILURES = st.sampled_from(OnFailure)
INTERRUPTS = st.sampled_from(OnInterrupt)
ENDS = st.sampled_from([EntryState.COMPLETED, EntryState.STOPPED, EntryState.ABORTED, EntryState.FAILED])


class QueueAgainstList(RuleBasedStateMachine):
    """The model: ids in their order, who is held, what runs, what was interrupted, and how all others ended."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.queue = RunQueue(Path(self.folder.name) / "queue.sqlite")
        self.hands_context = running(self.queue)
        self.hands = self.hands_context.__enter__()
        self.waiting, self.held, self.policies, self.failures = [], set(), {}, {}
        self.running, self.interrupted = None, []
        self.ended, self.queue_held, self.begun = {}, False, []

    def teardown(self):
        self.hands_context.__exit__(None, None, None)
        self.folder.cleanup()

    @initialize(on_failure=FAILURES, on_interrupt=INTERRUPTS)
    def begin_with_some(self, on_failure, on_interrupt):
        for _ in range(3):
            self.add(on_failure, on_interrupt)

    @rule(on_failure=FAILURES, on_interrupt=INTERRUPTS)
    def add(self, on_failure, on_interrupt):
        request = Request(sequence=SEQUENCE, out=self.folder.name, on_failure=on_failure, on_interrupt=on_interrupt)
        entry = self.queue.add(request)
        assert entry.id not in self.policies
        self.waiting.append(entry.id)
        self.policies[entry.id] = on_failure, on_interrupt

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), position=st.integers(1, 6))
    def move(self, data, position):
        moved = data.draw(st.sampled_from(self.waiting))
        self.queue.move(moved, position)
        self.waiting.remove(moved)
        self.waiting.insert(position - 1, moved)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), hold=st.booleans())
    def hold_or_release_one(self, data, hold):
        entry_id = data.draw(st.sampled_from(self.waiting))
        (self.queue.hold if hold else self.queue.release)(entry_id)
        (self.held.add if hold else self.held.discard)(entry_id)

    @rule(hold=st.booleans())
    def hold_or_release_all(self, hold):
        (self.queue.hold if hold else self.queue.release)()
        self.queue_held = hold

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def remove(self, data):
        entry_id = data.draw(st.sampled_from(self.waiting))
        self.queue.remove(entry_id)
        self.waiting.remove(entry_id)
        self.held.discard(entry_id)

    @rule()
    def clear_finished(self):
        assert self.queue.clear_finished() == len(self.ended)
        self.ended.clear()

    @precondition(lambda self: self.running is None)
    @rule()
    def take(self):
        taken = self.hands.take()
        expected = self._next()
        assert (taken.id if isinstance(taken, QueueEntry) else None) == expected
        if expected is not None:
            self.begun.append(taken.mark)
            self.running = expected

    @precondition(lambda self: self.running is not None)
    @rule(outcome=ENDS)
    def conclude(self, outcome):
        self.hands.conclude(self.running, outcome)
        entry_id, self.running = self.running, None
        policy, _ = self.policies[entry_id]
        failed = outcome is EntryState.FAILED
        if failed and policy is OnFailure.RETRY_ONCE and not self.failures.get(entry_id):
            self.failures[entry_id] = 1
            self.waiting.insert(self._place(entry_id), entry_id)
            return
        self.ended[entry_id] = outcome
        self.queue_held |= outcome is EntryState.ABORTED or (failed and policy is OnFailure.STOP_QUEUE)

    @precondition(lambda self: self.running is not None)
    @rule()
    def be_killed(self):
        self.hands.find_cut_off()
        self.interrupted.append(self.running)
        self.running = None

    @precondition(lambda self: self.interrupted)
    @rule(data=st.data(), policy=INTERRUPTS)
    def answer(self, data, policy):
        entry_id = data.draw(st.sampled_from(self.interrupted))
        self.queue.edit(entry_id, on_interrupt=policy)
        self.policies[entry_id] = self.policies[entry_id][0], policy

    @precondition(lambda self: self.running is not None)
    @rule()
    def what_runs_is_left_alone(self):
        for act in (self.queue.remove, self.queue.hold, lambda entry_id: self.queue.move(entry_id, 1)):
            with pytest.raises(QueueError):
                act(self.running)

    @invariant()
    def nothing_is_lost_and_the_order_is_right(self):
        entries = self.queue.entries()
        assert [entry.id for entry in entries if entry.state is EntryState.WAITING] == self.waiting
        assert {entry.id: entry.state for entry in entries if entry.finished} == self.ended
        assert {entry.id for entry in entries if entry.held and not entry.finished} >= self.held
        assert [entry.id for entry in entries if entry.state is EntryState.RUNNING] == [self.running][
            : bool(self.running)
        ]
        assert (self.queue.hold_reason is not None) is self.queue_held
        assert len(set(self.begun)) == len(self.begun)  # each attempt has a mark of its own

    def _next(self):
        """Return what the model would run next, and skip what is to be skipped."""
        if self.queue_held:
            return None
        position = {entry.id: entry.position for entry in self.queue.entries()}
        for entry_id in sorted(self.interrupted, key=position.get):
            on_failure, policy = self.policies[entry_id]
            if policy is OnInterrupt.ASK:
                if on_failure is OnFailure.CONTINUE:
                    continue
                return None
            self.interrupted.remove(entry_id)
            if policy is not OnInterrupt.SKIP:
                return entry_id
            self.ended[entry_id] = EntryState.SKIPPED
        free = [entry_id for entry_id in self.waiting if entry_id not in self.held]
        if free:
            self.waiting.remove(free[0])
        return free[0] if free else None

    def _place(self, entry_id):
        """Return where an entry that is tried again stands: where it stood, by the positions of the others."""
        position = {entry.id: entry.position for entry in self.queue.entries()}
        return sum(position[other] < position[entry_id] for other in self.waiting)


TestQueueAgainstList = QueueAgainstList.TestCase
TestQueueAgainstList.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
