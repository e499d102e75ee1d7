"""What the queue refuses."""


class QueueError(Exception):
    """The request cannot be met; the text says why and what to do. Nothing was changed."""
