"""What the queue refuses, and what keeps an entry waiting."""


class QueueError(Exception):
    """The request cannot be met; the text says why and what to do. Nothing was changed."""


class RigTakenError(Exception):
    """A session cannot begin runs now because somebody else uses its rig; the entry goes on waiting."""
