"""Runs that are to be done one after the other: a queue that survives its programs, and what carries it out."""

from acquisition.queue.attending import QUESTION_TIMEOUT_S
from acquisition.queue.entry import EntryState, OnFailure, OnInterrupt, QueueEntry, Request
from acquisition.queue.errors import QueueError, RigTakenError
from acquisition.queue.queue import RunQueue
from acquisition.queue.runner import QueueReport, QueueRunner, SessionFactory, Watcher, Why
from acquisition.queue.running import Nothing, find_cut_off, question_of
from acquisition.queue.schedule import Scheduled
from acquisition.queue.session_queue import SessionQueue
from acquisition.queue.sources import request_of_file

__all__ = [
    "QUESTION_TIMEOUT_S",
    "EntryState",
    "Nothing",
    "OnFailure",
    "OnInterrupt",
    "QueueEntry",
    "QueueError",
    "QueueReport",
    "QueueRunner",
    "Request",
    "RigTakenError",
    "RunQueue",
    "Scheduled",
    "SessionFactory",
    "SessionQueue",
    "Watcher",
    "Why",
    "find_cut_off",
    "question_of",
    "request_of_file",
]
