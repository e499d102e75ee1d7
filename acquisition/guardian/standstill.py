"""What becomes of a program that beats although what looks after its instruments stands still."""

import threading
from collections.abc import Callable

SAFE_WITHIN_S = 5.0
"""So long it may try to make its instruments safe itself; then it falls silent, and the guardian acts."""


class Standstill:
    """Decides, at each beat, whether instruments are still looked after; to be asked in one thread at a time.

    Parameters
    ----------
    why : callable
        Returns in words what stands still; empty if nothing does. Must be quick.
    trip : callable
        Is told why, once per standstill, in a thread of its own; makes the instruments safe.
    """

    def __init__(self, why: Callable[[], str], trip: Callable[[str], None]) -> None:
        self._why, self._trip = why, trip
        self._found_s: float | None = None
        self._asking = threading.Lock()

    def gives_up(self, now_s: float, *, armed: bool) -> str:
        """Return why the program has to fall silent; empty as long as it need not.

        Parameters
        ----------
        now_s : float
            Time on a clock of the caller's.
        armed : bool
            Whether a source may be on.
        """
        with self._asking:
            why = self._why() if armed else ""
            if not why:
                self._found_s = None
                return ""
            if self._found_s is None:
                self._found_s = now_s
                threading.Thread(target=self._trip, args=(why,), name="standstill", daemon=True).start()
            return why if now_s - self._found_s > SAFE_WITHIN_S else ""
