"""The axes of a stage as Bluesky moves them: two devices, though the stage moves in both at once."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Literal

from acquisition.bluesky_adapter.device import Quantity, RigDevice
from acquisition.bluesky_adapter.light import Light
from acquisition.bluesky_adapter.setting import check_number
from acquisition.bluesky_adapter.status import Background, Status, WorkInterruptedError
from drivers.interfaces.device import PlainValue
from drivers.interfaces.errors import DeviceTimeoutError, StateError
from drivers.interfaces.stage import XYStage

MOVE_TIMEOUT_S = 300.0
"""Longest time for a move and the one of the other axis before it, in wall time."""

_TURN_POLL_S = 0.02


class StageMoves:
    """What the two axes of a stage share: whose turn it is, and where the stage was sent."""

    def __init__(self, stage: XYStage) -> None:
        self._stage = stage
        self._turn = threading.Lock()
        self._target_um: list[float] | None = None

    def target_um(self) -> tuple[float, float]:
        """Return where the stage was sent; where it is, before it was."""
        x_um, y_um = self._target_um or self._stage.position_um()
        return x_um, y_um

    def move(self, axis: int, value_um: float, interrupt: threading.Event) -> None:
        """Move one axis and keep the target of the other.

        Raises
        ------
        StateError
            If something else cut the move short.
        DeviceTimeoutError
            If the other axis does not come to rest.
        """
        if not self._take_turn(interrupt):
            return
        try:
            target_um = list(self.target_um())
            target_um[axis] = value_um
            self._target_um = target_um
            x_um, y_um = target_um
            if not self._stage.move_to_um(x_um, y_um, interrupt):
                self._target_um = None
                if not interrupt.is_set():
                    raise StateError(self._stage.name, "was stopped on its way; move it again")
        finally:
            self._turn.release()

    def _take_turn(self, interrupt: threading.Event) -> bool:
        """Wait until the other axis is at rest; return False if `interrupt` is set before."""
        deadline = time.monotonic() + MOVE_TIMEOUT_S
        while not self._turn.acquire(timeout=_TURN_POLL_S):
            if interrupt.is_set():
                return False
            if time.monotonic() > deadline:
                message = f"has moved its other axis for {MOVE_TIMEOUT_S:g} s; check its connection"
                raise DeviceTimeoutError(self._stage.name, message)
        return True


class StageAxis(RigDevice):
    """One axis of a stage in um (`Movable`, `Locatable`, `Checkable`, `Readable`, `Stoppable`).

    Parameters
    ----------
    axis : str
        ``x`` or ``y``.
    stage : XYStage
        The guarded stage of the rig.
    moves : StageMoves
        Shared by both axes.
    light : Light
        Of the rig.
    """

    def __init__(self, axis: Literal["x", "y"], stage: XYStage, moves: StageMoves, light: Light) -> None:
        self._limit = f"{axis}_um"
        super().__init__(f"stage_{axis}", stage, (Quantity(f"stage_{axis}_um", "um"),), light)
        self._stage, self._moves, self._axis = stage, moves, "xy".index(axis)
        self._background = Background(self.name)

    def check_value(self, value: float) -> None:
        """Raise `RangeError` if the stage does not reach it."""
        check_number(self.name, value)
        self._stage.limits[self._limit].check(self.name, self._limit, value)

    def set(self, value: float) -> Status:
        """Move to `value` um; the status is done when the stage is there and at rest.

        Raises
        ------
        RangeError
            If the stage does not reach it; it does not move.
        """
        self.check_value(value)
        self._light.forget()
        return self._background.start(
            lambda interrupt: self._moves.move(self._axis, value, interrupt), 2 * MOVE_TIMEOUT_S
        )

    def stop(self, success: bool = True) -> None:
        """End the move where the stage is; its status fails with `WorkInterruptedError` if not `success`."""
        self._light.forget()
        error = WorkInterruptedError(f"{self.name}: stopped on its way")
        self._background.end(None if success else error)

    def locate(self) -> dict[str, Any]:
        """Return where the axis was sent and where it is, in um."""
        self._light.read_by_plan()
        return {"setpoint": self._moves.target_um()[self._axis], "readback": self._stage.position_um()[self._axis]}

    def _values(self) -> Mapping[str, PlainValue]:
        return {f"{self.name}_um": self._stage.position_um()[self._axis]}
