"""The SPAD array as Bluesky triggers it: an exposure gives numbers of photons and cascades."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from acquisition.analysis.live import FIRST_CHOICE_S
from acquisition.bluesky_adapter.device import Quantity, RigDevice
from acquisition.bluesky_adapter.light import Light
from acquisition.bluesky_adapter.status import Background, Status, WorkInterruptedError
from acquisition.rig import Rig
from acquisition.session.live import new_live_analysis, warm_up
from acquisition.session.stream_settings import stream_settings
from acquisition.streaming import PhotonRecorder, acquire
from drivers.interfaces.device import PlainValue
from drivers.interfaces.errors import RangeError, StateError
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo

RecorderFactory: TypeAlias = Callable[[PhotonStreamInfo], PhotonRecorder]
"""Makes the recorder of one exposure from what holds for its stream."""


@dataclass(frozen=True, slots=True)
class _Exposure:
    photons: int
    elapsed_s: float
    cascades: int | None


class PhotonExposure(RigDevice):
    """The SPAD array with a fixed exposure (`Triggerable`, `Readable`, `Stageable`, `Pausable`).

    `stage` compiles the analysis and switches the bias on, `unstage` switches it off if `stage`
    switched it on. A pause ends the exposure and the light; Bluesky triggers it anew afterwards.

    Bluesky's documents carry numbers. Single photons are kept only where `recorder_factory` keeps
    them, so there is nothing to collect and the array is no `Flyable`.

    Parameters
    ----------
    name : str
        Name in the documents.
    rig : Rig
        With its SPAD array and calibration.
    light : Light
        Of the rig.
    exposure_s : float
        Time of one exposure in s.
    recorder_factory : callable, optional
        Stores the photons of each exposure.

    Raises
    ------
    RangeError
        If the exposure is not above 0 and finite.
    """

    def __init__(
        self, name: str, rig: Rig, light: Light, exposure_s: float, recorder_factory: RecorderFactory | None = None
    ) -> None:
        if not 0 < exposure_s < float("inf"):
            raise RangeError(name, f"exposure_s = {exposure_s!r} must be above 0 and finite")
        self._counts_cascades = exposure_s > FIRST_CHOICE_S
        super().__init__(name, rig.spad_array, _quantities(name, cascades=self._counts_cascades), light)
        self._rig, self._exposure_s = rig, exposure_s
        self._new_recorder = recorder_factory or (lambda info: _CountsOnly())
        self._settings = stream_settings(rig)
        self._background = Background(name)
        self._newest: _Exposure | None = None
        self._bias_before = False

    def stage(self) -> list[object]:
        """Compile the analysis, then switch the bias on."""
        self._light.forget()
        warm_up(self._rig.spad_array.pixel_count, self._rig.calibration)
        self._bias_before = bool(self._rig.spad_array.settings().get("bias", False))
        self._rig.spad_array.set_bias(True)
        return [self]

    def unstage(self) -> list[object]:
        """End an exposure, and switch the bias off unless it was on before `stage`."""
        self._light.forget()
        self._background.end()
        if not self._bias_before:
            self._rig.spad_array.set_bias(False)
        return [self]

    def trigger(self) -> Status:
        """Expose; the status is done when the exposure is."""
        self._light.forget()
        self._background.end()
        self._newest = None  # what fails leaves nothing to read
        return self._background.start(self._expose)

    def pause(self) -> None:
        """Take the light off the sample and end the exposure, whose photons count for nothing."""
        super().pause()
        self._background.end()

    def stop(self, success: bool = True) -> None:
        """End the exposure early; its status fails with `WorkInterruptedError` if not `success`."""
        self._light.forget()
        error = WorkInterruptedError(f"{self.name}: the exposure was stopped early")
        self._background.end(None if success else error)

    def _expose(self, interrupt: threading.Event) -> None:
        info = self._rig.spad_array.stream_info()
        live = new_live_analysis(info, self._rig.calibration)
        result = acquire(
            self._rig.spad_array,
            self._exposure_s,
            info,
            self._new_recorder(info),
            live,
            stop=interrupt,
            settings=self._settings,
            on_error=self._rig.make_safe,
        )
        cascades = None if result.live is None else result.live.cascades
        self._newest = _Exposure(result.photons, result.elapsed_s, cascades)

    def _values(self) -> Mapping[str, PlainValue]:
        newest = self._newest
        if newest is None:
            raise StateError(self.name, "has no exposure to read; trigger one first")
        values: dict[str, PlainValue] = {
            f"{self.name}_count_rate_cps": newest.photons / newest.elapsed_s if newest.elapsed_s else 0.0,
            f"{self.name}_photons": newest.photons,
            f"{self.name}_elapsed_s": newest.elapsed_s,
        }
        if self._counts_cascades:
            if newest.cascades is None:
                raise StateError(self.name, "the analysis of the exposure failed, so its cascades are not known")
            values[f"{self.name}_cascades"] = newest.cascades
        return values

    def _configuration(self) -> list[tuple[Quantity, PlainValue]]:
        info = self._rig.spad_array.stream_info()
        return [
            *super()._configuration(),
            (Quantity(f"{self.name}_exposure_s", "s"), self._exposure_s),
            (Quantity(f"{self.name}_pixels", "", "integer"), info.pixel_count),
            (Quantity(f"{self.name}_pulsed", "", "boolean"), info.pulsed),
            (Quantity(f"{self.name}_period_ps", "ps"), info.period_ps),
        ]


class _CountsOnly:
    """Keeps no photons."""

    def append(self, block: PhotonBlock) -> None:
        """Let the block go."""

    def finish(self) -> None:
        """Nothing was kept."""

    def abandon(self) -> None:
        """Nothing was kept."""


def _quantities(name: str, *, cascades: bool) -> tuple[Quantity, ...]:
    """Return what an exposure gives; cascades only where the exposure is long enough to choose region and window."""
    counted = (
        Quantity(f"{name}_count_rate_cps", "counts/s"),
        Quantity(f"{name}_photons", "photons", "integer"),
        Quantity(f"{name}_elapsed_s", "s"),
    )
    return (*counted, Quantity(f"{name}_cascades", "cascades", "integer")) if cascades else counted
