"""When each entry is expected to start and to end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from acquisition.queue.entry import EntryState, QueueEntry
from acquisition.queue.rows import in_order


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An entry with its times: those that were, else those that are expected; None if not known."""

    entry: QueueEntry
    starts_at: datetime | None
    ends_at: datetime | None


def schedule(entries: Iterable[QueueEntry], now: datetime, *, held: bool = False) -> tuple[Scheduled, ...]:
    """Return the times of entries, finished ones first.

    What waits is counted from the expected end of what runs, or from now; after an entry of unknown
    duration nothing is known, and of what is held neither. What has run longer than expected is
    expected to end now.

    Parameters
    ----------
    entries : iterable of QueueEntry
        As in the queue.
    now : datetime
        The present time, in UTC.
    held : bool
        Whether the whole queue is held.
    """
    everything = list(entries)
    found = [Scheduled(entry, entry.started_at, entry.ended_at) for entry in everything if entry.finished]
    free_at: datetime | None = now
    for entry in in_order(everything):
        if entry.state is EntryState.RUNNING:
            free_at = _later(entry.started_at, entry.expected_s)
            free_at = None if free_at is None else max(free_at, now)
            found.append(Scheduled(entry, entry.started_at, free_at))
        elif held or entry.held or entry.state is EntryState.INTERRUPTED:
            found.append(Scheduled(entry, None, None))
            goes_on = entry.state is not EntryState.INTERRUPTED or (entry.asks and not entry.keeps_others_waiting)
            free_at = free_at if goes_on else None
        else:
            starts_at, free_at = free_at, _later(free_at, entry.expected_s)
            found.append(Scheduled(entry, starts_at, free_at))
    return tuple(found)


def _later(time: datetime | None, seconds: float | None) -> datetime | None:
    return None if time is None or seconds is None else time + timedelta(seconds=seconds)
