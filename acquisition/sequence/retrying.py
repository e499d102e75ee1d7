"""How often a step is tried, which failures may pass by themselves, and which ones an abort may have made."""

from acquisition.sequence.errors import StepError
from acquisition.sequence.steps import Retry
from acquisition.streaming import AcquisitionError
from drivers.interfaces.errors import CommunicationError, DeviceError

BRINGING_BACK = Retry(times=3, wait_s=5.0)
"""How often the instruments are set again after a pause or a break, whatever the step says: that repeats nothing."""


class Tries:
    """The attempts of one step; `wait_s` is the time in the dark before the next."""

    def __init__(self, retry: Retry | None) -> None:
        self._retry = retry
        self._failures = self._not_brought_back = 0
        self.wait_s = 0.0

    @property
    def count(self) -> int:
        """The present attempt, from 1."""
        return 1 + self._failures

    @property
    def skips(self) -> bool:
        """Whether a step that has failed too often is skipped."""
        return self._retry is not None and self._retry.then == "skip"

    def again(self, error: BaseException, *, bringing_back: bool) -> bool:
        """Take note of a failure, in the step or before it, and return whether there is another attempt."""
        if not may_be_tried_again(error):
            return False
        if bringing_back:
            self._not_brought_back += 1
            self.wait_s = BRINGING_BACK.wait_s
            return self._not_brought_back <= BRINGING_BACK.times
        self._failures += 1
        self.wait_s = self._retry.wait_s if self._retry else 0.0
        return self._retry is not None and self._failures <= self._retry.times


def may_be_tried_again(error: BaseException) -> bool:
    """Return whether a failure may pass: a wire or a timeout, or what a step found not to be as it should.

    Alarms, interlocks, values out of range and instruments in a wrong state do not pass by themselves.
    """
    if isinstance(error, AcquisitionError):
        is_safe = getattr(error, "unsafe", None) is None
        return is_safe and error.__cause__ is not None and may_be_tried_again(error.__cause__)
    if isinstance(error, DeviceError):
        return isinstance(error, CommunicationError)
    return isinstance(error, StepError)


def may_come_of_abort(error: BaseException) -> bool:
    """Return whether a failure may be that of a step which found the instruments off; a disk's, say, is none."""
    if isinstance(error, AcquisitionError):
        return error.__cause__ is not None and may_come_of_abort(error.__cause__)
    return isinstance(error, DeviceError | StepError)
