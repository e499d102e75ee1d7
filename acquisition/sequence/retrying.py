"""Which failures may pass by themselves, and which ones an abort may have made."""

from acquisition.sequence.errors import StepError
from acquisition.streaming import AcquisitionError
from drivers.interfaces.errors import CommunicationError, DeviceError


def may_be_tried_again(error: BaseException) -> bool:
    """Return whether a failure may pass: a wire or a timeout, or what a step found not to be as it should.

    Alarms, interlocks, values out of range and instruments in a wrong state do not pass by themselves.
    """
    if isinstance(error, AcquisitionError):
        return error.__cause__ is not None and may_be_tried_again(error.__cause__)
    if isinstance(error, DeviceError):
        return isinstance(error, CommunicationError)
    return isinstance(error, StepError)


def may_come_of_abort(error: BaseException) -> bool:
    """Return whether a failure may be that of a step which found the instruments off; a disk's, say, is none."""
    if isinstance(error, AcquisitionError):
        return error.__cause__ is not None and may_come_of_abort(error.__cause__)
    return isinstance(error, DeviceError | StepError)
