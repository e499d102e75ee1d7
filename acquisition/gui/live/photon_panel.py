"""What the panels of photons share: words while there is nothing, and what exported plots say of their data."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from qtpy.QtWidgets import QVBoxLayout

from acquisition.gui.client.feed import Said
from acquisition.gui.plots.canvas import Canvas
from acquisition.gui.view import Desk, LivePanel

NOTHING_YET = "Nothing is measured yet. Start a run."
WAITS = "Waits for photons."


class PhotonPanel(LivePanel):
    """Draws one panel of `Session.live`, maybe with others beside it.

    Subclasses name it in `main`, put plots into `column` and list them in `canvases`.
    """

    main: ClassVar[str]
    waits: ClassVar[str] = WAITS

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.canvases: list[Canvas] = []
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(2, 2, 2, 2)
        self.column.setSpacing(2)
        self._newest: Said | None = None

    @abstractmethod
    def draw_content(self, content: Mapping[str, Any], said: Said) -> None:
        """Draw what the panel holds."""

    @abstractmethod
    def clear(self) -> None:
        """Draw nothing."""

    def say(self, words: str) -> None:
        """Say why nothing is drawn; empty takes the words away."""
        if self.canvases:
            self.canvases[0].say(words)

    def show_said(self, said: Said) -> None:
        """Draw what is new; before the first answer, say what is waited for."""
        super().show_said(said)
        if self._newest is None:
            self.say(why_nothing(said, self.waits))

    def draw(self, said: Said) -> None:
        """Draw the newest, or say why there is nothing."""
        self._newest = said
        content = said.panels.get(self.main)
        problem = str(said.live.get("problem") or (content or {}).get("problem") or "")
        for canvas in self.canvases:
            canvas.simulated = bool(said.live.get("simulated"))
            canvas.about = about(said)
        if content is None or problem:
            self.clear()
            self.say(problem or why_nothing(said, self.waits))
            return
        self.say("")
        self.draw_content(content, said)

    def redraw(self) -> None:
        """Draw the newest again, such as after a choice."""
        if self._newest is not None:
            self.draw(self._newest)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        super().restyle()
        for canvas in self.canvases:
            canvas.restyle()
        self.redraw()


def why_nothing(said: Said, waits: str) -> str:
    """Return why a panel of photons is empty."""
    status = said.status or {}
    return waits if status.get("run") or said.live.get("run") else NOTHING_YET


def about(said: Said) -> str:
    """Return where the data of live panels come from, e.g. ``2026-11-21T085634_cascade, point 1``."""
    run, point = said.live.get("run"), said.live.get("point")
    parts = [Path(str(run)).name if run else "", f"point {point}" if point else "", str(said.live.get("label") or "")]
    return ", ".join(part for part in parts if part)
