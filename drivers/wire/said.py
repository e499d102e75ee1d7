"""What libraries say when a connection fails, in words that a person understands."""

import errno
from typing import Final

REFUSED: Final = "nobody listens there: the connection is refused"
NO_ANSWER: Final = "no answer in time"
CLOSED: Final = "the other end has closed the connection"

_ERRORS = {
    errno.ECONNREFUSED: REFUSED,
    errno.ETIMEDOUT: NO_ANSWER,
    errno.EHOSTUNREACH: "there is no way to that computer",
    errno.ENETUNREACH: "there is no way to that computer",
    errno.ECONNRESET: CLOSED,
    errno.EPIPE: CLOSED,
}


def in_words(error: BaseException) -> str:
    """Return what an error of a wire means; codes of VISA are said as pyvisa explains them.

    Parameters
    ----------
    error : Exception
        Whatever a library raised: `OSError`, an error of pyvisa or of pyserial.
    """
    if isinstance(error, OSError) and (known := _ERRORS.get(error.errno or 0)) is not None:
        return known
    if isinstance(error, TimeoutError):
        return NO_ANSWER
    text = str(error)
    if "Connection refused" in text or "WinError 10061" in text or "VI_ERROR_CONN_REFUSED" in text:
        return REFUSED
    if (code := _visa_code(error)) is not None:
        return _of_visa(code)
    return text or type(error).__name__


def _visa_code(error: BaseException) -> int | None:
    """Return the status of VISA in an error, or in one that is nothing but the number of one."""
    code = getattr(error, "error_code", None)
    if isinstance(code, int):
        return int(code)
    for said in (*error.args, str(error)):
        try:
            number = int(said)
        except (TypeError, ValueError):
            continue
        if number < -1_000_000_000:  # VISA errors are 0xBFFF.... as signed numbers of 32 bits
            return number
    return None


def _of_visa(code: int) -> str:
    from pyvisa.errors import completion_and_error_messages  # where VISA is used it is there already

    name, meaning = completion_and_error_messages.get(code, (f"VISA error {code}", "no meaning is known"))
    return f"{meaning.rstrip('.')} ({name})"
