"""Whether there is one emitter, and how bright it is without it: a test and two backgrounds, one click each."""

from collections.abc import Mapping
from typing import Any

from qtpy.QtWidgets import QGridLayout, QGroupBox, QLabel, QPushButton

from acquisition.gui.align import words
from acquisition.gui.client.commands import Done
from acquisition.gui.view import Desk

TEST_MOST_S = 120.0
BACKGROUND_S = 10.0

MEASURING = "measuring …"
_MODES: Mapping[object, str] = {"dark": "dark", "off_dot": "off-dot"}
ELSEWHERE = " (before the stage moved)"


class EmitterBox(QGroupBox):
    """Buttons of the procedures that judge an emitter, and what they found last.

    Parameters
    ----------
    desk : Desk
        By which a click reaches the session.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__("Emitter")
        self._desk = desk
        self._has_stage = False
        self.test = QPushButton("Single emitter?")
        self.test.setToolTip(
            f"Record at most {TEST_MOST_S:g} s and ask the time-gated g2 whether one nanocrystal emits here: two of "
            "the same brightness give 0.5, one gives less. It ends as soon as that is proved."
        )
        self.dark = QPushButton("Dark background")
        self.dark.setToolTip(f"Record {BACKGROUND_S:g} s without light: the dark count rate of each pixel.")
        self.off_dot = QPushButton("Off-dot background")
        self.off_dot.setToolTip(
            f"Record {BACKGROUND_S:g} s of light 2 µm beside the emitter: scatter and fluorescence of the substrate. "
            "The stage goes there and back; without one you are asked to move."
        )
        self.test.clicked.connect(lambda: self._do({"kind": "confirm_single_emitter", "most": f"{TEST_MOST_S:g} s"}))
        self.dark.clicked.connect(lambda: self._do({**_BACKGROUND, "mode": "dark"}))
        self.off_dot.clicked.connect(self._take_off_dot)
        self.found = QLabel("")
        self.found.setWordWrap(True)
        self.background = QLabel("no background")
        self.background.setWordWrap(True)
        layout = QGridLayout(self)
        layout.addWidget(self.test, 0, 0, 1, 2)
        layout.addWidget(self.found, 1, 0, 1, 2)
        layout.addWidget(self.dark, 2, 0)
        layout.addWidget(self.off_dot, 2, 1)
        layout.addWidget(self.background, 3, 0, 1, 2)

    def show_state(self, panel: Mapping[str, Any] | None, *, usable: bool, has_stage: bool) -> None:
        """Show the background of the panel `alignment`, and whether anything can be asked for now."""
        self._has_stage = has_stage
        for button in (self.test, self.dark, self.off_dot):
            button.setEnabled(usable)
        background_cps = (panel or {}).get("background_cps")
        known = "" if background_cps is None else " ".join(words.rate(background_cps))
        mode = _MODES.get((panel or {}).get("background_mode"), "")
        self.background.setText(f"{mode} background {known}".lstrip() if known else "no background")

    def clear(self) -> None:
        """Forget what was found: it is of another dot."""
        self.found.setText("")

    def outdate(self) -> None:
        """Say that what was found is that of another place."""
        text = self.found.text()
        if text and text != MEASURING and not text.endswith(ELSEWHERE):
            self.found.setText(text + ELSEWHERE)

    def _take_off_dot(self) -> None:
        moved_by = "stage" if self._has_stage else "person"
        self._do({**_BACKGROUND, "mode": "off_dot", "moved_by": moved_by})

    def _do(self, step: dict[str, Any]) -> None:
        self.found.setText(MEASURING)
        self._desk.commands.do("do_step", step, then=self._show)

    def _show(self, done: Done) -> None:
        self.found.setText(_found(done))


_BACKGROUND = {"kind": "acquire_background", "duration": f"{BACKGROUND_S:g} s"}


def _found(done: Done) -> str:
    if done.error is not None:
        return f"not measured: {done.error}"
    values = (done.result or {}).get("values") or {}
    if "verdict" in values:
        g2, error = values.get("g2_gated"), values.get("g2_gated_error")
        number = f", gated g2 = {g2:.2f} ± {error:.2f}" if g2 is not None and error is not None else ""
        said = {"one": "one emitter", "several": "several emitters"}.get(values["verdict"], "undecided: more light")
        return said + number
    if "background" in values:
        name = _MODES[values["background"]]
        rate = values.get("background_cps")
        return f"{name} background taken" + (f": {' '.join(words.rate(rate))}" if rate is not None else "")
    return "done"
