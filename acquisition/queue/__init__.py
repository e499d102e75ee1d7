"""Runs that are to be done one after the other: a queue that survives its programs, and what carries it out."""

from acquisition.queue.entry import EntryState, OnFailure, OnInterrupt, QueueEntry, Request
from acquisition.queue.errors import QueueError
from acquisition.queue.queue import RunQueue
from acquisition.queue.runner import QueueReport, QueueRunner, SessionFactory, Watcher, Why
from acquisition.queue.running import find_cut_off
from acquisition.queue.schedule import Scheduled
from acquisition.queue.sources import request_of_file

__all__ = [
    "EntryState",
    "OnFailure",
    "OnInterrupt",
    "QueueEntry",
    "QueueError",
    "QueueReport",
    "QueueRunner",
    "Request",
    "RunQueue",
    "Scheduled",
    "SessionFactory",
    "Watcher",
    "Why",
    "find_cut_off",
    "request_of_file",
]
