"""What happens when the window is closed: it asks, and leaves nothing on that nobody watches."""

import time
from typing import TYPE_CHECKING

from acquisition.gui.client.commands import Done
from acquisition.gui.client.feed import Said
from acquisition.gui.dialogs import Answer, ask
from acquisition.gui.run.progress import goes_on

if TYPE_CHECKING:
    from acquisition.gui.window.main_window import MainWindow

TITLE = "Close the window"

TIMEOUT_S = 30.0
"""Longest that the session may take to make all safe before the window asks again."""


class Farewell:
    """Decides what becomes of the session when the window goes.

    Parameters
    ----------
    window : MainWindow
        That it closes.
    of_a_window : bool
        Whether a window started the session server; with the last window it ends then.

    Attributes
    ----------
    free : bool
        Whether nothing more needs to be asked.
    server_ends : bool
        Whether the session server ends with the window.
    """

    def __init__(self, window: "MainWindow", *, of_a_window: bool) -> None:
        self._window, self._of_a_window = window, of_a_window
        self._said = Said()
        self.free = False
        self._asked_s: float | None = None
        self.server_ends = False

    def see(self, said: Said) -> None:
        """Take note of what goes on, and of a session that takes too long to make all safe."""
        self._said = said
        if self._asked_s is not None and time.monotonic() - self._asked_s > TIMEOUT_S:
            self._asked_s = None
            self._failed(f"the session has not answered within {TIMEOUT_S:g} s")

    def leave(self) -> None:
        """Close without asking: what goes on, goes on; what nobody needs any more is made safe."""
        if self._busy():
            self._let_go()
        else:
            self._make_safe_and_close()

    def may_close(self) -> bool:
        """Return whether the window may close now; else it closes by itself, or stays, as the person decides."""
        if self.free:
            return True
        if self._asked_s is not None:
            return False
        if lost := self._unsaved():
            close = Answer("Close without saving", self._go)
            ask(self._window, TITLE, f"{lost}\n\nClose the window all the same?", [close])
        else:
            self._go()
        return self.free

    def _go(self) -> None:
        """Leave what is not saved, and close, or ask about what goes on."""
        if not self._busy():
            self._make_safe_and_close()
        elif self._window.desk.in_control:
            self._ask_about_run()
        else:
            self._let_go()

    def _busy(self) -> bool:
        queue = self._said.queue or {}
        return goes_on(self._said.status) or queue.get("state") == "running"

    def _unsaved(self) -> str:
        reasons = [holder.busy_because() for holder in self._window.holders()]
        return "\n".join(reason for reason in reasons if reason)

    def _ask_about_run(self) -> None:
        status = self._said.status or {}
        aligning = status.get("mode") == "alignment"
        what = "An alignment is going on, with the light as it is." if aligning else "A run is going on."
        if not goes_on(status):
            what = "The queue is going on."
        leave = Answer(
            "Leave it running",
            self.leave,
            "Close the window only. Reopen it with the same command to see how the run stands.",
        )
        abort = Answer(
            "Abort, make safe and quit",
            self._abort_and_close,
            "Light, heat and gain off now. What was recorded is kept and can be resumed.",
        )
        text = f"{what} It does not need this window: a window that is opened later shows it."
        ask(self._window, TITLE, text, [leave, abort])

    def _let_go(self) -> None:
        self.free = True
        self._window.close()

    def _abort_and_close(self) -> None:
        if not self._busy():  # it has ended while the question stood there
            self._make_safe_and_close()
            return
        self._wait("Making safe …")
        if (self._said.queue or {}).get("state") == "running":
            self._window.desk.commands.do("queue_stop")
        self._window.desk.commands.do("abort", then=self._aborted)

    def _aborted(self, done: Done) -> None:
        if done.error is not None:
            self._failed(str(done.error))
        else:
            self._make_safe_and_close(force=True)

    def _make_safe_and_close(self, *, force: bool = False) -> None:
        """End the server if it is ours and nobody else looks on, else switch off what was left on by hand."""
        desk = self._window.desk
        unreachable = self._said.refused or self._said.control is None  # one that hangs is asked, and told of
        if not desk.in_control or unreachable:
            self._let_go()
            return
        alone = len((self._said.control or {}).get("clients", ())) <= 1
        self._wait("Making safe …")
        if self._of_a_window and alone:
            self.server_ends = True
            desk.commands.do("shutdown", force, then=self._ended)
        else:
            desk.commands.do("switch_off", then=self._ended)

    def _ended(self, done: Done) -> None:
        if done.error is not None:
            self.server_ends = False
            self._failed(str(done.error))
        else:
            self._let_go()

    def _wait(self, words: str) -> None:
        self._asked_s = time.monotonic()
        self._window.desk.diary.note(words)

    def _failed(self, why: str) -> None:
        """Let a person decide about a session that could not be left safe."""
        self._asked_s = None
        close = Answer("Close the window all the same", self._let_go)
        ask(self._window, TITLE, f"The instruments may not be safe: {why}", [close], no="Keep it open")
