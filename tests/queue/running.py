"""Running a queue on fake sessions."""

import threading

from acquisition.queue import QueueRunner, find_cut_off
from acquisition.queue.running import running
from tests.queue.fakes import FakeSession


class Sessions:
    def __init__(self, outcomes):
        self.outcomes, self.made = outcomes, []

    def __call__(self, rig, out):
        self.made.append(FakeSession(out, self.outcomes))
        return self.made[-1]


def carry_out(queue, *outcomes, stop=None, **more):
    sessions = Sessions(list(outcomes))
    report = QueueRunner(queue, sessions, **more).run(stop or threading.Event())
    return report, sessions.made


def states(queue):
    return {entry.id: str(entry.state) for entry in queue.entries()}


def interrupted(queue, *, with_run):
    """Leave an entry as a program does that is killed."""
    with running(queue) as hands:
        entry = hands.take()
        if with_run:
            session = FakeSession(entry.request.out, ["goes on"])
            hands.note_run(entry.id, session.start({"metadata": {"queue_entry": entry.mark}}))
    find_cut_off(queue)
    return queue.entry(entry.id)
