"""Errors of sequences."""


class SequenceError(Exception):
    """A sequence cannot be carried out as it is; the text names the step and what is allowed."""


class StepError(SequenceError):
    """A step failed while it was carried out; the cause is chained."""
